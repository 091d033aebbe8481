"""Checks of notebook 05: the style picture, conditional instance normalization, mixed styles."""

import cv2
import numpy as np

from .verdict import NOT_SOLVED, call, hint_for, is_unsolved, right, show, wrong

_SIDE = 256


def check_style_input(function):
    """Notebook 05: ``picture → batch``, its middle square at 256 px, ``(1, 256, 256, 3)``."""
    picture = np.random.default_rng(0).random((300, 640, 3)).astype(np.float32)
    picture = cv2.GaussianBlur(picture, (0, 0), 9)
    square = picture[:, 170:470]
    answer = call(function, picture)
    if is_unsolved(answer):
        return NOT_SOLVED
    found = np.asarray(answer, np.float64)
    expected = cv2.resize(square, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    shape = (1, _SIDE, _SIDE, 3)
    if found.shape != shape:
        is_picture = found.shape == shape[1:]
        hint = "The batch axis is missing: [np.newaxis]." if is_picture else "Cut, resize, add an axis."
        return wrong(f"the shape {shape}", f"{found.shape}", hint)
    mistakes = (
        (_resized(picture), "The whole picture was squeezed, and its strokes with it. Cut first."),
        (_resized(picture[:, :300]), "This is the left end: leave as much out on both sides."),
        (_resized(picture[:, -300:]), "This is the right end: leave as much out on both sides."),
        (picture[22:278, 192:448], "Cut the square as large as it can be, then resize."),
        (expected[..., ::-1], "Red and blue are swapped."),
        (expected * 255, "The values go from 0 to 255; the module wants 0 to 1."),
    )  # fmt: skip
    if np.abs(found[0] - expected).max() < 0.02:  # any good way of resizing will do
        return right("correct: the largest middle square, at 256 px, as a batch of one")
    near = [hint for value, hint in mistakes if np.abs(found[0] - value).max() < 0.02]
    hint = near[0] if near else "Look at it beside the picture."
    return wrong(f"a middle like {show(expected[128, 128])}", show(found[0, 128, 128]), hint)


def _resized(picture):
    return cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)


def check_instance_normalization(function):
    """Notebook 05: ``(x, scale, shift) → x``; ``(batch, h, w, channels)``, and ``(channels,)`` twice."""
    x = np.random.default_rng(1).normal(3, 2, (2, 4, 5, 3)) * [1, 5, 0.2]
    x[1] += 4
    scale, shift = np.array([2.0, 0.5, 1.0]), np.array([0.0, 1.0, -3.0])

    def normalized(axes):
        return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)

    of_each_map = normalized((1, 2))
    expected = scale * of_each_map + shift
    mistakes = (
        (of_each_map, "Scale and shift are missing."),
        (shift * of_each_map + scale, "Scale and shift are swapped."),
        (scale * (of_each_map + shift), "Shift after scaling: the shift is not scaled."),
        (scale * normalized((0, 1, 2)) + shift, "The batch is averaged too: that is batch normalization."),
        (scale * normalized((1, 2, 3)) + shift, "The channels are averaged too: give each map its own mean."),
        (scale * normalized((3,)) + shift, "This averages over channels; average over height and width."),
        (scale * (x - x.mean((1, 2), keepdims=True)) / x.var((1, 2), keepdims=True) + shift,
         "Divide by the standard deviation, the square root of the variance."),
        (scale * (x - x.mean((1, 2), keepdims=True)) + shift, "Divide by the standard deviation too."),
        (scale * x / x.std((1, 2), keepdims=True) + shift, "The mean is not subtracted."),
    )  # fmt: skip
    answer = call(function, x, scale, shift)
    if is_unsolved(answer):
        return NOT_SOLVED
    found = np.asarray(answer, np.float64)
    if found.shape != expected.shape:
        return wrong(f"the shape {expected.shape}", f"{found.shape}", "keepdims=True lets the shapes fit.")
    if np.allclose(found, expected, rtol=1e-3, atol=1e-3):
        return right("correct: each map of each picture for itself")
    hint = hint_for(found, mistakes) or "Compare with the formula, symbol by symbol."
    return wrong(show(expected[0, 0, 0]), show(found[0, 0, 0]), hint)


def check_mix_styles(function):
    """Notebook 05: ``(vectors, amounts) → vector``, the mixture by the amounts' shares."""
    vectors = np.random.default_rng(2).normal(0, 1, (3, 100))
    amounts = np.array([2.0, 1.0, 1.0])
    shares = amounts / amounts.sum()
    expected = shares @ vectors
    mistakes = (
        (amounts @ vectors, "The amounts add up to 4: divide them by their sum."),
        (vectors.mean(0), "The amounts are not used."),
        (amounts @ vectors / 3, "Divide by the sum of the amounts, not by how many there are."),
        (vectors[0], "Only the first style is used."),
    )
    answer = call(function, vectors, amounts)
    if is_unsolved(answer):
        return NOT_SOLVED
    found = np.asarray(answer, np.float64)
    if found.shape != expected.shape:
        return wrong(f"the shape {expected.shape}", f"{found.shape}", "Add them up: one vector remains.")
    if np.allclose(found, expected, rtol=1e-4, atol=1e-6):
        return right("correct: shares that add up to 1")
    hint = hint_for(found, mistakes) or "Weigh each vector by its share, then add."
    return wrong(show(expected[:3]), show(found[:3]), hint)
