"""What happened during a run."""

import matplotlib as mpl
import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from .style import TERM_COLORS, new_figure


def plot_history(history, title="The terms of the loss"):
    """Plot the terms of a run, and each layer's style loss, against the step.

    Parameters
    ----------
    history : dict of str to numpy.ndarray
        As in :class:`nst_utils.StyleTransferRun`.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    steps = np.arange(1, len(history["total"]) + 1)
    figure = new_figure(13, 3.8)
    left, right = figure.subplots(1, 2)
    for name, color in TERM_COLORS.items():
        if name in history:
            # a content loss starts at 0 or next to it, which has no place on a logarithmic axis
            left.semilogy(
                steps,
                np.where(history[name] > 1e-3, history[name], np.nan),
                color=color,
                label=name.replace("_", " "),
            )
    layers = [name for name in history if name.startswith("style/")]
    for name, color in zip(layers, mpl.colormaps["viridis"](np.linspace(0, 0.9, len(layers))), strict=True):
        right.semilogy(steps, history[name], color=color, label=name.removeprefix("style/"))
    left.set(title=title, ylabel="loss; terms before their weight")
    right.set(title="Style loss, layer by layer", ylabel="relative style loss")
    for axis in (left, right):
        axis.set_xlabel("step")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.legend(fontsize=10, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        _mark_level_changes(axis, history)
    return figure


def _mark_level_changes(axis, history):
    sizes = history.get("size", np.zeros(1))
    for step in np.flatnonzero(np.diff(sizes)) + 1:
        axis.axvline(step + 0.5, color="0.7", linestyle=":", linewidth=1)
        axis.annotate(
            f"{sizes[step]:.0f} px", (step + 0.5, 0.98), xycoords=("data", "axes fraction"),
            xytext=(4, 0), textcoords="offset points", va="top", fontsize=10, color="0.4",
        )  # fmt: skip
