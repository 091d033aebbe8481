"""Control of place and time: masks, how far a region's style reaches, disparity, flow, films."""

from collections.abc import Sequence
from textwrap import fill

import matplotlib as mpl
import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from ..base.types import Picture
from ..pictures.arrays import to_uint8
from .pictures import SMOOTH, contact_sheet, show_pictures
from .theme import LINE_COLORS, MAP_COLORS, TERM_COLORS, new_figure

VEIL, KEPT = 0.25, 0.2  # the gray over what is not in a mask, and how much of the photo is seen through it
UNKNOWN = "0.85"  # gray of places without a value
WIDEST, NAMES = 11.5, 1.3  # inches: all frames of a film, and the names beside them
OUTLINE = [withStroke(linewidth=2.4, foreground="black")]  # a white line within it is seen on every color


def show_masks(
    photo: Picture,
    masks: Sequence[NDArray],
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    height: float = 2.6,
) -> Figure:
    """Show a photo once for each mask: bright where the mask is 1, dark gray where it is 0.

    Parameters
    ----------
    photo : picture
    masks : sequence of arrays
        ``(height, width)`` of the photo's size, values in [0, 1].
    titles, columns, height
        As in :func:`show_pictures`.
    """
    veiled = (1 - KEPT) * VEIL + KEPT * photo
    shown = [veiled + np.asarray(mask, np.float32)[..., np.newaxis] * (photo - veiled) for mask in masks]
    figure = show_pictures(shown, titles, columns, height)
    for axis, mask in zip(figure.axes, masks, strict=False):
        _draw_border(axis, mask)
    return figure


def _draw_border(axis, mask):
    """Draw a line where a mask passes one half."""
    mask = np.asarray(mask, np.float32)
    if mask.min() < 0.5 < mask.max():  # without a border Matplotlib would warn
        axis.contour(mask, [0.5], colors="white", linewidths=1.2).set_path_effects(OUTLINE)


