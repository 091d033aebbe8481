"""A landscape in ink: hatching, brush lines and washes on warm paper."""

import cv2
import numpy as np

from .grounds import paper_grain, smooth_noise, unit_grid
from .strokes import (
    MAP_SIDE,
    halve,
    lay_strokes,
    sample,
    split_into_bristles,
    trace,
    wavy_line,
)

PAPER = (238, 224, 196)
SEPIA = (74, 50, 36)
BLACK_INK = (28, 24, 26)
INDIGO = (58, 92, 122)
VERMILION = (196, 52, 30)

# The planes of the landscape, from far to near: three rows of mountains, the water, the bank. Where
# each begins and how high its edge rises, as fractions of the picture's height.
PLANES = ((0.34, 0.1), (0.46, 0.13), (0.6, 0.1), (0.74, 0.012), (0.93, 0.03))
WATER_PLANE = 4


def mountain_slopes(y, ridge, number, rng):
    """Shade the slopes below a ridge ``(w,)``, lit from the left: darkness, downhill angle."""
    spurs = smooth_noise(MAP_SIDE, 0.06, rng) + 0.6 * smooth_noise(MAP_SIDE, 0.025, rng)
    slope = np.gradient(ridge)[None] * MAP_SIDE
    shadow = 0.17 * np.tanh(1.5 * cv2.GaussianBlur(slope, (0, 0), 8)) + 0.08 * spurs
    mist = np.exp(-np.maximum(y - ridge, 0) / (0.1 * y.max()))  # hides the foot of the mountain
    darkness = 0.24 + (0.12 + 0.1 * number) * mist + shadow
    return darkness, np.arctan2(1, 0.9 * np.tanh(2 * slope) + 0.5 * spurs)


def mountain_scene(rng):
    """Draw the maps of the landscape.

    Returns
    -------
    tuple
        Flow ``(h, w, 2)``; darkness ``(h, w)`` in [0, 1]; number of the plane each cell lies in
        ``(h, w)``, from 0, the sky, to 5, the nearest; upper edges of planes 1 to 5 ``(5, w)``.
    """
    x, y = unit_grid(MAP_SIDE)
    drift = smooth_noise(MAP_SIDE, 0.12, rng) + 0.5 * smooth_noise(MAP_SIDE, 0.05, rng)
    darkness = 0.23 + 0.11 * np.sin(2 * np.pi * (y + 0.02 * drift) / 0.16) + 0.06 * drift
    angle = 0.12 + 0.25 * drift
    plane = np.zeros(x.shape, int)
    ridges = []
    for number, (base, height) in enumerate(PLANES, start=1):
        ridge = base + wavy_line(x[0], rng, height, 6, 0.7)
        ridges.append(ridge)
        if number == WATER_PLANE:
            waves = np.sin(2 * np.pi * (y + 0.004 * drift) / 0.05)
            shade, direction = 0.24 + 0.22 * waves + 0.1 * drift, 0.04 * drift
        else:
            shade, direction = mountain_slopes(y, ridge, number, rng)
        below = y > ridge
        darkness = np.where(below, shade, darkness)
        angle = np.where(below, direction, angle)
        plane = np.where(below, number, plane)
    flow = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return flow, np.clip(darkness, 0, 1), plane, np.array(ridges)


def ink_color(nearness):
    """Mix indigo for what is far (0) with sepia for what is near (1)."""
    return (1 - nearness) * np.array(INDIGO) + nearness * np.array(SEPIA)


def wash(darkness, plane, rng):
    """Brush diluted ink on paper: colors ``(h, w, 3)`` from 0 to 255; far planes are bluer."""
    bloom = 1 + 0.3 * smooth_noise(MAP_SIDE, 0.04, rng)
    bloom += 0.12 * smooth_noise(MAP_SIDE, 0.01, rng)
    strength = np.clip(1.5 * (darkness - 0.12) * bloom, 0, 0.85)[..., None]
    nearness = plane[..., None] / plane.max()
    return (1 - strength) * np.array(PAPER) + strength * ink_color(nearness)


def hatch_lines(flow, turn, rng):
    """Spread patches of parallel lines over the map: paths ``(n, 6, 2)``.

    The lines cross the flow at the angle ``turn`` (radians).
    """
    step, lines, spacing, length = 0.031, 8, 0.0054, 0.042
    rows = int(np.ceil(1 / step))
    cells = np.mgrid[0:rows, 0:rows].reshape(2, -1).T
    patches = len(cells)
    centers = step * (cells - 0.3 + 1.6 * rng.random((patches, 2)))
    flow_x, flow_y = sample(flow, centers).T
    angle = np.arctan2(flow_y, flow_x) + turn + rng.normal(0, 0.12, patches)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=-1)[:, None, None]
    across = np.stack([-np.sin(angle), np.cos(angle)], axis=-1)[:, None, None]
    offsets = spacing * (np.arange(lines) - lines / 2 + rng.normal(0, 0.15, (patches, lines)))
    lengths = length * rng.uniform(0.5, 1.2, (patches, lines, 1, 1))
    bend = 0.2 * rng.normal(0, 1, (patches, 1, 1, 1))  # the hand turns about the wrist
    t = np.linspace(-0.5, 0.5, 6)[:, None]
    curve = lengths * (t * along + bend * t**2 * across)
    paths = centers[:, None, None] + offsets[..., None, None] * across + curve
    return paths.reshape(-1, 6, 2)


