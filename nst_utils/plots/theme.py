"""The look of every figure: colors, fonts, sizes that can be read on a projector."""

import functools
import inspect

import matplotlib as mpl
from matplotlib.figure import Figure

from ..base.arguments import describe_value
from ..pictures.images import ImageError

# Okabe and Ito's colors: told apart with every kind of color vision.
TERM_COLORS = {
    "total": "#000000",
    "content": "#0072B2",
    "style": "#D55E00",
    "total_variation": "#009E73",
    "pixel": "#CC79A7",
}
CHANNEL_COLORS = ("#D55E00", "#009E73", "#0072B2")
LINE_COLORS = ("#000000", "#E69F00", "#0072B2", "#009E73", "#CC79A7")
MAP_COLORS = "magma"  # perceptually uniform, for quantities from 0 up
SIGNED_COLORS = "RdBu_r"  # two directions from a neutral zero


def use_course_style():
    """Fonts and sizes that can be read on a projector; figures in notebooks as JPEG, which stay small."""
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


def new_figure(width, height):
    """Make a figure outside pyplot: it appears once, as the value of its cell, and is freed with it."""
    return Figure(figsize=(width, height), layout="constrained")


def drawing(plot):
    """Turn what NumPy and matplotlib say about arguments that do not fit into one sentence."""

    @functools.wraps(plot)
    def draw(*arguments, **named):
        try:
            return plot(*arguments, **named)
        except (ImageError, MemoryError):
            raise
        except Exception as error:  # which it is depends on the place where the misfit shows
            given = inspect.signature(plot).bind_partial(*arguments, **named).arguments
            shown = ", ".join(f"{name} {describe_value(value)}" for name, value in given.items())
            raise ValueError(
                f"{plot.__name__} cannot draw this: {shown}. Look up what it takes with"
                f" help(nst_utils.plots.{plot.__name__})."
            ) from error

    return draw
