"""What happened during a run: the terms of the loss against steps and seconds."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..base.types import Picture
from ..pictures.arrays import to_uint8
from .theme import LINE_COLORS, TERM_COLORS, label_lines, label_plain_log, new_figure


def plot_history(history: dict[str, NDArray], title: str = "The terms of the loss") -> Figure:
    """Plot the terms of a run, and each layer's style loss, against the step.

    Parameters
    ----------
    history : dict of str to numpy.ndarray
        As in :class:`nst_utils.StyleTransferRun`.
    title : str, optional
    """
    steps = np.arange(1, len(history["total"]) + 1)
    figure = new_figure(11, 4.2)
    left, right = figure.subplots(1, 2)
    _draw_terms(left, steps, history)
    layers = [name for name in history if name.startswith("style/")]
    for name, color in zip(layers, mpl.colormaps["viridis"](np.linspace(0, 0.8, len(layers))), strict=True):
        right.semilogy(steps, history[name], color=color, label=name.removeprefix("style/"))
    left.set(title=title, ylabel="loss; terms before their weight")
    right.set(title="Style loss, layer by layer", ylabel="relative style loss")
    for axis in (left, right):
        axis.set_xlabel("step")
        label_plain_log(axis.yaxis)
        label_lines(axis)
        _mark_level_changes(axis, history)
    return figure


def _draw_terms(axis, steps, history):
    for name, color in TERM_COLORS.items():
        if name in history:
            values = np.asarray(history[name])
            # a content loss starts at 0 or next to it, which has no place on a logarithmic axis
            shown = np.where(values > 1e-3, values, np.nan)
            axis.semilogy(steps, shown, color=color, label=name.replace("_", " "))


def _mark_level_changes(axis, history):
    sizes = history.get("size", np.zeros(1))
    for step in np.flatnonzero(np.diff(sizes)) + 1:
        axis.axvline(step + 0.5, color="0.7", linestyle=":", linewidth=1)
        axis.annotate(
            f"{sizes[step]:.0f} px", (step + 0.5, 0.02), xycoords=("data", "axes fraction"),
            xytext=(4, 0), textcoords="offset points", va="bottom", fontsize=10, color="0.4",
        )  # fmt: skip


def plot_progress(picture: Picture, history: dict[str, NDArray], title: str | None = None) -> Figure:
    """Show a picture beside the terms of its run so far.

    Parameters
    ----------
    picture : picture
    history : dict of str to array
        As in :class:`nst_utils.StyleTransferRun`, with an entry ``"step"`` where not every step is there.
    title : str, optional
    """
    steps = history.get("step", np.arange(1, len(history["total"]) + 1))
    figure = new_figure(10, 4.2)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    left.imshow(to_uint8(picture))
    left.set_axis_off()
    left.set_title(title or f"after step {steps[-1]}")
    _draw_terms(right, steps, history)
    for line in right.lines:  # a run's first point is no line yet
        line.set(marker="o", markersize=4)
    right.set(xlabel="step", title="the loss and its terms", ylabel="loss; terms before their weight")
    right.set_xlim(0, 1.1 * steps[-1])
    label_plain_log(right.yaxis)
    label_lines(right)
    return figure


def plot_optimizers(
    histories: dict[str, dict[str, NDArray]], title: str = "Loss against steps, and against seconds"
) -> Figure:
    """Compare runs by their total loss, against steps on the left and against seconds on the right.

    Parameters
    ----------
    histories : dict of str to dict
        Name of the run to its history, up to five runs.
    title : str, optional
    """
    figure = new_figure(10.5, 4.4)
    axes = figure.subplots(1, 2, sharey=True)
    for (name, history), color in zip(histories.items(), LINE_COLORS, strict=False):
        lowest = np.minimum.accumulate(history["total"])
        # the first step also waits for the graph to be built; what follows is what steps cost
        seconds = history["seconds"] - history["seconds"][0]
        for axis, x in zip(axes, (np.arange(1, len(lowest) + 1), seconds), strict=True):
            axis.semilogy(x, lowest, color=color, label=name)
    for axis, label in zip(axes, ("step", "seconds since the first step"), strict=True):
        axis.set_xlabel(label)
        label_plain_log(axis.yaxis)
    axes[0].set_ylabel("lowest loss so far")
    label_lines(axes[1])
    figure.suptitle(title)
    return figure
