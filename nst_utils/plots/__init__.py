"""Every figure of the course. A plot takes arrays and returns the figure; nothing here is shown or saved."""

from .losses import (
    around_gray,
    plot_conventions,
    plot_lines,
    plot_rivals,
    plot_share_bars,
    plot_shares,
)
from .pictures import contact_sheet, plot_channels, show_pictures
from .runs import plot_history
from .style import use_course_style

__all__ = [
    "around_gray",
    "contact_sheet",
    "plot_channels",
    "plot_conventions",
    "plot_history",
    "plot_lines",
    "plot_rivals",
    "plot_share_bars",
    "plot_shares",
    "show_pictures",
    "use_course_style",
]
