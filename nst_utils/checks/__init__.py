"""Checks of the exercises: each says what is right, what is wrong, and what usually causes it."""

from .losses import (
    check_relative_content_loss,
    check_style_of_layers,
    check_total_variation,
    check_weighted_total,
)
from .start import check_from_opencv, check_to_8_bit
from .verdict import Verdict

__all__ = [
    "Verdict",
    "check_from_opencv",
    "check_relative_content_loss",
    "check_style_of_layers",
    "check_to_8_bit",
    "check_total_variation",
    "check_weighted_total",
]
