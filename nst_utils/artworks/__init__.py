"""The generated paintings of the course, by name: our own work, at any size, from a seed."""

import difflib

from ..base.arguments import check_int
from .composition import composition
from .ink import ink
from .mosaic import mosaic
from .swirls import swirls
from .woodblock import woodblock

PAINTINGS = {
    "swirls": swirls,
    "woodblock": woodblock,
    "mosaic": mosaic,
    "composition": composition,
    "ink": ink,
}


def paint(name, size=512, seed=0):
    """Make one of the course's paintings.

    Parameters
    ----------
    name : str
        A key of :data:`PAINTINGS`.
    size : int or (int, int)
        Side of a square, or ``(height, width)``, in pixels; at least 8 each way.
    seed : int
        Another seed gives another painting in the same style; the same seed gives the same
        composition at every size.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ValueError
        For an unknown name (the message lists the known ones), a size that is too small or too large, and a
        seed that is no whole number.
    """
    check_int("seed", seed, least=0)
    if not isinstance(name, str) or name not in PAINTINGS:
        near = difflib.get_close_matches(str(name).lower(), PAINTINGS, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"No painting is named {name!r}; there are {', '.join(PAINTINGS)}.{guess}")
    return PAINTINGS[name](size, seed)
