"""Checks of notebook 05: the style picture, adaptive instance normalization, mixed styles."""

import cv2
import numpy as np

from .verdict import check, compare

_SIDE = 256
_AXES = "Give axes of length 1 where they are missing: keepdims=True. Or is the axis wrong?"
_SHAPES = ((300, 640), (500, 320), (280, 280))  # landscape, portrait, square


@check
def check_style_input(function):
    """Notebook 05: ``picture → batch``, its middle square at 256 px, ``(1, 256, 256, 3)``."""
    for height, width in _SHAPES:
        noise = np.random.default_rng(0).random((height, width, 3)).astype(np.float32)
        picture = cv2.GaussianBlur(noise, (0, 0), 9)
        picture = (picture - picture.min()) / np.ptp(picture)
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        expected = _resized(picture[top : top + side, left : left + side])
        mistakes = (
            (expected[0], "The batch axis is missing: [np.newaxis]."),
            (_resized(picture), "The whole picture was squeezed, and its strokes with it. Cut first."),
            (_resized(picture[:side, :side]), "This is one end: leave as much out on both sides."),
            (_resized(picture[-side:, -side:]), "This is one end: leave as much out on both sides."),
            (_cut_at_256(picture), "Cut the square as large as it can be, then resize."),
            (expected[..., ::-1], "Red and blue are swapped."),
            (expected * 255, "The values go from 0 to 255; the module takes 0 to 1."),
        )
        praise = "the largest middle square, at 256 px, as a batch of one"
        hints = {"shape_hint": "Cut, resize, add an axis.", "atol": 0.03}  # any good way of resizing will do
        verdict = compare(function, (picture,), expected, mistakes, praise, **hints)
        if not verdict.passed:
            return verdict
    return verdict


def _resized(picture):
    return cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)[np.newaxis]


def _cut_at_256(picture):
    top, left = ((length - _SIDE) // 2 for length in picture.shape[:2])
    return picture[np.newaxis, top : top + _SIDE, left : left + _SIDE]


@check
def check_adain(function):
    """Notebook 05: ``(content, style) → content`` with the style's mean and spread, map by map."""
    content = np.random.default_rng(1).normal(3, 2, (2, 4, 5, 3)) * [1, 5, 0.5]
    content[1] += 4
    content[0, ..., 2] = 7  # flat, so that ε counts
    style = np.random.default_rng(2).normal(-1, 1, (2, 6, 3, 3)) * [2, 1, 3] + [0, 1, 5]
    style[1] -= 2

    def adain(content, style, axes=(1, 2)):
        normalized = content - content.mean(axes, keepdims=True)
        normalized /= np.sqrt(content.var(axes, keepdims=True) + 1e-5)
        return style.std(axes, keepdims=True) * normalized + style.mean(axes, keepdims=True)

    own_spread = np.sqrt(content.var((1, 2), keepdims=True) + 1e-5)
    centered = content - content.mean((1, 2), keepdims=True)
    normalized = centered / own_spread
    spread, shift = style.std((1, 2), keepdims=True), style.mean((1, 2), keepdims=True)
    mistakes = (
        (content, "Nothing has changed."),
        (normalized, "The style's mean and spread are missing."),
        (spread * normalized, "The style's mean is missing."),
        (normalized + shift, "The style's spread is missing."),
        (spread * (normalized + shift), "Shift after scaling: the mean is not scaled."),
        (shift * normalized + spread, "Mean and spread are swapped."),
        (spread * centered + shift, "Divide by the content's spread before you multiply by the style's."),
        (spread * content / own_spread + shift, "Subtract the content's mean first."),
        *(
            (scale * centered / own + shift, "The spread is the square root of the variance, np.std.")
            for scale, own in ((spread**2, own_spread**2), (spread**2, own_spread), (spread, own_spread**2))
        ),
        (adain(style, content), "Normalize the content, not the style."),
        (adain(content, style, axes=(0, 1, 2)), "The batch is averaged too: that is batch normalization."),
        (adain(content, style, axes=(0, 1, 2, 3)), "One mean for everything: take it over axis=(1, 2) only."),
        (np.where(own_spread > 0.01, adain(content, style), np.nan), "A flat map gives 0 / 0: ε is missing."),
        (adain(content, style, axes=(1, 2, 3)), "The channels are averaged too: give each map its own mean."),
    )
    hints = {"shape_hint": "The content's shape stays.", "failing": _AXES, "atol": 1e-2}
    praise = "each map of each picture for itself"
    return compare(function, (content, style), adain(content, style), mistakes, praise, **hints)


@check
def check_mix_styles(function):
    """Notebook 05: ``(vectors, amounts) → vector``, the mixture by the amounts' shares."""
    vectors = np.random.default_rng(2).normal(0, 1, (3, 100))
    amounts = np.array([2.0, 1.0, 1.0])
    expected = amounts @ vectors / amounts.sum()
    softmax = np.exp(amounts) / np.exp(amounts).sum()
    mistakes = (
        (amounts @ vectors, "The amounts add up to 4: divide them by their sum."),
        (vectors.mean(0), "The amounts are not used."),
        (vectors.sum(0), "The amounts are not used."),
        (amounts @ vectors / 3, "Divide by the sum of the amounts, not by how many there are."),
        (softmax @ vectors, "This is softmax: divide the amounts themselves by their sum."),
        (vectors[0], "Only the first style is used."),
    )
    hints = {"shape_hint": "Add them up: one vector remains.", "failing": _AXES, "atol": 1e-6}
    return compare(function, (vectors, amounts), expected, mistakes, "shares that add up to 1", **hints)
