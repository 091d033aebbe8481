"""Checks of the exercises: each says what is right, what is wrong, and what usually causes it."""

from .start import check_from_opencv, check_to_8_bit
from .verdict import Verdict

__all__ = ["Verdict", "check_from_opencv", "check_to_8_bit"]
