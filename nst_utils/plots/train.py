"""The painter that is trained: its layers between the photo and the painted photo."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from ..base.types import Picture
from ..pictures.arrays import to_uint8
from .theme import LINE_COLORS, new_figure

GAP, WIDTH = 0.5, 0.06  # between two layers, and per square root of a channel; the photo's side is 4
PARTS = {-1: ("shrink", LINE_COLORS[2]), 0: ("repaint", LINE_COLORS[1]), 1: ("enlarge", LINE_COLORS[3])}


def plot_painter(photo: Picture, painted: Picture, layers: Sequence[tuple[int, int, int]]) -> Figure:
    """Draw what each convolution of a painter gives, between the photo and the painted photo.

    Parameters
    ----------
    photo, painted : picture
        Square.
    layers : sequence of (int, int, int)
        Of each convolution but the last: side of its maps, how many, and its part: -1 shrinks, 0 is in a
        residual block of two, 1 enlarges.
    """
    figure = new_figure(11, 3.9)
    axis = figure.subplots()
    x, scale, middles = _draw_picture(axis, photo, 0, "photo"), 4 / photo.shape[0], {}
    for number, (side, channels, part) in enumerate(layers):
        width, height = WIDTH * np.sqrt(channels), scale * side
        place = (x, -height / 2)
        axis.add_patch(Rectangle(place, width, height, facecolor=PARTS[part][1], alpha=0.8))
        axis.text(x + width / 2, -height / 2 - 0.15, f"{side} px\n{channels}", ha="center", va="top")
        middles.setdefault(part, []).append(x + width / 2)
        if part == 0 and number and len(middles[0]) % 2 == 0:
            _draw_shortcut(axis, middles[0][-2] - GAP, x + width, height / 2 + 0.15)
        x += width + GAP
    for part, places in middles.items():
        words, color = PARTS[part]
        axis.text(np.mean(places), 2.25, words, ha="center", color=color, weight="bold")
    _draw_picture(axis, painted, x, "painted photo")
    axis.set(xlim=(-0.1, x + 4.1), ylim=(-3.0, 2.6), aspect="equal")
    axis.set_axis_off()
    return figure


def _draw_picture(axis, picture, x, name):
    """Draw a picture; returns where the next thing begins."""
    axis.imshow(to_uint8(picture), extent=(x, x + 4, -2, 2), interpolation="bilinear")
    axis.text(x + 2, -2.15, f"{name}\n{picture.shape[0]} px, 3 channels", ha="center", va="top")
    return x + 4 + GAP


def _draw_shortcut(axis, start, end, height):
    """Draw how the input of a residual block is added to its output."""
    look = {"arrowstyle": "-|>", "mutation_scale": 12, "color": "0.4", "connectionstyle": "arc3,rad=-0.6"}
    axis.add_patch(FancyArrowPatch((start, height), (end, height), **look))
