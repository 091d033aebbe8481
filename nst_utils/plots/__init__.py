"""Every figure of the course. A plot takes arrays and returns the figure; nothing here is shown or saved."""

from .pictures import contact_sheet, plot_channels, show_pictures
from .runs import plot_history
from .style import use_course_style

__all__ = [
    "contact_sheet",
    "plot_channels",
    "plot_history",
    "show_pictures",
    "use_course_style",
]
