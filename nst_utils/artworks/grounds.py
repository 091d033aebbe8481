"""What lies under the paint: smooth noise, paper grain and canvas weave.

Everything here works in *unit coordinates* (the longer side of the picture is 1), so that a painting
has the same composition at every size.
"""

from numbers import Integral

import cv2
import numpy as np

from ..base.arguments import MAX_PIXELS, describe_value


def height_width(size):
    """Turn ``size`` (an integer, or ``(height, width)``) into ``(height, width)``; an integer is a square."""
    sides = (size, size) if isinstance(size, Integral) else tuple(size) if np.iterable(size) else ()
    if len(sides) != 2 or any(isinstance(s, bool) or not isinstance(s, Integral) for s in sides):
        raise ValueError(f"size is {describe_value(size)}; give a square's side, or (height, width), in pixels.")
    height, width = int(sides[0]), int(sides[1])
    if height < 8 or width < 8:
        raise ValueError(f"A painting needs at least 8 × 8 pixels, not {height} × {width}.")
    if height * width > MAX_PIXELS:
        raise ValueError(f"A painting of {height} × {width} pixels is too large; choose a smaller size.")
    return height, width


def unit_grid(shape):
    """Coordinates of the pixel centers: two float32 arrays ``(height, width)``, x then y, longer side 1."""
    height, width = shape
    longer = max(shape)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x + 0.5) / longer, (y + 0.5) / longer


def smooth_noise(shape, scale, rng):
    """Smooth random field ``(height, width)``, float32, mean 0, standard deviation about 1.

    ``scale`` is the size of its blobs in unit coordinates. The random lattice depends on ``scale`` and
    ``rng`` alone, never on the picture's size: the same seed gives the same field at 256 and 1024 px.
    """
    cells = int(np.ceil(1 / scale)) + 3
    lattice = rng.standard_normal((cells, cells)).astype(np.float32)
    x, y = unit_grid(shape)
    field = cv2.remap(lattice, x / scale + 1, y / scale + 1, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return field / 0.75  # cubic interpolation between independent values keeps about this deviation


def paper_grain(shape, rng, strength=0.03):
    """Brightness factors ``(height, width)`` around 1 of a fibrous paper; ``strength`` is their deviation."""
    fine = max(1.5 / max(shape), 1 / 500)
    fibers = smooth_noise(shape, 4 * fine, rng) + smooth_noise(shape, fine, rng)
    return 1 + strength * np.clip(fibers / 1.4, -3, 3)


def canvas_weave(shape, rng, strength=0.03, threads=160):
    """Brightness factors ``(height, width)`` around 1 of a canvas, ``threads`` along the longer side."""
    x, y = unit_grid(shape)
    wobble = 0.15 * smooth_noise(shape, 0.03, rng)
    weave = np.sin(2 * np.pi * (threads * x + wobble)) * np.sin(2 * np.pi * (threads * y + wobble))
    return 1 + strength * weave.astype(np.float32)
