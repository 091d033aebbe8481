"""The checks of notebook 05 accept the right answer and name the usual mistakes."""

import cv2
import numpy as np
import pytest

from nst_utils import checks

INPUT, ADAIN, MIX = checks.check_style_input, checks.check_adain, checks.check_mix_styles


def resized(picture):
    return cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA)


def middle(picture):
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def right_input(picture):
    return resized(middle(picture))[np.newaxis]


def smoother_input(picture):
    return cv2.resize(middle(picture), (256, 256), interpolation=cv2.INTER_LINEAR)[np.newaxis]


def moments(x, axes=(1, 2)):
    return x.mean(axes, keepdims=True), np.sqrt(x.var(axes, keepdims=True) + 1e-5)


def right_adain(content, style, axes=(1, 2)):
    (mean, spread), (new_mean, new_spread) = moments(content, axes), moments(style, axes)
    return new_spread * (content - mean) / spread + new_mean


def adain_in_place(content, style):
    content -= content.mean(axis=(1, 2), keepdims=True)
    content *= style.std(axis=(1, 2), keepdims=True) / content.std(axis=(1, 2), keepdims=True)
    return content + style.mean(axis=(1, 2), keepdims=True)


def normalized(x):
    mean, spread = moments(x)
    return (x - mean) / spread


def right_mix(vectors, amounts):
    return amounts @ vectors / amounts.sum()


@pytest.mark.parametrize("check", [INPUT, ADAIN, MIX])
@pytest.mark.parametrize("stub", [..., None])
def test_unsolved_stubs_are_neither_right_nor_wrong(check, stub):
    verdict = check(lambda *arguments: stub)
    assert not verdict.passed
    assert "not solved yet" in repr(verdict)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (INPUT, right_input),
        (INPUT, smoother_input),
        (ADAIN, right_adain),
        (ADAIN, adain_in_place),
        (MIX, right_mix),
    ],
)
def test_the_right_answer_passes(check, answer):
    assert check(answer).passed


@pytest.mark.parametrize(
    ("check", "answer", "hint"),
    [
        (INPUT, lambda p: resized(middle(p)), "batch axis is missing"),
        (INPUT, lambda p: middle(p)[np.newaxis], "Cut, resize"),
        (INPUT, lambda p: resized(p)[np.newaxis], "squeezed"),
        (INPUT, lambda p: resized(p[: min(p.shape[:2]), : min(p.shape[:2])])[np.newaxis], "one end"),
        (INPUT, lambda p: resized(p[-min(p.shape[:2]) :, -min(p.shape[:2]) :])[np.newaxis], "one end"),
        (INPUT, lambda p: resized(p[:, 170:470])[np.newaxis], "320 × 500"),  # right for the landscape alone
        (INPUT, lambda p: p[np.newaxis, 22:278, 192:448], "as large as it can be"),
        (INPUT, lambda p: right_input(p)[..., ::-1], "swapped"),
        (INPUT, lambda p: right_input(p) * 255, "0 to 255"),
        (INPUT, lambda p: (right_input(p) * 255).astype(np.uint8), "0 to 255"),
        (INPUT, lambda p: np.zeros((1, 256, 256, 3)), "beside the picture"),
        (ADAIN, lambda c, s: c, "Nothing has changed"),
        (ADAIN, lambda c, s: normalized(c), "mean and spread are missing"),
        (ADAIN, lambda c, s: moments(s)[1] * normalized(c), "mean is missing"),
        (ADAIN, lambda c, s: normalized(c) + moments(s)[0], "spread is missing"),
        (ADAIN, lambda c, s: moments(s)[1] * (normalized(c) + moments(s)[0]), "after scaling"),
        (ADAIN, lambda c, s: moments(s)[0] * normalized(c) + moments(s)[1], "swapped"),
        (ADAIN, lambda c, s: moments(s)[1] * (c - moments(c)[0]) + moments(s)[0], "Divide by the content"),
        (ADAIN, lambda c, s: moments(s)[1] * c / moments(c)[1] + moments(s)[0], "Subtract the content"),
        (ADAIN, lambda c, s: right_adain(c, s, (0, 1, 2)), "batch normalization"),
        (ADAIN, lambda c, s: right_adain(c, s, (1, 2, 3)), "own mean"),
        (ADAIN, lambda c, s: right_adain(s, c), "not the style"),
        (ADAIN, lambda c, s: moments(s)[1] ** 2 * (c - moments(c)[0]) / moments(c)[1] ** 2 + moments(s)[0],
         "square root"),
        (ADAIN, lambda c, s: c - c.mean(axis=(1, 2)), "keepdims"),
        (ADAIN, lambda c, s: c * 0, "symbol by symbol"),
        (MIX, lambda v, a: a @ v, "divide them by their sum"),
        (MIX, lambda v, a: v.mean(0), "not used"),
        (MIX, lambda v, a: a @ v / len(a), "not by how many"),
        (MIX, lambda v, a: v.sum(0), "not used"),
        (MIX, lambda v, a: a * v, "newaxis"),
        (MIX, lambda v, a: v[0], "first style"),
        (MIX, lambda v, a: a[:, np.newaxis] * v, "one vector remains"),
        (MIX, lambda v, a: v[0] * 0, "by its share"),
    ],
)  # fmt: skip
def test_usual_mistakes_are_named(check, answer, hint):
    verdict = check(answer)
    assert not verdict.passed
    assert hint in repr(verdict)
