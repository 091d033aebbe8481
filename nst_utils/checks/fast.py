"""Checks of notebook 05: the style picture, adaptive instance normalization, mixed styles."""

import cv2
import numpy as np

from .verdict import AnswerError, call, check, compare, right, show, wrong

_SIDE = 256
_SHAPES = ((300, 640), (500, 320), (280, 280))  # landscape, portrait, square


@check
def check_style_input(function):
    """Notebook 05: ``picture → batch``, its middle square at 256 px, ``(1, 256, 256, 3)``."""
    for height, width in _SHAPES:
        noise = np.random.default_rng(0).random((height, width, 3)).astype(np.float32)
        picture = cv2.GaussianBlur(noise, (0, 0), 9)
        picture = (picture - picture.min()) / np.ptp(picture)
        verdict = _judge_style_input(call(function, picture).astype(np.float64), picture)
        if not verdict.passed:
            return verdict
    return right("correct: the largest middle square, at 256 px, as a batch of one")


def _judge_style_input(found, picture):
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    expected = _resized(picture[top : top + side, left : left + side])
    shape, of = (1, *expected.shape), f"for a picture of {width} × {height} pixels"
    if found.shape != shape:
        is_picture = found.shape == shape[1:]
        hint = "The batch axis is missing: [np.newaxis]." if is_picture else "Cut, resize, add an axis."
        return wrong(f"the shape {shape} {of}", f"{found.shape}", hint)
    mistakes = (
        (_resized(picture), "The whole picture was squeezed, and its strokes with it. Cut first."),
        (_resized(picture[:side, :side]), "This is one end: leave as much out on both sides."),
        (_resized(picture[-side:, -side:]), "This is one end: leave as much out on both sides."),
        (_cut_at_256(picture), "Cut the square as large as it can be, then resize."),
        (expected[..., ::-1], "Red and blue are swapped."),
        (expected * 255, "The values go from 0 to 255; the module takes 0 to 1."),
    )
    if np.abs(found[0] - expected).max() < 0.03:  # any good way of resizing will do
        return right()
    near = [hint for value, hint in mistakes if np.abs(found[0] - value).max() < 0.03 * max(1, value.max())]
    hint = near[0] if near else "Look at it beside the picture."
    return wrong(f"a corner of {show(expected[0, 0])} {of}", show(found[0, 0, 0]), hint)


def _resized(picture):
    return cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)


def _cut_at_256(picture):
    top, left = ((length - _SIDE) // 2 for length in picture.shape[:2])
    return picture[top : top + _SIDE, left : left + _SIDE]


@check
def check_adain(function):
    """Notebook 05: ``(content, style) → content`` with the style's mean and spread, map by map."""
    content = np.random.default_rng(1).normal(3, 2, (2, 4, 5, 3)) * [1, 5, 0.2]
    content[1] += 4
    style = np.random.default_rng(2).normal(-1, 1, (2, 6, 3, 3)) * [2, 1, 3] + [0, 1, 5]
    style[1] -= 2

    def adain(content, style, axes=(1, 2), root=np.sqrt):
        normalized = content - content.mean(axes, keepdims=True)
        normalized /= root(content.var(axes, keepdims=True) + 1e-5)
        return root(style.var(axes, keepdims=True)) * normalized + style.mean(axes, keepdims=True)

    expected = adain(content, style)
    centered = content - content.mean((1, 2), keepdims=True)
    normalized = centered / content.std((1, 2), keepdims=True)
    spread, shift = style.std((1, 2), keepdims=True), style.mean((1, 2), keepdims=True)
    mistakes = (
        (content, "Nothing has changed."),
        (normalized, "The style's mean and spread are missing."),
        (spread * normalized, "The style's mean is missing."),
        (normalized + shift, "The style's spread is missing."),
        (spread * (normalized + shift), "Shift after scaling: the mean is not scaled."),
        (shift * normalized + spread, "Mean and spread are swapped."),
        (spread * centered + shift, "Divide by the content's spread before you multiply by the style's."),
        (spread * content / content.std((1, 2), keepdims=True) + shift, "Subtract the content's mean first."),
        (adain(content, style, root=np.asarray), "The spread is the square root of the variance."),
        (adain(content, style, axes=(0, 1, 2)), "The batch is averaged too: that is batch normalization."),
        (adain(content, style, axes=(1, 2, 3)), "The channels are averaged too: give each map its own mean."),
    )
    answer = _call(function, content, style)
    is_styles = answer.shape == style.shape
    shape_hint = "Normalize the content, not the style." if is_styles else "The content's shape stays."
    hints = {"shape_hint": shape_hint, "otherwise": "Compare with the formula, symbol by symbol."}
    return compare(answer, expected, mistakes, "each map of each picture for itself", atol=2e-3, **hints)


@check
def check_mix_styles(function):
    """Notebook 05: ``(vectors, amounts) → vector``, the mixture by the amounts' shares."""
    vectors = np.random.default_rng(2).normal(0, 1, (3, 100))
    amounts = np.array([2.0, 1.0, 1.0])
    shares = amounts / amounts.sum()
    expected = shares @ vectors
    mistakes = (
        (amounts @ vectors, "The amounts add up to 4: divide them by their sum."),
        (vectors.mean(0), "The amounts are not used."),
        (vectors.sum(0), "The amounts are not used."),
        (amounts @ vectors / 3, "Divide by the sum of the amounts, not by how many there are."),
        (vectors[0], "Only the first style is used."),
    )
    hints = {"shape_hint": "Add them up: one vector remains.",
             "otherwise": "Weight each vector by its share, then add."}  # fmt: skip
    answer = _call(function, vectors, amounts)
    return compare(answer, expected, mistakes, "shares that add up to 1", atol=1e-6, **hints)


def _call(function, *arguments):
    """Call a learner's function; shapes that do not broadcast get a hint of their own."""
    try:
        return call(function, *arguments)
    except AnswerError as failure:
        error = failure.__cause__
        if not isinstance(error, ValueError):
            raise
        shapes = " and ".join(str(argument.shape) for argument in arguments)
        hint = "Give axes of length 1 where they are missing: keepdims=True, or [:, np.newaxis]."
        raise AnswerError(wrong(f"an array from {shapes}", f"an error: {error}", hint)) from error
