"""An abstract composition in the manner of the 1920s: circles, wedges, boards and lines in tension.

Its forms are laid over each other as thin washes of pigment: each has a gradation, the streaks of its
brush, and a darker rim where the wash has dried.
"""

import cv2
import numpy as np

from .grounds import smooth_noise
from .shapes import SUBPIXEL_BITS, evenly, print_on_paper, ribbon, streaks

PIGMENT = {
    "black": (0.10, 0.09, 0.11),
    "ultramarine": (0.15, 0.22, 0.55),
    "teal": (0.16, 0.45, 0.50),
    "sky": (0.55, 0.71, 0.78),
    "vermilion": (0.82, 0.25, 0.16),
    "madder": (0.52, 0.13, 0.25),
    "yellow": (0.94, 0.76, 0.22),
    "ochre": (0.80, 0.56, 0.27),
    "rose": (0.89, 0.62, 0.58),
    "green": (0.40, 0.54, 0.30),
    "violet": (0.41, 0.29, 0.50),
    "cream": (0.96, 0.91, 0.79),
}
ANGLES = 4  # directions of the brush that are prepared once and shared by all forms


def polygon_mask(corners, shape):
    """Share of every pixel that lies inside a polygon: ``(height, width)``, 0 to 1."""
    mask = np.zeros(shape, np.uint8)
    fixed_point = np.round(corners * 2**SUBPIXEL_BITS).astype(np.int32)
    cv2.fillPoly(mask, [fixed_point], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    return mask.astype(np.float32) / 255


class Sheet:
    """A primed sheet ``canvas`` ``(side, side, 3)`` and the brush that lays washes on it."""

    def __init__(self, side, rng):
        self.scale = side
        self.rng = rng
        turns = np.arange(ANGLES) * np.pi / ANGLES + 0.3
        self.brush = [
            0.7 * streaks(side, 0.10, 0.003, turn, rng)
            + 0.5 * streaks(side, 0.30, 0.012, turn, rng)
            for turn in turns
        ]
        self.cloud = smooth_noise(side, 0.06, rng) + 0.6 * smooth_noise(side, 0.013, rng)
        self.canvas = self.prime(side)

    def prime(self, side):
        """Warm ground: cream, with broad clouds of ochre, rose and sky brushed into it."""
        canvas = np.full((side, side, 3), PIGMENT["cream"], np.float32)
        for color, brush in zip(("ochre", "rose", "sky"), self.brush, strict=False):
            cloud = smooth_noise(side, 0.32, self.rng) + 0.35 * brush + 0.3 * self.cloud
            cover = 0.6 * np.clip(0.5 * cloud, 0, 1)[..., None]
            canvas += (np.float32(PIGMENT[color]) - canvas) * cover
        return canvas * (1 + 0.05 * self.brush[3])[..., None]

    def wash(self, outline, color, second=None, cover=0.85):
        """Paint the inside of a polygon with a wash that runs from ``color`` to ``second``.

        ``cover`` is the share of the paint below that the wash hides, 0 to 1.
        """
        brush = self.brush[self.rng.integers(ANGLES)]
        turn = self.rng.uniform(0, 2 * np.pi)
        corners = np.asarray(outline) * self.scale
        low = np.clip(corners.min(axis=0).astype(int) - 2, 0, self.scale)
        high = np.clip(corners.max(axis=0).astype(int) + 3, 0, self.scale)
        if np.any(low >= high):
            return
        window = np.s_[low[1] : high[1], low[0] : high[0]]
        streak, cloud = brush[window], self.cloud[window]
        mask = polygon_mask(corners - low, streak.shape)
        rim = mask - cv2.blur(mask, (int(0.009 * self.scale) | 1,) * 2)
        y, x = (np.linspace(-0.5, 0.5, n, dtype=np.float32) for n in streak.shape)
        run = 0.5 + np.cos(turn) * x + np.sin(turn) * y[:, None] + 0.15 * streak + 0.1 * cloud
        run = np.clip(run, 0, 1)[..., None]
        paint = np.float32(PIGMENT[color]) * (1 - run) + np.float32(PIGMENT[second or color]) * run
        paint *= (1 + 0.10 * streak + 0.05 * cloud - 0.35 * np.maximum(rim, 0))[..., None]
        density = np.clip(cover * (1 + 0.10 * streak + 0.08 * cloud + 0.25 * rim), 0, 1)
        self.canvas[window] += (paint - self.canvas[window]) * (mask * density)[..., None]

    def line(self, path, width, color="black"):
        """Draw a line that swells and tapers a little along ``path`` ``(n, 2)``."""
        path = evenly(np.asarray(path, float), 40)
        swell = 0.75 + 0.25 * np.sin(np.linspace(0, 1, 40) * np.pi * self.rng.uniform(1, 4))
        self.wash(ribbon(path, width * swell), color, cover=0.95)


def circle(center, radius, start=0.0, stop=2 * np.pi):
    """Points of an arc, or of a full circle, ``(90, 2)``."""
    turn = np.linspace(start, stop, 90)
    return np.asarray(center) + radius * np.stack([np.cos(turn), np.sin(turn)], 1)


def frame(center, angle, scale):
    """Return a function that places points of a turned, scaled frame around ``center``."""
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return lambda points: np.asarray(center) + scale * np.asarray(points, float) @ turn


def pick(rng, *names):
    """Choose one pigment."""
    return names[rng.integers(len(names))]


def paint_planes(sheet, place, rng):
    """Large translucent planes that give the picture its directions."""
    for _ in range(7):
        center = place(rng.uniform(-0.8, 0.8, 2))
        put = frame(center, rng.uniform(0, np.pi), rng.uniform(0.18, 0.36))
        shape = rng.uniform(-0.25, 0.25, (4, 2)) + [(-1, -0.6), (1, -0.5), (0.8, 0.6), (-0.9, 0.4)]
        colors = rng.choice(["sky", "rose", "ochre", "yellow", "green", "violet", "teal"], 2)
        sheet.wash(put(shape), *colors, cover=rng.uniform(0.35, 0.6))


def paint_great_circle(sheet, center, radius, rng):
    """Paint the heaviest form: a dark disk with a halo, rings and a bright heart."""
    for grow, cover in ((1.5, 0.25), (1.34, 0.3), (1.18, 0.4)):
        sheet.wash(circle(center, grow * radius), "yellow", pick(rng, "vermilion", "rose"), cover)
    sheet.wash(circle(center, radius), "black", "ultramarine", 0.95)
    sheet.wash(circle(center, 0.86 * radius), "ultramarine", "violet", 0.9)
    heading = rng.uniform(0, 2 * np.pi)
    toward = radius * np.array([np.cos(heading), np.sin(heading)])
    sheet.wash(circle(center + 0.3 * toward, 0.5 * radius), "madder", "vermilion", 0.85)
    half = circle(center + 0.62 * toward, 0.42 * radius, heading - 1.2, heading - 1.2 + np.pi)
    sheet.wash(half, "yellow", "cream", 0.9)
    for i, color in enumerate(("rose", "sky", "yellow")):
        small = circle(center - (0.25 + 0.24 * i) * toward, (0.16 - 0.04 * i) * radius)
        sheet.wash(small, color, "cream", 0.9)
    for share in (0.66, 0.72, 0.78, 1.26, 1.42):
        start = rng.uniform(0, 2 * np.pi)
        arc = circle(center, share * radius, start, start + rng.uniform(2, 5))
        sheet.line(arc, 0.004, "cream" if share < 1 else "black")


def paint_wedge(sheet, tip, foot, width, rng):
    """Paint a long triangle, split along its axis into a warm and a cool half."""
    tip, foot = np.asarray(tip), np.asarray(foot)
    side = width * (foot - tip)[::-1] * (-1, 1)
    sheet.wash([tip, foot + side, foot], "vermilion", pick(rng, "yellow", "rose"), 0.85)
    sheet.wash([tip, foot, foot - side], pick(rng, "teal", "violet"), "sky", 0.8)
    sheet.line([tip, foot + side], 0.004)
    sheet.line([tip, foot - side], 0.003)
    for share in np.linspace(0.35, 0.95, 7):
        middle = tip + share * (foot - tip)
        sheet.line([middle - share * side, middle + share * side], 0.0022)


def paint_checkers(sheet, put, rows, columns, rng):
    """Paint a board of squares, dark ones black, light ones in changing colors."""
    for row in range(rows):
        for column in range(columns):
            corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) + (column, row)
            corners = corners + rng.normal(0, 0.03, (4, 2)) - (columns / 2, rows / 2)
            light = pick(rng, "cream", "yellow", "vermilion", "sky", "rose", "ultramarine")
            color = "black" if (row + column) % 2 else light
            sheet.wash(put(corners / columns), color, cover=0.88)


