"""The checks of notebook 03 accept right answers, tell stubs apart, and name the usual mistakes."""

import numpy as np
import pytest

from nst_utils import checks

CONTENT, VARIATION = checks.check_relative_content_loss, checks.check_total_variation
LAYERS, TOTAL = checks.check_style_of_layers, checks.check_weighted_total


def energy(array):
    return np.sum(np.square(array))


def pairs(picture, axes=(0, 1)):
    return np.concatenate([np.diff(picture, axis=axis).ravel() for axis in axes])


def relative(gram, target):
    return energy(gram - target) / energy(target)


@pytest.mark.parametrize("check", [CONTENT, VARIATION, LAYERS, TOTAL])
@pytest.mark.parametrize("stub", [..., None])
def test_unsolved_stubs_are_neither_right_nor_wrong(check, stub):
    verdict = check(lambda *arguments: stub)
    assert not verdict.passed
    assert "not solved yet" in repr(verdict)


@pytest.mark.parametrize("check", [CONTENT, VARIATION, LAYERS, TOTAL])
def test_any_other_number_or_shape_is_wrong_with_a_hint(check):
    assert "Compare with the formula" in repr(check(lambda *arguments: 123.0))
    assert "scalar" in repr(check(lambda *arguments: np.ones(3)))
    assert "expected" in repr(check(lambda *arguments: np.nan))


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (CONTENT, lambda f, p: ((f - p) ** 2).sum() / (p**2).sum()),
        (CONTENT, lambda f, p: np.linalg.norm(f - p) ** 2 / np.linalg.norm(p) ** 2),
        (CONTENT, lambda f, p: np.mean((f - p) ** 2) / np.mean(p**2)),
        (VARIATION, lambda x: np.abs(pairs(x)).mean()),
        (LAYERS, lambda g, a: np.mean([relative(g[name], a[name]) for name in a])),
        (LAYERS, lambda g, a: sum(relative(g[name], a[name]) for name in a) / len(a)),
        (TOTAL, lambda terms, weights: sum(weights[name] * terms[name] for name in terms)),
        (TOTAL, lambda terms, weights: np.dot([terms[n] for n in weights], list(weights.values()))),
    ],
)
def test_right_ways_are_accepted(check, answer):
    verdict = check(answer)
    assert verdict.passed
    assert verdict.text.startswith("✅")


def test_a_tensor_is_an_answer_too():
    from nst_utils import losses

    assert CONTENT(losses.content_loss).passed
    assert VARIATION(losses.total_variation_loss).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda f, p: np.abs(f - p).sum() / np.abs(p).sum(), "Square the entries"),
        (lambda f, p: (f - p).sum() / p.sum(), "cancel"),
        (lambda f, p: np.linalg.norm(f - p) / np.linalg.norm(p), "square root out"),
        (lambda f, p: np.mean((f - p) ** 2), "mean of squares"),
        (lambda f, p: energy(f - p), "sum of its squares"),
        (lambda f, p: energy(f - p) / 2, "paper's form"),
        (lambda f, p: energy(f - p) / energy(f), "yardstick"),
        (lambda f, p: energy(f - p) / np.linalg.norm(p), "square of the target's norm"),
        (lambda f, p: np.mean(((f - p) / p) ** 2), "entry by entry"),
        (lambda f, p: (f - p) ** 2 / p**2, "scalar"),
    ],
)
def test_content_mistakes_are_named(answer, hint):
    assert _rejects(CONTENT(answer), hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x: np.abs(pairs(x)).sum(), "This is the sum"),
        (lambda x: np.mean(pairs(x) ** 2), "squares"),
        (lambda x: pairs(x).mean(), "cancel"),
        (lambda x: np.abs(pairs(x)).sum() / x.size, "not of pixels"),
        (lambda x: np.mean([np.abs(x - np.roll(x, 1, axis)) for axis in (0, 1)]), "wraps around"),
        (lambda x: np.abs(x[1:, 1:] - x[:-1, :-1]).mean(), "Diagonal"),
        (lambda x: np.abs(pairs(x, (0,))).mean(), "vertical pairs alone"),
        (lambda x: np.abs(pairs(x, (1,))).mean(), "horizontal pairs alone"),
        (lambda x: sum(np.abs(pairs(x, (axis,))).mean() for axis in (0, 1)) / 2, "mean of two means"),
        (lambda x: sum(np.abs(pairs(x, (axis,))).mean() for axis in (0, 1)), "then divide by how many"),
        (lambda x: np.abs(pairs(x, (1, 2))).mean(), "axes 0 and 1"),
        (lambda x: np.abs(pairs(x, (0, 1, 2))).mean(), "leave axis 2 out"),
    ],
)
def test_total_variation_mistakes_are_named(answer, hint):
    assert _rejects(VARIATION(answer), hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda g, a: sum(relative(g[name], a[name]) for name in a), "sum over layers"),
        (lambda g, a: sum(energy(g[n] - a[n]) for n in a) / sum(energy(a[n]) for n in a), "big numbers"),
        (lambda g, a: np.mean([energy(g[name] - a[name]) for name in a]), "target's energy"),
        (lambda g, a: np.mean([np.mean((g[name] - a[name]) ** 2) for name in a]), "mean of squares"),
        (lambda g, a: np.mean([relative(g[name], a[name]) ** 0.5 for name in a]), "square root out"),
        (lambda g, a: np.mean([energy(g[name] - a[name]) / energy(g[name]) for name in a]), "yardstick"),
        (
            lambda g, a: np.mean([relative(*pair) for pair in zip(g.values(), a.values(), strict=True)]),
            "by name",
        ),
        (lambda g, a: relative(g["shallow"], a["shallow"]), "first layer alone"),
        (lambda g, a: relative(g["deep"], a["deep"]), "last layer alone"),
    ],
)
def test_style_mistakes_are_named(answer, hint):
    assert _rejects(LAYERS(answer), hint)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda t, w: np.dot(list(t.values()), list(w.values())), "by name"),
        (lambda t, w: {name: w[name] * t[name] for name in t}, "Add its values"),
        (lambda terms, weights: sum(terms.values()), "weights are missing"),
        (lambda t, w: sum(w[name] * t[name] for name in t) / sum(w.values()), "add up to 1"),
        (lambda t, w: sum(w[name] * t[name] for name in t) / len(t), "mean would make"),
        (lambda t, w: sum(t.values()) * sum(w.values()), "weight of its own"),
        (lambda t, w: w["content"] * t["content"] + w["style"] * t["style"], "total_variation is missing"),
        (lambda t, w: sum(w[n] * t[n] for n in ("style", "total_variation")), "content is missing"),
    ],
)
def test_weighted_total_mistakes_are_named(answer, hint):
    assert _rejects(TOTAL(answer), hint)


def test_an_answer_that_works_in_place_is_judged_by_its_result():
    def in_place(features, target):
        features -= target
        return np.sum(features**2) / np.sum(target**2)

    assert CONTENT(in_place).passed


def _rejects(verdict, hint):
    return not verdict.passed and verdict.text.startswith("❌") and hint in repr(verdict)
