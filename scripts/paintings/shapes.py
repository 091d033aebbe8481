"""Drawn shapes: polygons, ribbons, smooth curves, streaks, on a canvas finer than the picture.

All geometry is in *unit coordinates* (the picture's side is 1, y points down) and comes from the seed alone,
so that a painting has the same composition at every size.
"""

import cv2
import numpy as np

from .grounds import paper_grain, unit_grid

SUBPIXEL_BITS = 4  # OpenCV's drawing functions take fixed-point coordinates


def print_on_paper(canvas, seed):
    """Average a drawn canvas down to half its side, on grainy paper: the final picture."""
    side = len(canvas) // 2
    picture = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    picture *= paper_grain(side, np.random.default_rng(seed))[..., None]
    return np.clip(picture, 0, 1).astype(np.float32)


def fill(canvas, points, color):
    """Fill the polygon ``points`` (unit coordinates) on ``canvas``, in place."""
    scale = len(canvas) * 2**SUBPIXEL_BITS
    corners = np.round(np.asarray(points) * scale).astype(np.int32)
    cv2.fillPoly(canvas, [corners], color, shift=SUBPIXEL_BITS)


def disk(canvas, center, radius, color):
    """Fill a circle on ``canvas``, in place."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    fill(canvas, np.asarray(center) + radius * np.stack([np.cos(turn), np.sin(turn)], 1), color)


def ribbon(path, widths):
    """Outline of a line of varying width along ``path`` ``(n, 2)``: a polygon ``(2 n, 2)``."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    side = 0.5 * np.stack([-along[:, 1], along[:, 0]], 1) * np.reshape(widths, (-1, 1))
    return np.concatenate([path + side, (path - side)[::-1]])


def smooth_curve(points, steps=12):
    """Catmull-Rom curve through ``points`` ``(n, 2)``, with ``steps`` points on each piece."""
    points = np.asarray(points, float)
    before, start, stop, after = (
        np.pad(points, ((1, 2), (0, 0)), mode="edge")[i : i + len(points) - 1, None]
        for i in range(4)
    )
    t = np.linspace(0, 1, steps)[:, None]
    tangent_in, tangent_out = (stop - before) / 2, (after - start) / 2
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * tangent_in
        + (3 * t**2 - 2 * t**3) * stop
        + (t**3 - t**2) * tangent_out
    )
    return curve.reshape(-1, 2)


def evenly(curve, count):
    """Resample a curve to ``count`` points at equal distances along it."""
    steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
    length = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, curve[:, i]) for i in range(2)], 1)


def streaks(side, length, width, angle, rng):
    """Smooth random streaks ``(side, side)`` along ``angle`` (radians), deviation about 1."""
    x, y = unit_grid(side)
    along = np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5)
    across = np.cos(angle) * (y - 0.5) - np.sin(angle) * (x - 0.5)
    cells = [int(np.ceil(1.5 / cell)) + 4 for cell in (width, length)]
    lattice = rng.standard_normal(cells).astype(np.float32)
    field = cv2.remap(
        lattice,
        ((along + 0.75) / length + 1).astype(np.float32),
        ((across + 0.75) / width + 1).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )
    return field / 0.75