def plot_leak(photo: Picture, mask: NDArray, gradients: dict[str, NDArray], titles: Sequence[str]) -> Figure:
    """Show how far gradients reach beyond the border of a mask.

    Parameters
    ----------
    photo : picture
    mask : array
        ``(height, width)`` of the photo's size; its border is drawn on every panel.
    gradients : dict of str to array
        Name, for instance that of a layer, to the length of the gradient at each pixel: ``(height, width)``.
    titles : sequence of str
        What is seen, one for each of the gradients; written below its name.
    """
    panels = len(gradients) + 1
    rows = 1 if panels < 4 else 2
    columns = -(-panels // rows)
    tall = photo.shape[0] / photo.shape[1]
    figure = new_figure(11, rows * (10 / columns * tall + 0.6))
    first, *axes = figure.subplots(rows, columns, squeeze=False).ravel()
    first.imshow(to_uint8(photo), interpolation=SMOOTH)
    first.set_title("the photo,\nthe border of the region")
    norm, drawn = PowerNorm(0.5, 0, 1), axes[: len(gradients)]
    for axis, (name, lengths), title in zip(drawn, gradients.items(), titles, strict=True):
        axis.imshow(lengths / (np.max(lengths) or 1), cmap=MAP_COLORS, norm=norm)
        axis.set_title(f"{name}\n{title}")
    for axis in (first, *axes):
        axis.set_axis_off()
    for axis in (first, *drawn):
        _draw_border(axis, mask)
    bar = mpl.cm.ScalarMappable(norm, MAP_COLORS)
    label = "length of the gradient ÷ its maximum"
    figure.colorbar(bar, ax=[first, *axes], ticks=[0, 0.01, 0.1, 0.3, 1], format="%g", label=label)
    return figure


def plot_disparity(photo: Picture, found: NDArray, true: NDArray, error: NDArray) -> Figure:
    """Compare the disparity that was found in a stereo pair with the true one.

    Parameters
    ----------
    photo : picture
    found, true : array
        ``(height, width)`` in pixels, shown on one scale; not finite where the truth is unknown.
    error : array
        ``(height, width)``, absolute, in pixels; shown from 0 to 3.
    """
    figure = new_figure(11, 10 * photo.shape[0] / photo.shape[1] + 0.8)
    (left, right), (below, last) = axes = figure.subplots(2, 2)
    known = np.isfinite(true)
    common = {"vmin": np.min(true[known]), "vmax": np.max(true[known])}
    left.imshow(to_uint8(photo), interpolation=SMOOTH)
    left.set_title("the photo")
    off = _draw_map(right, error, "inferno", vmin=0, vmax=3)
    median = np.median(error[known & np.isfinite(error)])
    right.set_title(f"absolute error: half of it below {median:.1f} px")
    _draw_map(below, found, "viridis", **common)
    below.set_title("disparity found")
    shift = _draw_map(last, true, "viridis", **common)
    last.set_title("true disparity (gray: not known)")
    for axis in axes.flat:
        axis.set_axis_off()
    figure.colorbar(off, ax=axes[0], label="error in pixels", extend="max")
    figure.colorbar(shift, ax=axes[1], label="disparity in pixels")
    return figure


def _draw_map(axis, values, colors, **limits):
    """Draw a map in pixels, light gray where it is not finite."""
    colors = mpl.colormaps[colors].with_extremes(bad=UNKNOWN)
    return axis.imshow(np.ma.masked_invalid(values), cmap=colors, **limits)


def plot_flow(picture: Picture, flow: NDArray, step: int = 12) -> Figure:
    """Draw where the pixels of a picture go, as arrows.

    Parameters
    ----------
    picture : picture
        Shown faded.
    flow : array
        ``(height, width, 2)`` in pixels: to the right, downwards.
    step : int, optional
        Pixels from one arrow to the next. The longest arrows are about as long: the title says the scale.
    """
    height, width = picture.shape[:2]
    figure = new_figure(8, 8 * height / width + 0.4)
    axis = figure.subplots()
    axis.imshow(to_uint8(0.5 + 0.5 * picture), interpolation=SMOOTH)
    rows, columns = np.mgrid[step // 2 : height : step, step // 2 : width : step]
    right, down = np.moveaxis(flow[rows, columns], -1, 0)
    times = _round_factor(1.5 * step / max(np.percentile(np.hypot(right, down), 99), 0.01))
    axis.quiver(
        columns, rows, right, down, angles="xy", scale_units="xy", scale=1 / times,
        color=TERM_COLORS["content"], width=0.004,
    )  # fmt: skip
    scale = "true length" if times == 1 else f"{times:g} × their length"
    axis.set_title(f"where the picture moves: arrows at {scale}")
    axis.set_axis_off()
    return figure


def _round_factor(number):
    """Round down to 1, 2 or 5 times a power of ten."""
    power = 10 ** np.floor(np.log10(number))
    return power * max(n for n in (1, 2, 5) if n * power <= number * (1 + 1e-6))


def show_film(films: dict[str, list[Picture]], every: int = 1, height: float = 1.5) -> Figure:
    """Show films below each other, frame by frame from left to right.

    Parameters
    ----------
    films : dict of str to list of pictures
        Name to frames; equal numbers and sizes.
    every : int, optional
        Show each so many-th frame, from the first on.
    height : float, optional
        Height of a frame in inches; less where the figure would be too wide for a page.
    """
    rows = [frames[::every] for frames in films.values()]
    count, (tall, wide) = len(rows[0]), rows[0][0].shape[:2]
    titles = [f"frame {1 + every * n}" for n in range(count)]
    names = [fill(name, 14) for name in films]
    figure = contact_sheet(rows, names, titles, min(height * wide / tall, WIDEST / count))
    figure.set_figwidth(figure.get_figwidth() + NAMES)
    for axis in figure.axes[::count]:
        axis.yaxis.label.set(rotation=0, ha="right", va="center")
    return figure


def plot_flicker(values: dict[str, float]) -> Figure:
    """Compare how much films flicker.

    Parameters
    ----------
    values : dict of str to float
        Name (first one on top) to the flicker, see :func:`nst_utils.flicker`.
    """
    figure = new_figure(8, 0.5 * len(values) + 0.9)
    axis = figure.subplots()
    bars = axis.barh(list(values), list(values.values()), height=0.6, color=LINE_COLORS[2])
    axis.bar_label(bars, fmt="%.4f", padding=4)
    axis.invert_yaxis()
    axis.margins(x=0.12)
    axis.set(xlabel="flicker: mean change of a value from frame to frame, along the flow")
    return figure