def hatch(canvas, paths, darkness, plane, threshold, rng):
    """Draw those hatching lines that lie in one plane and where it is dark enough."""
    tone = sample(darkness, paths[:, 3]) + rng.normal(0, 0.04, len(paths))
    planes = sample(plane, paths)
    drawn = (tone > threshold) & np.all(planes == planes[:, :1], axis=1)
    shape = (np.count_nonzero(drawn), 1)
    pressure = (0.001 + 0.0018 * tone[drawn, None]) * rng.uniform(0.7, 1.3, shape)
    colors = rng.uniform(0.5, 1.1, shape) * ink_color(planes[drawn, :1] / plane.max())
    lay_strokes(canvas, paths[drawn], colors, pressure * np.linspace(1, 0.3, 6))


def brush_lines(canvas, paths, width, rng):
    """Draw confident black lines that swell and thin, each with a few loose bristles beside it."""
    t = np.linspace(0, 1, paths.shape[1])
    swell = np.sin(np.pi * t**0.6) ** 0.7 * (1 + 0.4 * np.sin(7 * t + rng.uniform(0, 6)))
    widths = width * rng.uniform(0.4, 1, (len(paths), 1)) * swell
    loose = split_into_bristles(paths, 2.2 * width, 6)
    loose = loose[rng.random(len(loose)) < 0.5]
    for lines, line_widths in (loose, np.full(loose.shape[:2], 0.0012)), (paths, widths):
        lay_strokes(canvas, lines, np.full((len(lines), 3), BLACK_INK), line_widths)


def contours(canvas, flow, plane, ridges, rng):
    """Draw the upper edges of the planes and, below them, the folds of the mountains."""
    columns = np.arange(MAP_SIDE) / MAP_SIDE
    skylines = np.minimum.accumulate(ridges[::-1])[::-1]  # each edge, or a nearer one that hides it
    for number, skyline in enumerate(skylines, start=1):
        width = 0.0012 + 0.0011 * number
        starts = np.arange(-0.05, columns[-1], 0.07)[:, None] + rng.uniform(0, 0.03)
        x = starts + np.linspace(0, 0.11, 28) * rng.uniform(0.7, 1.2, (len(starts), 1))
        edges = np.stack([x, np.interp(x, columns, skyline)], axis=-1)
        brush_lines(canvas, edges, width, rng)
        if number == WATER_PLANE:
            continue
        x = rng.uniform(0, columns[-1], int(120 * columns[-1]))
        y = np.interp(x, columns, skyline) + rng.exponential(0.025, len(x))
        folds = trace(flow, np.stack([x, y], axis=-1), rng.uniform(0.02, 0.07, len(x)), 10)
        inside = np.all(sample(plane, folds) == number, axis=1)
        brush_lines(canvas, folds[inside], 0.7 * width, rng)


def sun(canvas, plane, rng):
    """Paint a vermilion sun: arcs around a center, wherever there is sky."""
    center = rng.uniform(0.25, 0.75), rng.uniform(0.14, 0.2)
    radii = np.repeat(np.linspace(0.003, 0.064, 16), 24)[:, None]
    angles = rng.uniform(0, 2 * np.pi, (len(radii), 1)) + np.linspace(0, 0.5, 8)
    arcs = center + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)
    arcs = arcs[np.all(sample(plane, arcs) == 0, axis=1)]
    colors = rng.normal(1, 0.12, (len(arcs), 1)) * VERMILION
    lay_strokes(canvas, arcs, colors, np.full(arcs.shape[:2], 0.0036))


def reeds(canvas, rng):
    """Draw reeds in the foreground, bent by one wind, with vermilion seed heads."""
    count = 80
    root = rng.choice([0.08, 0.2, 0.82], (count, 1)) + rng.normal(0, 0.05, (count, 1))
    tall = rng.uniform(0.1, 0.42, (count, 1))
    lean = tall * rng.normal(0.3, 0.25, (count, 1))
    t = np.linspace(0, 1, 30)
    stems = np.stack([root + lean * t**2, 1.02 - tall * (t - 0.1 * t**3)], axis=-1)
    widths = np.tile(0.005 * (1.1 - t), (count, 1))
    lay_strokes(canvas, stems, np.full((count, 3), BLACK_INK), widths)
    heads = stems[tall[:, 0] > 0.25, -3:]
    colors = rng.normal(1, 0.12, (len(heads), 1)) * VERMILION
    lay_strokes(canvas, heads, colors, np.tile([0.0045, 0.009, 0.002], (len(heads), 1)))


def ink(size, seed):
    """Draw mountains and reeds with pen, brush and washes of ink on warm paper."""
    rng = np.random.default_rng(seed)
    flow, darkness, plane, ridges = mountain_scene(rng)
    washed = wash(darkness, plane, rng).astype(np.float32)
    canvas = cv2.resize(washed, (2 * size, 2 * size), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    for turn, threshold in [(0, 0), (0.9, 0.34), (-0.8, 0.47), (1.6, 0.6)]:
        hatch(canvas, hatch_lines(flow, turn, rng), darkness, plane, threshold, rng)
    sun(canvas, plane, rng)
    contours(canvas, flow, plane, ridges, rng)
    reeds(canvas, rng)
    picture = canvas.astype(np.float32) / 255
    picture *= paper_grain(2 * size, rng, 0.04)[..., None]
    return halve(picture)
