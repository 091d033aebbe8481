"""A night in oils: impasto strokes that follow vortices and glowing lights."""

import cv2
import numpy as np

from .grounds import canvas_weave, smooth_noise, unit_grid
from .strokes import (
    MAP_SIDE,
    halve,
    lay_strokes,
    light_relief,
    mix,
    sample,
    split_into_bristles,
    trace,
    wavy_line,
)

# From the darkest blue over turquoise to the heart of a lamp; positions run evenly from 0 to 1.
NIGHT = np.array([
    (10, 14, 46), (20, 30, 92), (30, 56, 142), (44, 92, 168), (82, 146, 178), (160, 190, 160),
    (240, 196, 76), (250, 170, 46), (255, 222, 112), (255, 248, 214),
], np.float32)  # fmt: skip
LAND = np.array([
    (10, 16, 34), (16, 34, 52), (26, 58, 62), (52, 84, 60), (104, 116, 62), (176, 150, 74),
    (236, 182, 72), (255, 226, 140),
], np.float32)  # fmt: skip

VIOLET_TO_TEAL = np.array([-15, 12, 0])


def scatter(count, low, high, distance, rng):
    """Up to ``count`` random points ``(n, 2)`` in a box, no two nearer than ``distance``."""
    points = []
    for candidate in rng.uniform(low, high, (40 * count, 2)):
        if all(np.hypot(*(candidate - point)) > distance for point in points):
            points.append(candidate)
    return np.array(points[:count])


def night_sky(x, y, rng):
    """Stream function, palette position and light halos ``(h, w)`` of a sky of wind and lights.

    The wind follows the contour lines of the stream function, and so do the bands of color.
    """
    unit = np.sqrt(0.7)
    stream = y + wavy_line(x + 0.6 * y, rng, 0.03) + 0.012 * wavy_line(y - 0.3 * x, rng, 1)
    glow = np.zeros_like(x)
    for number, center in enumerate(scatter(9, (0.08, 0.09), (0.92, 0.52), 0.27 * unit, rng)):
        distance = np.hypot(x - center[0], y - center[1])
        if number % 2:  # a vortex
            radius = unit * rng.uniform(0.13, 0.2)
            bump = 1.6 * radius * np.exp(-((distance / radius) ** 2))
        else:  # a light; the wind goes round it in circles
            radius = unit * (0.15 if number == 0 else rng.uniform(0.06, 0.1))
            bump = 4 * radius * np.exp(-((distance / radius) ** 2))
            rings = 1 + 0.16 * np.cos(2 * np.pi * distance / (0.42 * radius))
            glow = np.maximum(glow, 1.05 * rings * np.exp(-((distance / (0.95 * radius)) ** 1.5)))
        stream = stream + rng.choice([-1, 1]) * bump
    bands = np.sin(2 * np.pi * stream / 0.055)
    drift = smooth_noise(MAP_SIDE, 0.2, rng)
    position = 0.25 + 0.13 * bands + 0.05 * drift + 0.16 * y
    return stream, np.maximum(position * (1 - 0.5 * glow), glow)


def light_columns(x, y, lamps, rng):
    """Brightness ``(h, w)`` of the lamps ``(n, 2)`` and of their broken reflections in water."""
    light = np.zeros_like(x)
    ripples = 1 + 0.3 * np.sin(2 * np.pi * (y + wavy_line(x, rng, 0.01)) / 0.017)
    for lamp_x, lamp_y in lamps:
        below = np.maximum(y - lamp_y, 0) / 0.09
        above = np.maximum(lamp_y - y, 0) / 0.012
        column = np.exp(-(((x - lamp_x) / (0.009 + 0.008 * below)) ** 2) - below - above**2)
        light = np.maximum(light, rng.uniform(0.75, 1.1) * column * ripples)
    return light


def boats(x, y, places, sizes):
    """Where the sails and the hulls ``(h, w)`` of boats are; ``places`` is ``(n, 2)``."""
    sails, hulls = np.zeros(x.shape, bool), np.zeros(x.shape, bool)
    for (mast, waterline), size in zip(places, sizes, strict=True):
        right, up = (x - mast) / size, (waterline - y) / size
        sails |= (up > 0.08) & (right > 0.02) & (right < 0.5 * (1 - up))
        sails |= (up > 0.08) & (right < -0.03) & (right > -0.36 * (0.85 - up))
        hulls |= (up < 0.06) & (up > -0.09) & (np.abs(right - 0.05) < 0.5 + 1.2 * up)
    return sails, hulls


