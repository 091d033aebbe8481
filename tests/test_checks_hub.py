"""The checks of notebook 05 accept the right answer and name the usual mistakes."""

import cv2
import numpy as np
import pytest

from nst_utils import checks

INPUT, NORM, MIX = checks.check_style_input, checks.check_instance_normalization, checks.check_mix_styles


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


def normalized(x, axes):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)


def centered(x):
    return x - x.mean((1, 2), keepdims=True)


def right_norm(x, scale, shift):
    return scale * normalized(x, (1, 2)) + shift


def norm_in_place(x, scale, shift):
    x -= x.mean(axis=(1, 2), keepdims=True)
    x *= scale / np.sqrt((x**2).mean(axis=(1, 2), keepdims=True) + 1e-5)
    return x + shift


def right_mix(vectors, amounts):
    return amounts @ vectors / amounts.sum()


@pytest.mark.parametrize("check", [INPUT, NORM, MIX])
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
        (NORM, right_norm),
        (NORM, norm_in_place),
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
        (INPUT, lambda p: resized(p[:, :300])[np.newaxis], "left end"),
        (INPUT, lambda p: resized(p[:, -300:])[np.newaxis], "right end"),
        (INPUT, lambda p: p[np.newaxis, 22:278, 192:448], "as large as it can be"),
        (INPUT, lambda p: right_input(p)[..., ::-1], "swapped"),
        (INPUT, lambda p: right_input(p) * 255, "0 to 255"),
        (INPUT, lambda p: np.zeros((1, 256, 256, 3)), "beside the picture"),
        (NORM, lambda x, a, b: normalized(x, (1, 2)), "missing"),
        (NORM, lambda x, a, b: b * normalized(x, (1, 2)) + a, "swapped"),
        (NORM, lambda x, a, b: a * (normalized(x, (1, 2)) + b), "after scaling"),
        (NORM, lambda x, a, b: a * normalized(x, (0, 1, 2)) + b, "batch normalization"),
        (NORM, lambda x, a, b: a * normalized(x, (1, 2, 3)) + b, "own mean"),
        (NORM, lambda x, a, b: a * normalized(x, (3,)) + b, "over channels"),
        (NORM, lambda x, a, b: a * centered(x) / x.var((1, 2), keepdims=True) + b, "square root"),
        (NORM, lambda x, a, b: a * centered(x) + b, "standard deviation too"),
        (NORM, lambda x, a, b: a * x / x.std((1, 2), keepdims=True) + b, "not subtracted"),
        (NORM, lambda x, a, b: x.mean((1, 2)), "keepdims"),
        (NORM, lambda x, a, b: x * 0, "symbol by symbol"),
        (MIX, lambda v, a: a @ v, "divide them by their sum"),
        (MIX, lambda v, a: v.mean(0), "not used"),
        (MIX, lambda v, a: a @ v / len(a), "not by how many"),
        (MIX, lambda v, a: v[0], "first style"),
        (MIX, lambda v, a: a[:, np.newaxis] * v, "one vector remains"),
        (MIX, lambda v, a: v[0] * 0, "by its share"),
    ],
)  # fmt: skip
def test_usual_mistakes_are_named(check, answer, hint):
    verdict = check(answer)
    assert not verdict.passed
    assert hint in repr(verdict)
