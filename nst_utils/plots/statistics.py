"""Beyond Gram: how small sets of numbers are paired, losses that judge each other, and what they cost."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from .theme import LINE_COLORS, MAP_COLORS, TERM_COLORS, label_lines, label_plain_log, new_figure

FIRST, SECOND = LINE_COLORS[2], LINE_COLORS[1]  # of two sets
STRAIGHT, CROSSING = "0.6", TERM_COLORS["style"]  # of the links between them
STACKED = 0.16  # from a dot to an equal one above it; rows are 1 apart


def plot_dots(sets: dict[str, NDArray], span: tuple[float, float] | None = None) -> Figure:
    """Draw sets of numbers as dots on lines, each with its mean, its spread and its mean square.

    Parameters
    ----------
    sets : dict of str to array
        Name (first one on top) to numbers. Equal numbers are stacked.
    span : (float, float), optional
        First and last number of the lines; by default, what the dots need.
    """
    figure = new_figure(10, 0.85 * len(sets) + 1.1)
    axis = figure.subplots()
    _write_beside(axis, -0.7, ("mean", "spread", "mean\nsquare"))
    for row, numbers in enumerate(map(np.asarray, sets.values())):
        mean, spread = numbers.mean(), numbers.std()
        axis.axhline(row, color="0.85", linewidth=1, zorder=0)
        bar = [mean - spread, mean + spread]
        axis.plot(bar, [row + 0.2] * 2, color=SECOND, linewidth=5, solid_capstyle="butt")
        axis.plot([mean] * 2, [row + 0.08, row + 0.32], color="black", linewidth=1.5)
        heights = [row - STACKED * np.sum(numbers[:n] == number) for n, number in enumerate(numbers)]
        axis.plot(numbers, heights, "o", color=FIRST, markersize=10, markeredgecolor="white")
        _write_beside(axis, row, [f"{value:.2f}" for value in (mean, spread, np.mean(numbers**2))])
    axis.set_yticks(range(len(sets)), sets)
    axis.tick_params(left=False)
    axis.spines["left"].set_visible(False)
    axis.set(xlim=span, ylim=(len(sets) - 0.5, -0.6))
    axis.set_xlabel("black: mean; orange bar: one standard deviation to each side")
    return figure


def _write_beside(axis, row, texts):
    """Write a row of a table to the right of the lines, wherever they end."""
    for column, text in enumerate(texts):
        axis.annotate(
            text, (1, row), xycoords=("axes fraction", "data"), xytext=(36 + 56 * column, 0),
            textcoords="offset points", ha="center", va="center",
        )  # fmt: skip


def plot_pairings(a: NDArray, b: NDArray, pairings: dict[str, Sequence[int]]) -> Figure:
    """Link the numbers of one set to those of another, in several ways.

    Parameters
    ----------
    a, b : array
        Two sets of numbers.
    pairings : dict of str to sequence of int
        Name to the place in ``b`` for each number of ``a``. Links that cross others have another color.
    """
    down = -(-len(pairings) // 3)
    across = -(-len(pairings) // down)
    figure = new_figure(3.7 * across, 2.5 * down)
    axes = figure.subplots(down, across, squeeze=False, sharex=True).ravel()
    for axis, (name, pairing) in zip(axes, pairings.items(), strict=False):
        partners = np.asarray(b)[np.asarray(pairing)]
        _draw_links(axis, a, partners, b)
        axis.set_title(f"{name}\n{_squared_distance(a, partners)}")
    for axis in axes[len(pairings) :]:
        axis.set_axis_off()
    return figure


def _squared_distance(a, b):
    return f"mean squared distance {np.mean((np.asarray(a) - b) ** 2):.2f}"


def _draw_links(axis, a, partners, b):
    """Draw the dots of ``a`` above those of ``b``, and lines from those of ``a`` to their partners."""
    crosses = (np.subtract.outer(a, a) * np.subtract.outer(partners, partners) < 0).any(axis=1)
    for upper, lower, crossing in zip(a, partners, crosses, strict=True):
        axis.plot([upper, lower], [1, 0], color=CROSSING if crossing else STRAIGHT, linewidth=1.5)
    for numbers, height, color in ((a, 1, FIRST), (b, 0, SECOND)):
        axis.axhline(height, color="0.85", linewidth=1, zorder=0)
        style = {"color": color, "markersize": 9, "markeredgecolor": "white"}
        axis.plot(numbers, [height] * len(numbers), "o", **style, zorder=3)
    axis.set_yticks([1, 0], ["a", "b"])
    axis.tick_params(left=False)
    axis.spines["left"].set_visible(False)
    axis.set_ylim(-0.25, 1.25)


def plot_directions(points: NDArray, target: NDArray, angles: Sequence[float]) -> Figure:
    """Project two clouds of points on directions, and pair the sorted projections.

    Parameters
    ----------
    points, target : array
        ``(n, 2)`` each, equally many.
    angles : sequence of float
        Of the directions, in degrees, from the first coordinate towards the second.
    """
    figure = new_figure(11, max(4.4, 1.45 * len(angles)))
    grid = figure.add_gridspec(len(angles), 2)
    plane, shared = figure.add_subplot(grid[:, 0], aspect="equal"), None
    reach = 1.1 * np.linalg.norm([*points, *target], axis=1).max()
    for row, angle in enumerate(angles):
        x, y = direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        plane.plot(*np.outer(direction, [-reach, reach]), color="0.6", linewidth=1.5)
        plane.text(1.1 * reach * x, 1.1 * reach * y, f"{angle:g}°", ha="center", va="center")
        shared = axis = figure.add_subplot(grid[row, 1], sharex=shared)
        upper, lower = np.sort(points @ direction), np.sort(target @ direction)
        _draw_links(axis, upper, lower, lower)
        axis.set_title(f"{angle:g}°: {_squared_distance(upper, lower)}")
        axis.set_yticks([1, 0], ["points", "target"])
        axis.tick_params(labelbottom=row == len(angles) - 1)
    for cloud, color, name in ((points, FIRST, "points"), (target, SECOND, "target")):
        plane.plot(*cloud.T, "o", color=color, markersize=7, markeredgecolor="white", label=name)
    limits = -1.2 * reach, 1.2 * reach
    plane.set(xlabel="first channel", ylabel="second channel", xlim=limits, ylim=limits)
    plane.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False, handletextpad=0)
    return figure


def plot_judges(
    values: NDArray, results: Sequence[str], judges: Sequence[str], spread: NDArray | None = None
) -> Figure:
    """Show how several losses judge the pictures that each of them made.

    Parameters
    ----------
    values : array
        ``(len(results), len(judges))``. Each column has a color scale of its own, light where it is lowest;
        its lowest number is bold.
    results : sequence of str
        With which loss the picture of each row was made.
    judges : sequence of str
        The loss of each column. Cells in which it judges its own picture are framed.
    spread : array, optional
        Of the values, for instance over several seeds: written below them.
    """
    values = np.asarray(values)
    lowest, highest = values.min(axis=0), values.max(axis=0)
    shades = (values - lowest) / np.where(highest > lowest, highest - lowest, 1)
    figure = new_figure(1.7 * len(judges) + 2.2, 0.75 * len(results) + 1)
    axis = figure.subplots()
    axis.imshow(shades, cmap=f"{MAP_COLORS}_r", vmin=0, vmax=1.15, aspect="auto")
    axis.hlines(np.arange(len(results) - 1) + 0.5, -0.5, len(judges) - 0.5, color="white")
    axis.vlines(np.arange(len(judges) - 1) + 0.5, -0.5, len(results) - 0.5, color="white")
    for (row, column), value in np.ndenumerate(values):
        ink = "black" if shades[row, column] < 0.46 else "white"
        below = "" if spread is None else f"± {_write(spread[row][column], 1)}"
        number = axis.text(column, row - (0.12 if below else 0), _write(value, 2), size=15)
        number.set_fontweight("bold" if value == lowest[column] else "normal")
        for text in (number, axis.text(column, row + 0.23, below, size=10)):
            text.set(ha="center", va="center", color=ink)
        if results[row] == judges[column]:
            frame = Rectangle((column - 0.46, row - 0.43), 0.92, 0.86)
            frame.set(facecolor="none", edgecolor=FIRST, linewidth=4)
            axis.add_patch(frame)
    axis.set_xticks(range(len(judges)), judges)
    axis.set_yticks(range(len(results)), results)
    axis.xaxis.tick_top()
    axis.xaxis.set_label_position("top")
    axis.set_xlabel("judged by", labelpad=8)
    axis.set_ylabel("made with", labelpad=8)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def _write(value, digits):
    """Write a number with so many significant digits, without powers of ten."""
    value = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - int(np.floor(np.log10(abs(value)))) if value else 0
    return f"{value:.{max(decimals, 0)}f}"


def plot_costs(counts: Sequence[int], seconds: dict[str, Sequence[float]]) -> Figure:
    """Show how the time that a loss takes grows with the number of positions.

    Parameters
    ----------
    counts : sequence of int
        Numbers of positions, ascending.
    seconds : dict of str to sequence of float
        Name of a loss to its seconds at each of the counts, up to five losses. The name at the end of a line
        says how the seconds grew from the last count but one to the last.
    """
    figure = new_figure(11, 4.4)
    axis = figure.subplots()
    doublings = np.log2(counts[-1] / counts[-2])
    for (name, values), color in zip(seconds.items(), LINE_COLORS, strict=False):
        growth = (values[-1] / values[-2]) ** (1 / doublings)
        name = f"{name}: × {growth:.1f} when the positions double"
        axis.loglog(counts, values, "o-", color=color, label=name)
    axis.set(xlabel="positions", ylabel="seconds")
    label_plain_log(axis.xaxis)
    label_plain_log(axis.yaxis)
    label_lines(axis)
    return figure
