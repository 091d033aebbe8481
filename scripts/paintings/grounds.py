"""What lies under the paint: smooth noise, paper grain and canvas weave.

Everything here works in *unit coordinates* (the picture's side is 1, y points down), so that a painting has
the same composition at every size. Arrays are square, ``(side, side)``.
"""

import cv2
import numpy as np


def unit_grid(side):
    """Coordinates of the pixel centers: two float32 arrays ``(side, side)``, x then y."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    return (x + 0.5) / side, (y + 0.5) / side


def smooth_noise(side, scale, rng):
    """Smooth random field ``(side, side)``, float32, mean 0, standard deviation about 1.

    ``scale`` is the size of its blobs in unit coordinates. The random lattice depends on ``scale`` and
    ``rng`` alone, never on the picture's size: the same seed gives the same field at 256 and 1024 px.
    """
    cells = int(np.ceil(1 / scale)) + 3
    lattice = rng.standard_normal((cells, cells)).astype(np.float32)
    x, y = unit_grid(side)
    field = cv2.remap(lattice, x / scale + 1, y / scale + 1, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return field / 0.75  # cubic interpolation between independent values keeps about this deviation


def paper_grain(side, rng, strength=0.03):
    """Brightness factors ``(side, side)`` around 1 of a fibrous paper; ``strength`` is their deviation."""
    fine = max(1.5 / side, 1 / 500)
    fibers = smooth_noise(side, 4 * fine, rng) + smooth_noise(side, fine, rng)
    return 1 + strength * np.clip(fibers / 1.4, -3, 3)


def canvas_weave(side, rng, strength=0.03, threads=160):
    """Brightness factors ``(side, side)`` around 1 of a canvas, ``threads`` along a side."""
    x, y = unit_grid(side)
    wobble = 0.15 * smooth_noise(side, 0.03, rng)
    weave = np.sin(2 * np.pi * (threads * x + wobble)) * np.sin(2 * np.pi * (threads * y + wobble))
    return 1 + strength * weave.astype(np.float32)
