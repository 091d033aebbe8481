"""The loss terms: their gradients, what total variation removes, and their shares of the sum."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from ..base.types import Picture
from .theme import LINE_COLORS, TERM_COLORS, label_lines, label_plain_log, new_figure


def around_gray(array: NDArray) -> Picture:
    """Turn a signed array into a picture: gray where it is zero, brighter above, darker below.

    Parameters
    ----------
    array : array
        ``(height, width, 3)``, signed, of any scale, for instance a gradient.

    Returns
    -------
    numpy.ndarray
        0.5 + 0.5 · array / s, clipped to [0, 1], float32. The scale s is the 99th percentile of the absolute
        values, so that a few extreme pixels do not make the rest gray; zeros become plain gray.
    """
    array = np.asarray(array, np.float32)
    scale = np.percentile(np.abs(array), 99) or np.abs(array).max() or 1
    return np.clip(0.5 + 0.5 * array / scale, 0, 1)


def plot_rivals(losses: dict[str, tuple[float, float]], names: tuple[str, str], title: str) -> Figure:
    """Compare the losses of two rivals under several measures, on a logarithmic axis.

    Parameters
    ----------
    losses : dict of str to (float, float)
        Measure (first one on top) to the losses of the two rivals.
    names : (str, str)
        Names of the rivals.
    title : str
    """
    figure = new_figure(9, 0.5 * len(losses) + 1.4)
    axis = figure.subplots()
    rows = np.arange(len(losses))[::-1]
    pairs = np.array(list(losses.values()))
    axis.hlines(rows, pairs.min(axis=1), pairs.max(axis=1), color="0.75", linewidth=3, zorder=1)
    for values, name, color, marker in zip(pairs.T, names, ("#0072B2", "#D55E00"), "os", strict=True):
        axis.scatter(values, rows, s=110, color=color, marker=marker, zorder=2)
        axis.text(values[0], rows[0] + 0.3, name, ha="center", va="bottom", color=color)
    axis.set_xscale("log")
    label_plain_log(axis.xaxis)
    axis.set_yticks(rows, losses)
    axis.set(xlabel="relative loss", title=title)
    axis.set_ylim(-0.6, len(losses))
    return figure


def plot_lines(
    lines: dict[str, NDArray],
    title: str,
    xlabel: str,
    ylabel: str,
    *,
    x: NDArray | None = None,
    log: bool = False,
) -> Figure:
    """Draw named lines in one panel, for instance spectra or one row of several pictures.

    Parameters
    ----------
    lines : dict of str to array
        Name to values, up to five lines; equal lengths.
    title, xlabel, ylabel : str
    x : array, optional
        Positions of the values; by default 0, 1, 2, …
    log : bool, optional
        Logarithmic on both axes.
    """
    figure = new_figure(9, 4)
    axis = figure.subplots()
    for (name, values), color in zip(lines.items(), LINE_COLORS, strict=False):
        axis.plot(np.arange(len(values)) if x is None else x, values, color=color, label=name)
    if log:
        axis.set(xscale="log", yscale="log")
        label_plain_log(axis.xaxis)
        label_plain_log(axis.yaxis)
    axis.set(title=title, xlabel=xlabel, ylabel=ylabel)
    label_lines(axis)
    return figure


def plot_shares(weighted: dict[str, NDArray], gradient_norms: dict[str, NDArray], steps: NDArray) -> Figure:
    """Show the shares of the terms in a weighted sum, and the norms of their gradients.

    Parameters
    ----------
    weighted : dict of str to array
        Term to its weighted values, one per step of the run.
    gradient_norms : dict of str to array
        Term to the norm of its weighted gradient with respect to the picture, one per entry of
        ``steps``.
    steps : array
        The steps at which the norms were taken.
    """
    figure = new_figure(10.5, 4.4)
    left, right = figure.subplots(1, 2)
    values = np.array(list(weighted.values()))
    colors = [TERM_COLORS[name] for name in weighted]
    every_step = np.arange(1, values.shape[1] + 1)
    left.stackplot(every_step, 100 * values / values.sum(axis=0), colors=colors)
    left.set(title="Shares of the weighted sum", ylabel="percent", ylim=(0, 100))
    left.set_xlim(1, values.shape[1])
    for (name, norms), color in zip(gradient_norms.items(), colors, strict=True):
        right.semilogy(steps, norms, "o-", color=color, label=name.replace("_", " "))
    right.set(title="Length of each term's push", ylabel="norm of the weighted gradient")
    label_plain_log(right.yaxis)
    label_lines(right)
    for axis in (left, right):
        axis.set_xlabel("step")
    return figure


def plot_conventions(values: dict[str, dict[str, tuple[float, float]]], sizes: tuple[int, int]) -> Figure:
    """Show the same terms of the same picture, as several programs would report them.

    Parameters
    ----------
    values : dict of str to dict of str to (float, float)
        Program to term (``"content"``, ``"style"``, ``"total_variation"``) to its values, all
        positive, at two picture sizes.
    sizes : (int, int)
        The picture sizes in pixels: open and filled marks.
    """
    figure = new_figure(10, 0.6 * len(values) + 1.4)
    axis = figure.subplots()
    named = set()
    for row, terms in enumerate(values.values()):
        for offset, (term, (first, second)) in zip((0.2, 0, -0.2), terms.items(), strict=False):
            color, height = TERM_COLORS[term], len(values) - 1 - row + offset
            axis.plot([first, second], [height] * 2, color=color, linewidth=1.5, alpha=0.6)
            axis.plot(first, height, "o", markersize=9, markerfacecolor="white", color=color)
            axis.plot(second, height, "o", markersize=9, color=color)
            if term not in named:
                named.add(term)
                axis.annotate(
                    term.replace("_", " "), (max(first, second), height), xytext=(9, 0),
                    textcoords="offset points", va="center", color=color,
                )  # fmt: skip
    axis.set_yticks(range(len(values))[::-1], values)
    axis.set_xscale("log")
    axis.set(
        xlabel=f"value of the term before its weight (open: {sizes[0]} px, filled: {sizes[1]} px)",
        title="The same pictures, the same features: only the formulas differ",
    )
    axis.grid(axis="x", color="0.9")
    axis.set_axisbelow(True)
    return figure


def plot_share_bars(terms: dict[str, dict[str, float]], title: str) -> Figure:
    """Compare the make-up of several weighted sums: one bar each, from 0 to 100 percent.

    Parameters
    ----------
    terms : dict of str to dict of str to float
        Name of the sum (first one on top) to term (``"content"``, ``"style"``,
        ``"total_variation"``) to its weighted value.
    title : str
    """
    figure = new_figure(10, 0.55 * len(terms) + 1.3)
    axis = figure.subplots()
    for row, parts in enumerate(terms.values()):
        left = 0.0
        for term, value in parts.items():
            share = 100 * value / sum(parts.values())
            axis.barh(row, share, left=left, color=TERM_COLORS[term])
            if share > 8:
                middle = left + share / 2
                axis.text(middle, row, f"{share:.0f} %", ha="center", va="center", color="white")
            left += share
    axis.set_yticks(range(len(terms)), terms)
    axis.invert_yaxis()
    axis.set(title=title, xlabel="share of the weighted sum, percent", xlim=(0, 100))
    _name_terms(axis, terms)
    return figure


def _name_terms(axis, rows):
    """Legend with the color of every term that occurs in one of the rows at least."""
    names = dict.fromkeys(name for terms in rows.values() for name in terms)
    marks = [Patch(color=TERM_COLORS[name], label=name.replace("_", " ")) for name in names]
    axis.legend(handles=marks, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
