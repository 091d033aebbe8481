"""Styles as points and mixtures, and the two networks that make pictures from them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from numpy.typing import NDArray

from ..base.arguments import check_int
from ..base.types import Picture
from ..pictures.arrays import resize, to_uint8
from .theme import LINE_COLORS, TERM_COLORS, new_figure

STYLED = TERM_COLORS["style"]  # of the stages that depend on the style vector
CORNERS = np.array([[0.5, 0.5], [0, 0], [1, 0]])  # of the mixing triangle


def plot_style_map(points: NDArray, pictures: Sequence[Picture], groups: Sequence[str]) -> Figure:
    """Show pictures at their places on a map, framed in the color of their group.

    Parameters
    ----------
    points : array
        ``(count, 2)``.
    pictures : sequence of pictures
        One per point; drawn small.
    groups : sequence of str
        One per point; at most ten different ones. Each is named above its topmost picture.
    """
    figure = new_figure(11, 5)
    axis = figure.subplots()
    names = list(dict.fromkeys(groups))
    colors = dict(zip(names, (*LINE_COLORS, *TERM_COLORS.values(), "#56B4E9", "#F0E442"), strict=False))
    for name in names:
        x, y = np.array([point for point, group in zip(points, groups, strict=True) if group == name]).T
        axis.scatter(x, y, s=1, color=colors[name])
        axis.annotate(
            name, (x[y.argmax()], y.max()), xytext=(0, 26), textcoords="offset points",
            ha="center", color=colors[name], weight="bold", fontsize=14, zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
    for point, picture, group in zip(points, pictures, groups, strict=True):
        image = OffsetImage(to_uint8(resize(picture, 96)), zoom=0.42)
        frame = {"edgecolor": colors[group], "linewidth": 3, "boxstyle": "square,pad=0.1"}
        axis.add_artist(AnnotationBbox(image, point, frameon=True, bboxprops=frame, pad=0.1))
    axis.margins(0.12)
    axis.set(xlabel="first principal direction", ylabel="second principal direction")
    return figure


def triangle_weights(steps: int) -> NDArray:
    """Weights of three things on a triangular grid, row by row from the top corner.

    Parameters
    ----------
    steps : int
        Steps along one side, at least 1.

    Returns
    -------
    numpy.ndarray
        ``((steps + 1) · (steps + 2) / 2, 3)``; every row adds up to 1.

    Examples
    --------
    >>> print(triangle_weights(1))
    [[1. 0. 0.]
     [0. 1. 0.]
     [0. 0. 1.]]
    """
    check_int("steps", steps)
    return np.array(
        [(steps - row, row - i, i) for row in range(steps + 1) for i in range(row + 1)], np.float32
    ) / steps  # fmt: skip


def plot_triangle(
    pictures: Sequence[Picture],
    weights: NDArray,
    names: Sequence[str],
    title: str = "Three styles, mixed",
) -> Figure:
    """Show pictures in a triangle whose corners are three pure things; its rows are low, for a projector.

    Parameters
    ----------
    pictures : sequence of pictures
        Square, one per row of ``weights``.
    weights : array
        ``(count, 3)`` from :func:`triangle_weights`.
    names : three str
        The corners: top, left, right.
    title : str, optional
    """
    places = weights @ CORNERS
    spacing = 1 / np.round(1 / weights[weights > 0].min())
    half_width, half_height = 0.47 * spacing, 0.47 * spacing * CORNERS[0, 1]
    figure = new_figure(10, 4.9)
    axis = figure.subplots()
    for picture, (x, y) in zip(pictures, places, strict=True):
        cut = _cut(picture, half_height / half_width)
        extent = (x - half_width, x + half_width, y - half_height, y + half_height)
        axis.imshow(to_uint8(cut), extent=extent, interpolation="bilinear")
    top, left, right = names
    axis.text(0.51 + half_width, CORNERS[0, 1], top, ha="left", va="center", fontsize=14)
    axis.text(0, half_height + 0.01, left, ha="right", va="bottom", fontsize=14)
    axis.text(1, half_height + 0.01, right, ha="left", va="bottom", fontsize=14)
    axis.set(xlim=(-0.2, 1.2), ylim=(-half_height, CORNERS[0, 1] + half_height), aspect="equal")
    axis.set_axis_off()
    axis.set_title(title)
    return figure


def _cut(picture, aspect):
    """Cut a square picture to this height per width: more below than above, for faces."""
    height = picture.shape[0]
    top = round(height * (1 - aspect) / 8)
    return picture[top : top + round(height * aspect)]


def plot_two_networks(content: Picture, style: Picture, vector: NDArray, result: Picture) -> Figure:
    """Draw how predictor and transformer work together.

    Parameters
    ----------
    content, style, result : picture
    vector : array
        The style vector, ``(100,)``.
    """
    figure = new_figure(11, 4.6)
    axis = figure.subplots()
    for picture, (x, y), name in (
        (style, (0, 2.9), "painting, 256 px"), (content, (0, 0), "photo"), (result, (11.2, 0), "picture"),
    ):  # fmt: skip
        axis.imshow(to_uint8(picture), extent=(x, x + 2.1, y, y + 2.1), interpolation="bilinear")
        axis.text(x + 1.05, y - 0.1, name, ha="center", va="top")
    _box(axis, 3.1, 3.3, 2.3, 1.3, "predictor", LINE_COLORS[2])
    bars = np.asarray(vector).reshape(4, 25)
    limit = np.abs(bars).max()
    axis.imshow(bars, extent=(6.5, 9.3, 3.5, 4.4), cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    axis.text(7.9, 4.5, "style vector: 100 numbers", ha="center", va="bottom")
    stages = ("shrink\n3 convolutions", "5 residual\nblocks", "enlarge\n3 convolutions")
    for number, words in enumerate(stages):
        _box(axis, 3.1 + 2.75 * number, 0.4, 2.3, 1.3, words, STYLED if number else "0.55")
    for start, end in (
        ((2.2, 3.95), (3.0, 3.95)), ((5.5, 3.95), (6.4, 3.95)), ((2.2, 1.05), (3.0, 1.05)),
        ((5.5, 1.05), (5.75, 1.05)), ((8.25, 1.05), (8.5, 1.05)), ((11.0, 1.05), (11.15, 1.05)),
        ((7.3, 3.4), (7.0, 1.8)), ((8.5, 3.4), (9.5, 1.8)),
    ):  # fmt: skip
        axis.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=16, color="0.2"))
    axis.text(8.25, 2.55, "scale γ and shift β", ha="center", va="center", backgroundcolor="white")
    axis.set(xlim=(-0.1, 13.4), ylim=(-0.5, 5.2), aspect="equal")
    axis.set_axis_off()
    axis.set_title("The style enters as scales and shifts, and nowhere else")
    return figure


def _box(axis, x, y, width, height, words, color):
    look = {"boxstyle": "round,pad=0.08", "facecolor": color, "edgecolor": "none", "alpha": 0.25}
    axis.add_patch(FancyBboxPatch((x, y), width, height, **look))
    axis.text(x + width / 2, y + height / 2, words, ha="center", va="center")
