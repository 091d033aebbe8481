"""Gram matrices, and the distances between them."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .theme import MAP_COLORS, TERM_COLORS, new_figure


def _write_cells(axis, values, limits, form, size):
    """Draw a matrix as colored cells, each with its number on top and white lines between."""
    image = axis.imshow(values, cmap=MAP_COLORS, vmin=limits[0], vmax=limits[1])
    for (row, column), value in np.ndenumerate(values):
        color = "black" if image.norm(value) > 0.6 else "white"
        text = format(value, form)
        axis.text(column, row, text, ha="center", va="center", color=color, size=size)
    rows, columns = values.shape
    axis.hlines(np.arange(rows - 1) + 0.5, -0.5, columns - 0.5, color="white", linewidth=1)
    axis.vlines(np.arange(columns - 1) + 0.5, -0.5, rows - 0.5, color="white", linewidth=1)


def plot_outer_products(features: NDArray) -> Figure:
    """Show the outer product of every feature vector with itself, and their mean, the Gram matrix.

    Parameters
    ----------
    features : array
        ``(height, width, channels)``; a toy example with a few positions and channels.
    """
    vectors = features.reshape(-1, features.shape[-1])
    products = vectors[:, :, np.newaxis] * vectors[:, np.newaxis, :]
    positions = np.ndindex(features.shape[:2])
    titles = [
        f"position {row}, {column}\n({', '.join(f'{value:g}' for value in vector)})"
        for (row, column), vector in zip(positions, vectors, strict=True)
    ]
    panels = [*products, products.mean(axis=0)]
    figure = new_figure(2.5 * len(panels), 3.1)
    axes = figure.subplots(1, len(panels))
    for axis, panel, title in zip(axes, panels, [*titles, "mean:\nthe Gram matrix"], strict=True):
        _write_cells(axis, panel, (0, products.max()), "g", 15)
        axis.set_title(title)
        axis.set(xticks=range(len(panel)), yticks=range(len(panel)), xlabel="channel")
    axes[0].set_ylabel("channel")
    axes[-1].spines[:].set(visible=True, color=TERM_COLORS["style"], linewidth=4)
    return figure


def plot_heat_maps(
    maps: Sequence[NDArray],
    titles: Sequence[str],
    labels: tuple[str, str] = ("column", "row"),
    shared: bool = False,
) -> Figure:
    """Show matrices or activation maps side by side as heat maps.

    Parameters
    ----------
    maps : sequence of arrays
        ``(height, width)`` each, values from 0 up.
    titles : sequence of str
        One per map.
    labels : (str, str), optional
        What the horizontal and the vertical axis count.
    shared : bool, optional
        Use one color scale for all maps, so that they can be compared. By default each has its own.
    """
    figure = new_figure(2.8 * len(maps), 3.3)
    axes = figure.subplots(1, len(maps), squeeze=False)[0]
    top = max(np.max(values) for values in maps)
    for axis, values, title in zip(axes, maps, titles, strict=True):
        image = axis.imshow(values, cmap=MAP_COLORS, vmin=0, vmax=top if shared else np.max(values))
        axis.set_title(title)
        axis.set_xlabel(labels[0])
    axes[0].set_ylabel(labels[1])
    if shared:
        figure.colorbar(image, ax=axes, shrink=0.75, pad=0.02)
    return figure


def plot_tables(
    tables: Sequence[NDArray],
    titles: Sequence[str],
    rows: Sequence[str],
    columns: Sequence[str],
    top: float,
    size: float = 9,
) -> Figure:
    """Show tables of values, colored, in a grid of at most three per row.

    Parameters
    ----------
    tables : sequence of arrays
        ``(len(rows), len(columns))`` each, values from 0 up.
    titles : sequence of str
        One per table.
    rows, columns : sequences of str
        Names of the rows and columns, the same for all tables.
    top : float
        The value from which on a cell has the brightest color.
    size : float, optional
        Font size in points.
    """
    across = min(len(tables), 3)
    down = -(-len(tables) // across)
    cell = size / 20  # inches: four digits fit into it
    figure = new_figure(across * cell * len(columns) + 1.3, down * (cell * len(rows) + 0.5) + 1.1)
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    for axis in grid.ravel():
        axis.set_axis_off()
    for axis, table, title in zip(grid.ravel(), tables, titles, strict=False):
        axis.set_axis_on()
        _write_cells(axis, np.asarray(table), (0, top), ".2f", size)
        axis.set_title(title)
        axis.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
        axis.set_yticks(range(len(rows)), rows)
        axis.spines[:].set_visible(False)
    return figure


def plot_per_layer(
    curves: dict[str, Sequence[float]], layers: Sequence[str], ylabel: str, title: str
) -> Figure:
    """Plot quantities against the layers of the network, from shallow to deep.

    Parameters
    ----------
    curves : dict of str to sequence of float
        Name of a quantity to its value at every layer.
    layers : sequence of str
    ylabel, title : str
    """
    colors = [TERM_COLORS[name] for name in ("style", "content", "total_variation", "pixel")]
    figure = new_figure(8, 3.8)
    axis = figure.subplots()
    for (name, values), color in zip(curves.items(), colors, strict=False):
        axis.plot(range(len(layers)), values, "o-", color=color, label=name)
    axis.set_xticks(range(len(layers)), layers)
    axis.set(ylabel=ylabel, title=title)
    axis.set_ylim(bottom=0)
    axis.legend(frameon=False)
    return figure
