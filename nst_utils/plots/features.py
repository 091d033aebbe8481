"""What the layers of a network look like: their architecture, receptive fields and activations."""

from collections.abc import Sequence

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from ..base.types import Picture
from ..pictures.arrays import to_uint8
from .theme import MAP_COLORS, new_figure

LEAN, RISE = 0.4, 0.25  # of the drawn slabs: their depth goes this far right and up, per height


def depth_colors(count):
    """Colors from shallow (dark) to deep (light), ``(count, 4)``."""
    return mpl.colormaps["viridis"](np.linspace(0, 0.9, count))


def plot_architecture(picture: Picture, layers: Sequence) -> Figure:
    """Draw the convolutions of a network as slabs, from the picture to the deepest one.

    Sides go with the square root of the positions along them, widths with that of the channels.

    Parameters
    ----------
    picture : picture
        Square, ``(side, side, 3)``.
    layers : sequence of nst_utils.features.Layer
        Pooling layers are not drawn; their halving shows in the next slab.
    """
    side = picture.shape[0]
    blocks = {}
    for layer in layers:
        if "conv" in layer.name:
            blocks.setdefault(layer.name.split("_")[0], []).append(layer)
    figure = new_figure(11, 4.7)
    axis = figure.subplots()
    x = _draw_slanted_picture(axis, picture, np.sqrt(side))
    for (name, block), color in zip(blocks.items(), depth_colors(len(blocks)), strict=True):
        height, start = np.sqrt(side / block[0].jump), x
        for layer in block:
            x = _draw_slab(axis, x, height, 0.05 * np.sqrt(layer.channels), color)
        _label_block(axis, start, name, block, side)
        x = max(x + 0.8 + LEAN * height, start + 9)  # room for the text below
    axis.set(xlim=(-0.3, x), ylim=(-5.8, np.sqrt(side) + 0.3), aspect="equal")
    axis.set_axis_off()
    return figure


def _draw_slanted_picture(axis, picture, height):
    """Draw the picture as the first slab; returns where the next one begins."""
    lean = Affine2D(np.array([[LEAN, 0, 0], [RISE, 1 - RISE, 0], [0, 0, 1]])) + axis.transData
    image = axis.imshow(to_uint8(picture), extent=(0, height, 0, height), transform=lean)
    image.set_interpolation("bilinear")
    size = " × ".join(str(length) for length in picture.shape)
    axis.text(0, -0.8, f"picture\n{size}", va="top", fontsize=12)
    return max(LEAN * height + 1.5, 8)


def _draw_slab(axis, x, height, width, color):
    """Draw one layer: its front, its top, its side; returns where the next one begins."""
    lean, rise = LEAN * height, RISE * height
    front = height - rise
    face = [(0, 0), (width, 0), (width, front), (0, front)]
    top = [(0, front), (width, front), (width + lean, height), (lean, height)]
    side = [(width, 0), (width + lean, rise), (width + lean, height), (width, front)]
    for corners, shade in ((face, 1.0), (top, 1.25), (side, 0.75)):
        shaded = np.clip(color[:3] * shade, 0, 1)
        points = np.array(corners) + (x, 0)
        axis.add_patch(Polygon(points, facecolor=shaded, edgecolor="white", linewidth=0.8))
    return x + width + 0.35


def _label_block(axis, x, name, block, side):
    first = block[0]
    positions = side // first.jump
    parameters = sum(layer.parameters for layer in block)
    size = f"{parameters / 1e6:.1f} M" if parameters >= 1e6 else f"{parameters / 1e3:.0f} k"
    axis.text(
        x, -0.8,
        f"{name}\n{len(block)} convolutions\n{positions} × {positions} × {first.channels}\n{size} parameters",
        va="top", fontsize=12,
    )  # fmt: skip