def paint_comb(sheet, put, count, rng):
    """Parallel lines, crossed by a heavier one."""
    for i, y in enumerate(np.linspace(-0.5, 0.5, count)):
        reach = rng.uniform(0.7, 1.0)
        sheet.line(put([(-reach, y), (reach, y * 0.85)]), 0.0035 + 0.0012 * (i % 3))
    accent = pick(rng, "vermilion", "madder", "ultramarine")
    sheet.line(put([(-0.6, -0.75), (0.7, 0.8)]), 0.009, accent)


def paint_fan(sheet, center, radius, start, rng):
    """Half rings inside one another, like a quarter of a target."""
    stop = start + rng.uniform(1.5, 3.1)
    colors = rng.permutation(["vermilion", "yellow", "teal", "cream", "violet", "ochre", "sky"])
    for color, share in zip(colors, np.linspace(1, 0.25, 7), strict=True):
        sheet.wash([center, *circle(center, share * radius, start, stop)], color, cover=0.85)
        sheet.line(circle(center, share * radius, start, stop), 0.0022)


def paint_snake(sheet, put, rng):
    """Paint a winding ribbon with bars across it."""
    x = np.linspace(-1, 1, 200)
    y = (0.2 + 0.1 * x) * np.sin(4 * np.pi * x + rng.uniform(0, 2 * np.pi))
    curve = evenly(put(np.stack([x, y], 1)), 121)
    widths = np.linspace(0.012, 0.034, 121)
    outline = ribbon(curve, widths + 0.008)
    sheet.wash(outline, "black", cover=0.95)
    colors = ("yellow", "vermilion", "cream", "teal")
    for i in range(0, 120, 4):
        sheet.wash(ribbon(curve[i : i + 4], widths[i : i + 4]), colors[i // 4 % 4], cover=0.92)


def paint_small_forms(sheet, place, rng):
    """Accents all over the sheet: dots with rings, slivers, crosses, arcs, rows of bars."""
    warm = ("vermilion", "yellow", "madder", "rose")
    cool = ("ultramarine", "teal", "green", "violet")
    for i in range(80):
        center = place(rng.uniform(-1, 1, 2))
        put = frame(center, rng.uniform(0, np.pi), rng.uniform(0.012, 0.05))
        color = pick(rng, *(warm if i % 2 else cool))
        kind = i % 6
        if kind == 0:
            sheet.wash(put(circle((0, 0), 0.62)), "black", cover=0.9)
            sheet.wash(put(circle((0, 0), 0.48)), color, pick(rng, "cream", "yellow"), 0.95)
        elif kind == 1:
            sheet.wash(put([(-1, -0.6), (1.2, 0), (-0.7, 0.6)]), color, pick(rng, *cool), 0.8)
            sheet.line(put([(-1.3, 0.8), (1.6, -0.1)]), 0.003)
        elif kind == 2:
            for y in np.linspace(-0.8, 0.8, 5):
                sheet.line(put([(-1, y), (1, y)]), 0.0032, pick(rng, "black", "black", color))
        elif kind == 3:
            outer, inner = (circle((0, 0), r, 0, rng.uniform(2, 4)) for r in (1.3, 1.0))
            sheet.line(put(outer), 0.005, pick(rng, "black", color))
            sheet.line(put(inner), 0.003)
        elif kind == 4:
            sheet.wash(put([(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)]), color, cover=0.75)
            sheet.line(put([(-1.4, 0), (1.4, 0.2)]), 0.003)
        else:
            sheet.line(put([(-1.6, 0), (1.6, 0)]), 0.004)
            sheet.line(put([(0, -1), (0.2, 1)]), 0.004, pick(rng, "black", color))


def composition(size, seed):
    """Paint circles, wedges, boards and lines over a warm ground, like early abstract art."""
    rng = np.random.default_rng(seed)
    sheet = Sheet(2 * size, rng)
    mirror = rng.choice([-1, 1], 2)

    def place(point):
        return 0.5 + 0.5 * mirror * np.asarray(point)

    def spot(x, y, jitter=0.06):
        return place((x, y) + rng.uniform(-jitter, jitter, 2))

    paint_planes(sheet, place, rng)
    for start in rng.uniform(-0.9, 0.1, 3):  # long diagonals, all in nearly one direction
        sheet.line([place((start, 1.1)), place((start + 1.0, -1.1))], rng.uniform(0.004, 0.010))
    paint_fan(sheet, spot(-0.62, 0.62), 0.24, rng.uniform(0, 6), rng)
    paint_wedge(sheet, spot(0.75, -0.85), spot(-0.15, 0.80), 0.16, rng)
    paint_great_circle(sheet, spot(-0.38, -0.36), 0.19, rng)
    paint_checkers(sheet, frame(spot(0.55, 0.30), rng.uniform(-0.5, 0.5), 0.27), 4, 5, rng)
    paint_comb(sheet, frame(spot(0.55, -0.42), rng.uniform(0.3, 1.2), 0.20), 9, rng)
    paint_snake(sheet, frame(spot(0.35, 0.78), rng.uniform(-0.3, 0.3), 0.30), rng)
    paint_fan(sheet, spot(0.80, -0.75), 0.13, rng.uniform(0, 6), rng)
    paint_small_forms(sheet, place, rng)
    sheet.line([place((-1.05, 0.25)), place((1.05, -0.12))], 0.007)
    sheet.line([place((-0.9, -1.05)), place((0.95, 0.9))], 0.005)
    return print_on_paper(sheet.canvas, seed)
