"""From coarse to fine: the sizes of a run, its steps at each of them, and its pictures."""

from .base.arguments import check_int
from .pictures import images


def coarse_to_fine_levels(size, steps, shorter=None):
    """Picture sizes and steps of a coarse-to-fine run.

    Large shapes are settled where a step is cheap: below every size above 256 pixels stands a level of
    half the size, which takes three quarters of the steps (Gatys et al. 2017, section 6).

    Parameters
    ----------
    size : int
        Longer side of the final picture.
    steps : int
        Steps of all levels together.
    shorter : int, optional
        Shortest side of the pictures, by default ``size``. No level shrinks it below 16 pixels.

    Returns
    -------
    list of (int, int)
        Longer side and steps of each level, coarsest first.

    Raises
    ------
    ValueError
        For a size or steps that are no whole number of at least 1.
    """
    check_int("size", size)
    check_int("steps", steps)
    shorter = size if shorter is None else shorter
    if size <= 256 or steps < 4 or shorter < 2 * images.SMALLEST_SIDE:
        return [(size, steps)]
    fine = steps // 4
    return [*coarse_to_fine_levels(round(size / 2), steps - fine, shorter / 2), (size, fine)]


def at_level(level, levels, *pictures):
    """Shrink pictures by the factor that makes the finest of ``levels`` the one with this number."""
    size, finest = levels[level][0], levels[-1][0]
    if size == finest:
        return pictures
    return [images.resize(picture, round(max(picture.shape[:2]) * size / finest)) for picture in pictures]
