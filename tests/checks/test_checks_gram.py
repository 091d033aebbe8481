"""The checks of notebook 02 accept right answers and name the usual mistakes."""

import numpy as np
import pytest

from nst_utils import checks

CHECKS = (
    checks.check_gram_channels_first,
    checks.check_break_pairs,
    checks.check_relative_distance,
    checks.check_mmd_with_means,
)


def verdict_is(verdict, hint):
    """Whether a verdict is a rejection whose text holds the hint."""
    return not verdict.passed and verdict.text.startswith("❌") and hint in verdict.text


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("stub", [..., None])
def test_unsolved_stubs_are_neither_right_nor_wrong(check, stub):
    verdict = check(lambda *arguments: stub)
    assert not verdict.passed
    assert "not solved yet" in verdict.text


def table(features):
    """Features ``(c, h, w)`` as ``(positions, c)``."""
    return features.reshape(len(features), -1).T


@pytest.mark.parametrize(
    "answer",
    [
        lambda f: table(f).T @ table(f) / len(table(f)),
        lambda f: np.einsum("ihw,jhw->ij", f, f) / f[0].size,
        lambda f: np.mean([np.outer(v, v) for v in table(f)], axis=0),
        lambda f: (table(f).T @ table(f) / len(table(f))).astype(np.float32),
    ],
)
def test_gram_accepts_every_right_way(answer):
    assert checks.check_gram_channels_first(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda f: table(f) @ table(f).T / f[0].size, "positions with positions"),
        (lambda f: table(f).T @ table(f), "but for the division"),
        (lambda f: table(f).T @ table(f) / f.size, "not by c·h·w"),
        (lambda f: table(f).T @ table(f) / len(f), "not of channels"),
        (lambda f: table(f).T @ table(f) / f.shape[1], "by the height alone"),
        (lambda f: table(f).T @ table(f) / f.shape[2], "by the width alone"),
        (lambda f: np.outer(f.mean((1, 2)), f.mean((1, 2))), "take the mean last"),
        (lambda f: f.reshape(-1, 3).T @ f.reshape(-1, 3) / 8, "use reshape(c, -1)"),
        (lambda f: table(f).T @ table(f) / 7, "then divide by h·w"),
        (lambda f: np.sum(table(f) ** 2, axis=0) / 8, "One row and one column per channel"),
        (lambda f: f.reshape(-1, 4).T @ f.reshape(-1, 4), "(channels, positions)"),
    ],
)
def test_gram_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_gram_channels_first(answer), hint)


def by_hand_channel_by_channel(features, rng):
    result = np.empty_like(features)
    for channel in range(features.shape[-1]):
        values = features[..., channel].ravel()
        result[..., channel] = rng.permutation(values).reshape(features.shape[:2])
    return result


def on_vectors(change):
    """An answer that changes the features as ``(positions, channels)``."""
    return lambda f, rng: change(f.reshape(-1, f.shape[-1]), rng).reshape(f.shape)


def pair_kept(vectors, rng):
    """Channels 0 and 1 share their order."""
    order = rng.permutation(len(vectors))
    return np.column_stack([vectors[order, :2], rng.permutation(vectors[:, 2])])


def test_break_pairs_accepts_every_right_way():
    assert checks.check_break_pairs(on_vectors(lambda v, rng: rng.permuted(v, axis=0))).passed
    assert checks.check_break_pairs(by_hand_channel_by_channel).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (on_vectors(lambda v, rng: rng.permutation(v)), "an order of its own"),
        (lambda f, rng: rng.permutation(f), "an order of its own"),
        (on_vectors(pair_kept), "an order of its own"),
        (on_vectors(lambda v, rng: rng.permuted(v, axis=1)), "from one channel to another"),
        (lambda f, rng: rng.permuted(f.ravel()).reshape(f.shape), "from one channel to another"),
        (lambda f, rng: f[..., [1, 2, 0]], "from one channel to another"),
        (lambda f, rng: f, "Nothing moved"),
        (lambda f, rng: rng.permuted(f.reshape(-1, 3), axis=0), "Reshape back"),
    ],
)
def test_break_pairs_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_break_pairs(answer), hint)


