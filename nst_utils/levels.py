"""From coarse to fine: the sizes of a run, and its pictures at each of them."""

from . import images


def coarse_to_fine_levels(size, steps):
    """Picture sizes and steps of a coarse-to-fine run.

    Large shapes are settled where a step is cheap: below every size above 256 pixels stands a level of
    half the size, which takes three quarters of the steps (Gatys et al. 2017, section 6).

    Parameters
    ----------
    size : int
        Longer side of the final picture.
    steps : int
        Steps of all levels together.

    Returns
    -------
    list of (int, int)
        Longer side and steps of each level, coarsest first.
    """
    if size <= 256 or steps < 4:
        return [(size, steps)]
    fine = steps // 4
    return [*coarse_to_fine_levels(round(size / 2), steps - fine), (size, fine)]


def at_level(level, levels, *pictures):
    """Shrink pictures by the factor that makes the finest of ``levels`` the one with this number."""
    size, finest = levels[level][0], levels[-1][0]
    if size == finest:
        return pictures
    return [images.resize(picture, round(max(picture.shape[:2]) * size / finest)) for picture in pictures]
