"""The look of every figure: colors, fonts, sizes that can be read on a projector."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

# Okabe and Ito's colors: distinct with every kind of color vision.
TERM_COLORS = {
    "total": "#000000",
    "content": "#0072B2",
    "style": "#D55E00",
    "total_variation": "#009E73",
    "pixel": "#CC79A7",
}
LINE_COLORS = ("#000000", "#E69F00", "#0072B2", "#009E73", "#CC79A7")
MAP_COLORS = "magma"  # perceptually uniform, for quantities from 0 up


def use_course_style() -> None:
    """Set fonts and sizes that can be read on a projector; figures in notebooks as JPEG, which stay small."""
    mpl.rcParams.update(
        {
            "figure.dpi": 96,
            "figure.constrained_layout.use": True,
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.interpolation": "nearest",
            "lines.linewidth": 2,
        }
    )
    from IPython import get_ipython

    if get_ipython():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("jpeg", pil_kwargs={"quality": 80})


def new_figure(width: float, height: float) -> Figure:
    """Make a figure outside pyplot: it appears once, as the value of its cell, and is freed with it."""
    return Figure(figsize=(width, height), layout="constrained")


def label_plain_log(axis):
    """Label a logarithmic axis at 1, 2, 5, 10 …, without powers of ten."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def label_lines(axis, gap=0.085):
    """Write the name of each line at its right end, in its color, in place of a legend.

    ``gap`` is the least distance between two names, as a fraction of the axis.
    """
    axis.set_xmargin(0.02)
    axis.autoscale_view()
    to_fraction = axis.transData + axis.transAxes.inverted()
    ends = []
    for line in axis.get_lines():
        points = line.get_xydata()
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) and not line.get_label().startswith("_"):
            ends.append((to_fraction.transform(points[-1])[1], line))
    ends.sort(key=lambda end: end[0])
    lifted = gap * np.arange(len(ends))
    heights = np.maximum.accumulate([height for height, _ in ends] - lifted)
    heights = np.minimum(heights, 1 - lifted.max(initial=0)) + lifted
    for height, (_, line) in zip(heights, ends, strict=True):
        axis.annotate(
            line.get_label(), (1, height), xycoords="axes fraction",
            xytext=(4, 0), textcoords="offset points", va="center", color=line.get_color(),
        )  # fmt: skip