def plot_fields(picture: Picture, layers: Sequence, point: tuple[int, int]) -> Figure:
    """Squares on a picture, one a layer: what the position nearest to a point can see; and cut out.

    Parameters
    ----------
    picture : picture
    layers : sequence of nst_utils.features.Layer
    point : (int, int)
        Row and column in pixels.
    """
    figure = new_figure(11, 4.5)
    grid = figure.add_gridspec(2, 5)
    photo = figure.add_subplot(grid[:, :2])
    photo.imshow(to_uint8(picture))
    photo.set_title("what one position of each layer sees")
    photo.set_axis_off()
    cells = [(row, column) for row in range(2) for column in range(2, 5)]
    for layer, cell, color in zip(layers, cells, depth_colors(len(layers)), strict=False):
        top, bottom, left, right = layer.field_at(*(pixel // layer.jump for pixel in point))
        corner = (left - 0.5, top - 0.5)
        for width, line in ((4, "white"), (2, color)):  # a light rim, seen on dark and on light
            box = Rectangle(corner, layer.field, layer.field, fill=False, ec=line, lw=width)
            photo.add_patch(box)
        part = figure.add_subplot(grid[cell])
        part.imshow(to_uint8(picture))
        part.set(xlim=(left - 0.5, right - 0.5), ylim=(bottom - 0.5, top - 0.5))
        part.set(xticks=[], yticks=[], facecolor="0.85")
        part.spines[:].set(visible=True, color=color, linewidth=4)
        part.set_title(f"{layer.name}: {layer.field} px")
    return figure


def plot_footprints(
    footprints: Sequence[NDArray], layers: Sequence, places: Sequence[tuple[int, int]]
) -> Figure:
    """How much each pixel moves one activation, and the computed receptive field around it.

    Parameters
    ----------
    footprints : sequence of array
        ``(height, width)`` each: absolute gradients, 0 or more.
    layers : sequence of nst_utils.features.Layer
    places : sequence of (int, int)
        Row and column of the activation in each layer.
    """
    figure = new_figure(13, 13 / len(layers) + 1.1)
    axes = figure.subplots(1, len(layers), squeeze=False)[0]
    for axis, footprint, layer, place in zip(axes, footprints, layers, places, strict=True):
        image = axis.imshow((footprint / footprint.max()) ** 0.4, cmap=MAP_COLORS, vmin=0, vmax=1)
        top, _, left, _ = layer.field_at(*place)
        box = (left - 0.5, top - 0.5)
        axis.add_patch(Rectangle(box, layer.field, layer.field, fill=False, ec="white", ls="--"))
        axis.set(title=f"{layer.name}\nfield {layer.field} px", xticks=[], yticks=[])
    figure.suptitle("Outside the computed square, every gradient is zero")
    bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.01, ticks=[0, 0.4, 1])
    bar.ax.set_yticklabels(["0", "0.1", "1"])  # the scale is the 0.4th power, so that little shows
    bar.set_label("gradient / largest")
    return figure


def plot_filters(kernels: NDArray) -> Figure:
    """Show the filters of a first layer as small pictures, each stretched around gray.

    Parameters
    ----------
    kernels : array
        ``(height, width, 3, filters)``, the third axis in the order red, green, blue.
    """
    columns, count = 16, kernels.shape[-1]
    rows = -(-count // columns)
    figure = new_figure(12, 12 * rows / columns + 0.6)
    for index, axis in enumerate(figure.subplots(rows, columns, squeeze=False).ravel()):
        axis.set_axis_off()
        if index < count:
            kernel = kernels[..., index]
            axis.imshow(0.5 + 0.5 * kernel / np.abs(kernel).max())
            axis.set_title(str(index), fontsize=10, pad=2)
    return figure


def plot_heat(pictures: Sequence[Picture], maps: Sequence[NDArray], titles: Sequence[str]) -> Figure:
    """Pictures in gray under their heat maps, all maps on one scale from 0 to the largest value.

    Parameters
    ----------
    pictures : sequence of pictures
    maps : sequence of array
        ``(h, w)``, one per picture, 0 or more; stretched over it.
    titles : sequence of str
    """
    figure = new_figure(11.5, 3.4)
    widths = [p.shape[1] / p.shape[0] for p in pictures]
    ratios = {"width_ratios": widths}
    axes = figure.subplots(1, len(pictures), squeeze=False, gridspec_kw=ratios)[0]
    largest = max(heat.max() for heat in maps)
    for axis, picture, heat, title in zip(axes, pictures, maps, titles, strict=True):
        height, width = picture.shape[:2]
        heat = np.clip(cv2.resize(heat, (width, height), interpolation=cv2.INTER_CUBIC), 0, largest)
        axis.imshow(picture.mean(-1) * 0.8, cmap="gray", vmin=0, vmax=1)
        image = axis.imshow(heat, cmap=MAP_COLORS, vmin=0, vmax=largest, alpha=np.sqrt(heat / largest))
        axis.set_title(title)
        axis.set_axis_off()
    bar = mpl.cm.ScalarMappable(image.norm, MAP_COLORS)
    figure.colorbar(bar, ax=axes, shrink=0.8, pad=0.01, label="activation")
    return figure


def plot_depth(names: Sequence[str], zeros: Sequence[float], means: Sequence[float]) -> Figure:
    """Share of zeros and mean activation, layer by layer.

    Parameters
    ----------
    names : sequence of str
        Layers, first layer first.
    zeros, means : sequence of float
        Shares in [0, 1], and means of activations.
    """
    blocks = [name.split("_")[0] for name in names]
    known = list(dict.fromkeys(blocks))
    colors = depth_colors(len(known))[[known.index(block) for block in blocks]]
    figure = new_figure(13, 4)
    left, right = figure.subplots(1, 2)
    left.bar(names, np.asarray(zeros) * 100, color=colors)
    left.set(title="Deep layers are mostly silent", ylabel="share of zeros, %", ylim=(0, 100))
    right.plot(names, means, color="0.7", zorder=1)
    right.scatter(names, means, color=colors, s=70, zorder=2)
    right.set(
        title="Activations have no common scale", ylabel="mean activation", yscale="log", ylim=(1, 1000)
    )
    right.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    right.grid(axis="y", color="0.9")
    for axis in (left, right):
        axis.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=10)
    return figure