def night_scene(rng):
    """Draw the maps: flow ``(h, w, 2)``, palette position ``(h, w)``, and where LAND colors go."""
    x, y = unit_grid(MAP_SIDE)
    hills = 0.66 + wavy_line(x, rng, 0.045, 4)
    shore = 0.76 + wavy_line(x, rng, 0.004)
    bank = 0.94 + wavy_line(x, rng, 0.03)
    stream, position = night_sky(x, y, rng)
    places = np.array([(rng.uniform(0.16, 0.4), 0.88), (rng.uniform(0.65, 0.85), 0.815)])
    sails, hulls = boats(x, y, places, (0.25, 0.13))
    is_lake = (y > shore) & (y <= bank)
    is_hill = ((y > hills) & (y <= shore)) | (y > bank)
    edge = np.where(y > bank, bank, hills)
    furrows = y - 0.6 * edge + wavy_line(x, rng, 0.02)
    regions = [sails, hulls, is_hill, is_lake]
    stream = np.select(regions, [x + 0.35 * y, y, furrows, y + 0.2 * furrows], stream)

    bands = np.sin(2 * np.pi * stream / 0.03)
    field = 0.24 + 0.08 * bands + 0.4 * np.exp(-np.abs(y - edge) / 0.02)
    field += 0.08 * smooth_noise(MAP_SIDE, 0.03, rng)
    mirrored = np.stack([x + 0.006 * smooth_noise(MAP_SIDE, 0.01, rng), 1.9 * shore - 1.5 * y], -1)
    water = 0.85 * sample(position, mirrored) + 0.05 * np.sin(2 * np.pi * y / 0.017)
    position = np.select(regions, [0.76 + 0.14 * bands, 0.05, field, water], position)
    houses = np.cumsum(rng.uniform(0.02, 0.11, 40))
    lamps = np.stack([houses, np.full(40, 0.755)], axis=1)
    lit = light_columns(x, y, np.concatenate([lamps, places]), rng)
    position = np.where(hulls | (y > bank), position, np.maximum(position, lit))

    slope_y, slope_x = np.gradient(stream)
    flow = np.stack([slope_y, -slope_x], axis=-1)
    flow /= np.linalg.norm(flow, axis=-1, keepdims=True) + 1e-9
    return flow, position, sails | hulls | is_hill


def paint_strokes(canvas, paths, colors, width, bristles, rng):
    """Lay strokes of oil paint: each a handful of bristles of slightly different color and height.

    ``paths`` is ``(n, count, 2)``, ``colors`` is ``(n, 3)`` from 0 to 255, ``width`` is one number.
    """
    total = len(paths) * bristles
    shades = np.repeat(colors, bristles, axis=0) * rng.normal(1, 0.1, (total, 1))
    shades += rng.normal(0, 5, (total, 3))
    heights = rng.uniform(70, 255, (total, 1))
    taper = np.sin(np.linspace(0.25, 1, paths.shape[1]) * np.pi) ** 0.5
    widths = np.full((total, 1), 1.25 * width / bristles) * np.maximum(taper, 0.25)
    lines = split_into_bristles(paths, width, bristles)
    lay_strokes(canvas, lines, np.hstack([shades, heights]), widths)


def swirls(size, seed):
    """Paint a windy night over a lake, in thick oil strokes."""
    rng = np.random.default_rng(seed)
    flow, position, is_land = night_scene(rng)
    canvas = np.full((2 * size, 2 * size, 4), 60, np.uint8)
    canvas[..., :3] = cv2.resize(mix(NIGHT, position), canvas.shape[:2]).astype(np.uint8)
    for number, length, width, bristles in [
        (2000, 0.09, 0.02, 8), (6000, 0.05, 0.011, 6), (9000, 0.03, 0.006, 4),
    ]:  # fmt: skip
        centers = rng.random((number, 2))
        lengths = length * rng.uniform(0.6, 1.3, len(centers))
        starts = trace(-flow, centers, lengths / 2)[:, -1]
        tone = sample(position, centers) + rng.normal(0, 0.045, len(centers))
        colors = np.where(sample(is_land, centers)[:, None], mix(LAND, tone), mix(NIGHT, tone))
        colors += rng.normal(0, 1, (len(centers), 1)) * VIOLET_TO_TEAL
        paint_strokes(canvas, trace(flow, starts, lengths), colors, width, bristles, rng)
    picture = light_relief(canvas)
    picture *= canvas_weave(len(picture), rng, 0.02)[..., None]
    return halve(picture)
