"""Every figure of the course. A plot takes arrays and returns the figure; nothing here is shown or saved."""

from .control import plot_disparity, plot_flicker, plot_flow, plot_leak, show_film, show_masks
from .fast import plot_style_map, plot_triangle, plot_two_networks, triangle_weights
from .features import (
    plot_architecture,
    plot_depth,
    plot_fields,
    plot_filters,
    plot_footprints,
    plot_heat,
)
from .gram import plot_heat_maps, plot_outer_products, plot_per_layer, plot_tables
from .loop import plot_history, plot_optimizers, plot_progress
from .losses import around_gray, plot_conventions, plot_lines, plot_rivals, plot_share_bars, plot_shares
from .pictures import contact_sheet, plot_channels, show_groups, show_pictures
from .statistics import plot_costs, plot_directions, plot_dots, plot_judges, plot_pairings
from .theme import use_course_style
from .train import plot_painter

__all__ = [
    "around_gray", "contact_sheet", "plot_architecture", "plot_channels", "plot_conventions", "plot_costs",
    "plot_depth", "plot_directions", "plot_disparity", "plot_dots", "plot_fields", "plot_filters",
    "plot_flicker", "plot_flow", "plot_footprints", "plot_heat", "plot_heat_maps", "plot_history",
    "plot_judges", "plot_leak", "plot_lines", "plot_optimizers", "plot_outer_products", "plot_painter",
    "plot_pairings", "plot_per_layer", "plot_progress", "plot_rivals", "plot_share_bars", "plot_shares",
    "plot_style_map", "plot_tables", "plot_triangle", "plot_two_networks", "show_film", "show_groups",
    "show_masks", "show_pictures", "triangle_weights", "use_course_style",
]  # fmt: skip