def from_grams(answer):
    """An answer that takes features, from one that takes their Gram matrices."""

    def gram(features):
        return np.einsum("hwc,hwd->cd", features, features) / features[..., 0].size

    return lambda features, target_features: answer(gram(features), gram(target_features))


def test_relative_distance_accepts_every_right_way():
    def with_norms(gram, target):
        return (np.linalg.norm(gram - target) / np.linalg.norm(target)) ** 2

    assert checks.check_relative_distance(from_grams(with_norms)).passed
    assert checks.check_relative_distance(from_grams(lambda g, a: ((g - a) ** 2).sum() / (a**2).sum())).passed


def test_relative_distance_names_a_missing_division():
    def undivided(features, target_features):
        g, a = (np.einsum("hwc,hwd->cd", f, f) for f in (features, target_features))
        return np.sum((g - a) ** 2) / np.sum(a**2)

    assert verdict_is(checks.check_relative_distance(undivided), "not divided by their numbers")


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda g, a: 2 * np.sum((g - a) ** 2) / (np.sum(g**2) + np.sum(a**2)), "That is d"),
        (lambda g, a: np.sum((g - a) ** 2), "divide by ‖A‖²"),
        (lambda g, a: np.mean((g - a) ** 2), "This is a mean"),
        (lambda g, a: np.sum((g - a) ** 2) / np.sum(g**2), "The wrong energy"),
        (lambda g, a: np.linalg.norm(g - a) / np.linalg.norm(a), "square root out"),
        (lambda g, a: np.sum((g - a) ** 2) / np.linalg.norm(a), "squared, too"),
        (lambda g, a: np.abs(g - a).sum() / np.abs(a).sum(), "absolute values"),
        (lambda g, a: np.sum((g - a) ** 2 / a**2), "Sum first"),
        (lambda g, a: np.mean((g - a) ** 2 / a**2), "Sum first"),
        (lambda g, a: (np.sum(g - a) / np.sum(a)) ** 2, "before the sum"),
        (lambda g, a: (g - a) ** 2, "Sum over all entries"),
        (lambda g, a: 7.0, "Two sums of squares"),
    ],
)
def test_relative_distance_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_relative_distance(from_grams(answer)), hint)


def mmd(kernel, mean=np.mean, mixed=-2):
    """An answer with a kernel of the matrix of products."""

    def answer(x, y):
        return mean(kernel(x @ x.T)) + mixed * mean(kernel(x @ y.T)) + mean(kernel(y @ y.T))

    return answer


def one_squared(products):
    return (products + 1) ** 2


def mean_of_different(values):
    """Mean over pairs, without the pairs of a vector with itself in square matrices."""
    if values.shape[0] != values.shape[1]:
        return values.mean()
    return (values.sum() - np.trace(values)) / (values.size - len(values))


def second_and_first_moments(x, y):
    """The same by moments: second moments plus twice the means."""
    second = np.sum((x.T @ x / len(x) - y.T @ y / len(y)) ** 2)
    return second + 2 * np.sum((x.mean(0) - y.mean(0)) ** 2)


def test_mmd_accepts_every_right_way():
    assert checks.check_mmd_with_means(mmd(one_squared)).passed
    assert checks.check_mmd_with_means(second_and_first_moments).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (mmd(np.square), "cannot see means"),
        (mmd(lambda p: p**2 + 1), "cannot see means"),
        (mmd(lambda p: p), "The kernel is squared"),
        (mmd(lambda p: p + 1), "The kernel is squared"),
        (mmd(one_squared, mixed=-1), "counts twice"),
        (mmd(one_squared, mixed=2), "minus sign"),
        (mmd(one_squared, np.sum), "take means"),
        (mmd(one_squared, mean_of_different), "Keep the diagonal"),
        (lambda x, y: np.sqrt(mmd(one_squared)(x, y)), "This is the root"),
        (lambda x, y: (x @ y.T + 1) ** 2, "mean of each kernel matrix"),
        (lambda x, y: 0.123, "over all pairs"),
    ],
)
def test_mmd_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_mmd_with_means(answer), hint)
