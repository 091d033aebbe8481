"""Two generated paintings made of brush strokes: a night in oils and a landscape in ink.

Both work the same way. The scene is first written down as *maps*: which way the brush moves at each
point (the flow) and which color it carries. Then thousands of strokes, big ones first, are laid
along the flow. Maps and strokes live in unit coordinates (the longer side of the picture is 1) and
depend on the seed and the proportions alone, so that a painting has the same composition at every
size; only the drawing of the strokes knows about pixels.
"""

import cv2
import numpy as np

from nst_utils.grounds import canvas_weave, height_width, paper_grain, smooth_noise, unit_grid

MAP_SIDE = 512  # longer side of the maps, in cells

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

PAPER = (238, 224, 196)
SEPIA = (74, 50, 36)
BLACK_INK = (28, 24, 26)
INDIGO = (58, 92, 122)
VERMILION = (196, 52, 30)

# The planes of the landscape, from far to near: three rows of mountains, the water, the bank. Where
# each begins and how high its edge rises, as fractions of the picture's height.
PLANES = ((0.34, 0.1), (0.46, 0.13), (0.6, 0.1), (0.74, 0.012), (0.93, 0.03))
WATER_PLANE = 4


# --- Strokes -------------------------------------------------------------------------------------


def sample(field, points):
    """Look up a map ``(h, w, ...)`` at ``points`` ``(..., 2)``: x, y in unit coordinates."""
    height, width = field.shape[:2]
    column = np.clip(points[..., 0] * max(height, width), 0, width - 1).astype(int)
    row = np.clip(points[..., 1] * max(height, width), 0, height - 1).astype(int)
    return field[row, column]


def trace(flow, starts, lengths, count=8):
    """Follow a flow from many points at once.

    Parameters
    ----------
    flow : array (h, w, 2)
        Unit vectors: the direction of the brush at each cell.
    starts : array (n, 2)
        Where the strokes begin, in unit coordinates.
    lengths : array (n,)
        Lengths of the strokes.
    count : int
        Points per stroke.

    Returns
    -------
    array (n, count, 2)
        The paths.
    """
    step = lengths[:, None] / (count - 1)
    points = [starts]
    for _ in range(count - 1):
        points.append(points[-1] + step * sample(flow, points[-1]))
    return np.stack(points, axis=1)


def normals(paths):
    """Find unit vectors ``(n, count, 2)`` at right angles to the paths ``(n, count, 2)``."""
    tangent = np.gradient(paths, axis=1)
    tangent /= np.linalg.norm(tangent, axis=-1, keepdims=True) + 1e-9
    return np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)


def lay_strokes(canvas, paths, colors, widths):
    """Draw strokes on a canvas, in order, each covering what lies below it.

    Parameters
    ----------
    canvas : uint8 array (height, width, channels)
        Changed in place.
    paths : array (n, count, 2)
        Center lines in unit coordinates.
    colors : array (n, channels)
        Values from 0 to 255.
    widths : array (n, count)
        Width along each path, in unit coordinates.
    """
    side = max(canvas.shape[:2])
    # Antialiased edges add about one pixel to a polygon.
    half_widths = np.maximum(widths / 2 - 0.5 / side, 0)[..., None] * normals(paths)
    outlines = np.concatenate([paths + half_widths, (paths - half_widths)[:, ::-1]], axis=1)
    outlines = np.rint(outlines * side * 16 - 8).astype(np.int32)  # in 16ths of a pixel
    for outline, color in zip(outlines, np.clip(colors, 0, 255).tolist(), strict=True):
        cv2.fillPoly(canvas, [outline], color, cv2.LINE_AA, shift=4)


def split_into_bristles(paths, width, count):
    """Split strokes into ``count`` bristles side by side: paths ``(n * count, points, 2)``.

    The bristles of one stroke follow each other. They come together at the tip, as a brush does
    when it is lifted.
    """
    lift = np.linspace(1, 0.35, paths.shape[1])[None, None, :, None]
    offsets = (np.arange(count) + 0.5) / count - 0.5
    spread = width * lift * offsets[None, :, None, None] * normals(paths)[:, None]
    return (paths[:, None] + spread).reshape(-1, *paths.shape[1:])


def light_relief(canvas, strength=0.5):
    """Light thick paint from the upper left.

    Parameters
    ----------
    canvas : uint8 array (height, width, 4)
        Red, green, blue, and the height of the paint.
    strength : float
        How much the steepest slopes gain or lose.

    Returns
    -------
    picture
        The first three channels as float32 in [0, 1], with light and shade.
    """
    side = max(canvas.shape[:2])
    relief = cv2.GaussianBlur(canvas[..., 3].astype(np.float32) / 255, (0, 0), side / 1600)
    slope_y, slope_x = np.gradient(relief)
    light = np.tanh((slope_x + slope_y) * side / 250)[..., None]
    picture = canvas[..., :3].astype(np.float32) / 255
    picture *= 1 + strength * light
    picture += 0.25 * strength * np.maximum(light, 0) ** 2  # wet paint glistens
    return np.clip(picture, 0, 1)


def supersampled(shape, smallest):
    """Choose a canvas at least twice as fine, its longer side at least ``smallest``."""
    factor = max(2, -(-smallest // max(shape)))
    return shape[0] * factor, shape[1] * factor


def finish(picture, shape):
    """Scale a supersampled picture down to ``shape``; float32 in [0, 1]."""
    small = cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1).astype(np.float32)


def map_grid(shape):
    """Find the unit coordinates x, y of the map's cells, and its extent (width, height)."""
    longer = max(shape)
    cells = tuple(max(2, round(MAP_SIDE * side / longer)) for side in shape)
    x, y = unit_grid(cells)
    return x, y, np.array([shape[1] / longer, shape[0] / longer])


def wavy_line(x, rng, height, octaves=3, length=0.8):
    """Height of a random line of hills at ``x``, around 0; every octave is half as high."""
    return sum(
        height / 2**octave * np.sin(2 * np.pi * (x * 1.9**octave / length + rng.random()))
        for octave in range(octaves)
    )


def mix(palette, position):
    """Look up colors ``(..., 3)`` of a palette ``(colors, 3)`` at positions in [0, 1]."""
    stops = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(position, stops, channel) for channel in palette.T], axis=-1)


# --- A night in oils -----------------------------------------------------------------------------


def scatter(count, low, high, distance, rng):
    """Up to ``count`` random points ``(n, 2)`` in a box, no two nearer than ``distance``."""
    points = []
    for candidate in rng.uniform(low, high, (40 * count, 2)):
        if all(np.hypot(*(candidate - point)) > distance for point in points):
            points.append(candidate)
    return np.array(points[:count])


def night_sky(x, y, extent, rng):
    """Stream function, palette position and light halos ``(h, w)`` of a sky of wind and lights.

    The wind follows the contour lines of the stream function, and so do the bands of color.
    """
    unit = np.sqrt(0.7 * extent.prod())
    stream = y + wavy_line(x + 0.6 * y, rng, 0.03) + 0.012 * wavy_line(y - 0.3 * x, rng, 1)
    glow = np.zeros_like(x)
    low, high = extent * (0.08, 0.09), extent * (0.92, 0.52)
    for number, center in enumerate(scatter(9, low, high, 0.27 * unit, rng)):
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
    drift = smooth_noise(x.shape, 0.2, rng)
    position = 0.25 + 0.13 * bands + 0.05 * drift + 0.16 * y / extent[1]
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


def night_scene(shape, rng):
    """Draw the maps: flow ``(h, w, 2)``, palette position ``(h, w)``, and where LAND colors go."""
    x, y, extent = map_grid(shape)
    hills = extent[1] * (0.66 + wavy_line(x, rng, 0.045, 4))
    shore = extent[1] * (0.76 + wavy_line(x, rng, 0.004))
    bank = extent[1] * (0.94 + wavy_line(x, rng, 0.03))
    stream, position = night_sky(x, y, extent, rng)
    places = extent * np.array([(rng.uniform(0.16, 0.4), 0.88), (rng.uniform(0.65, 0.85), 0.815)])
    sails, hulls = boats(x, y, places, extent[1] * np.array([0.25, 0.13]))
    is_lake = (y > shore) & (y <= bank)
    is_hill = ((y > hills) & (y <= shore)) | (y > bank)
    edge = np.where(y > bank, bank, hills)
    furrows = y - 0.6 * edge + wavy_line(x, rng, 0.02)
    regions = [sails, hulls, is_hill, is_lake]
    stream = np.select(regions, [x + 0.35 * y, y, furrows, y + 0.2 * furrows], stream)

    bands = np.sin(2 * np.pi * stream / 0.03)
    field = 0.24 + 0.08 * bands + 0.4 * np.exp(-np.abs(y - edge) / 0.02)
    field += 0.08 * smooth_noise(x.shape, 0.03, rng)
    mirrored = np.stack([x + 0.006 * smooth_noise(x.shape, 0.01, rng), 1.9 * shore - 1.5 * y], -1)
    water = 0.85 * sample(position, mirrored) + 0.05 * np.sin(2 * np.pi * y / 0.017)
    position = np.select(regions, [0.76 + 0.14 * bands, 0.05, field, water], position)
    houses = np.cumsum(rng.uniform(0.02, 0.11, 40))
    lamps = np.stack([houses, np.full(40, 0.755 * extent[1])], axis=1)
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


def swirls(size=512, seed=0):
    """Paint a windy night over a lake, in thick oil strokes.

    Parameters
    ----------
    size : int or (height, width)
        Size in pixels; an integer is a square.
    seed : int
        The same seed gives the same composition at every size.

    Returns
    -------
    picture
        float32 array (height, width, 3), RGB, values in [0, 1].

    Raises
    ------
    ValueError
        If a side is shorter than 8 pixels.
    """
    shape = height_width(size)
    rng = np.random.default_rng(seed)
    flow, position, is_land = night_scene(shape, rng)
    extent = np.array(shape[::-1]) / max(shape)
    canvas = np.full((*supersampled(shape, 1024), 4), 60, np.uint8)
    canvas[..., :3] = cv2.resize(mix(NIGHT, position), canvas.shape[1::-1]).astype(np.uint8)
    for number, length, width, bristles in [
        (2000, 0.09, 0.02, 8), (6000, 0.05, 0.011, 6), (9000, 0.03, 0.006, 4),
    ]:  # fmt: skip
        centers = rng.random((int(number * extent.prod()), 2)) * extent
        lengths = length * rng.uniform(0.6, 1.3, len(centers))
        starts = trace(-flow, centers, lengths / 2)[:, -1]
        tone = sample(position, centers) + rng.normal(0, 0.045, len(centers))
        colors = np.where(sample(is_land, centers)[:, None], mix(LAND, tone), mix(NIGHT, tone))
        colors += rng.normal(0, 1, (len(centers), 1)) * VIOLET_TO_TEAL
        paint_strokes(canvas, trace(flow, starts, lengths), colors, width, bristles, rng)
    picture = light_relief(canvas)
    picture *= canvas_weave(picture.shape[:2], rng, 0.02)[..., None]
    return finish(picture, shape)


# --- A landscape in ink --------------------------------------------------------------------------


def mountain_slopes(y, ridge, number, rng):
    """Shade the slopes below a ridge ``(w,)``, lit from the left: darkness, downhill angle."""
    spurs = smooth_noise(y.shape, 0.06, rng) + 0.6 * smooth_noise(y.shape, 0.025, rng)
    slope = np.gradient(ridge)[None] * MAP_SIDE
    shadow = 0.17 * np.tanh(1.5 * cv2.GaussianBlur(slope, (0, 0), 8)) + 0.08 * spurs
    mist = np.exp(-np.maximum(y - ridge, 0) / (0.1 * y.max()))  # hides the foot of the mountain
    darkness = 0.24 + (0.12 + 0.1 * number) * mist + shadow
    return darkness, np.arctan2(1, 0.9 * np.tanh(2 * slope) + 0.5 * spurs)


def mountain_scene(shape, rng):
    """Draw the maps of the landscape.

    Returns
    -------
    tuple
        Flow ``(h, w, 2)``; darkness ``(h, w)`` in [0, 1]; number of the plane each cell lies in
        ``(h, w)``, from 0, the sky, to 5, the nearest; upper edges of planes 1 to 5 ``(5, w)``.
    """
    x, y, extent = map_grid(shape)
    drift = smooth_noise(x.shape, 0.12, rng) + 0.5 * smooth_noise(x.shape, 0.05, rng)
    darkness = 0.23 + 0.11 * np.sin(2 * np.pi * (y + 0.02 * drift) / 0.16) + 0.06 * drift
    angle = 0.12 + 0.25 * drift
    plane = np.zeros(x.shape, int)
    ridges = []
    for number, (base, height) in enumerate(PLANES, start=1):
        ridge = extent[1] * (base + wavy_line(x[0], rng, height, 6, 0.7))
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
    bloom = 1 + 0.3 * smooth_noise(darkness.shape, 0.04, rng)
    bloom += 0.12 * smooth_noise(darkness.shape, 0.01, rng)
    strength = np.clip(1.5 * (darkness - 0.12) * bloom, 0, 0.85)[..., None]
    nearness = plane[..., None] / plane.max()
    return (1 - strength) * np.array(PAPER) + strength * ink_color(nearness)


def hatch_lines(flow, turn, rng):
    """Spread patches of parallel lines over the map: paths ``(n, 6, 2)``.

    The lines cross the flow at the angle ``turn`` (radians).
    """
    step, lines, spacing, length = 0.031, 8, 0.0054, 0.042
    columns, rows = np.ceil(np.array(flow.shape[1::-1]) / max(flow.shape) / step).astype(int)
    cells = np.mgrid[0:columns, 0:rows].reshape(2, -1).T
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
    columns = np.arange(ridges.shape[1]) / max(plane.shape)
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


def sun(canvas, extent, plane, rng):
    """Paint a vermilion sun: arcs around a center, wherever there is sky."""
    center = extent * (rng.uniform(0.25, 0.75), rng.uniform(0.14, 0.2))
    radii = np.repeat(np.linspace(0.003, 0.064, 16), 24)[:, None]
    angles = rng.uniform(0, 2 * np.pi, (len(radii), 1)) + np.linspace(0, 0.5, 8)
    arcs = center + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=-1)
    arcs = arcs[np.all(sample(plane, arcs) == 0, axis=1)]
    colors = rng.normal(1, 0.12, (len(arcs), 1)) * VERMILION
    lay_strokes(canvas, arcs, colors, np.full(arcs.shape[:2], 0.0036))


def reeds(canvas, extent, rng):
    """Draw reeds in the foreground, bent by one wind, with vermilion seed heads."""
    count = int(80 * extent[0])
    root = extent[0] * (rng.choice([0.08, 0.2, 0.82], (count, 1)) + rng.normal(0, 0.05, (count, 1)))
    tall = extent[1] * rng.uniform(0.1, 0.42, (count, 1))
    lean = tall * rng.normal(0.3, 0.25, (count, 1))
    t = np.linspace(0, 1, 30)
    stems = np.stack([root + lean * t**2, 1.02 * extent[1] - tall * (t - 0.1 * t**3)], axis=-1)
    widths = np.tile(0.005 * (1.1 - t), (count, 1))
    lay_strokes(canvas, stems, np.full((count, 3), BLACK_INK), widths)
    heads = stems[tall[:, 0] > 0.25 * extent[1], -3:]
    colors = rng.normal(1, 0.12, (len(heads), 1)) * VERMILION
    lay_strokes(canvas, heads, colors, np.tile([0.0045, 0.009, 0.002], (len(heads), 1)))


def ink(size=512, seed=0):
    """Draw mountains and reeds with pen, brush and washes of ink on warm paper.

    Parameters
    ----------
    size : int or (height, width)
        Size in pixels; an integer is a square.
    seed : int
        The same seed gives the same composition at every size.

    Returns
    -------
    picture
        float32 array (height, width, 3), RGB, values in [0, 1].

    Raises
    ------
    ValueError
        If a side is shorter than 8 pixels.
    """
    shape = height_width(size)
    rng = np.random.default_rng(seed)
    flow, darkness, plane, ridges = mountain_scene(shape, rng)
    extent = np.array(shape[::-1]) / max(shape)
    fine = supersampled(shape, 2048)  # a pen line must be wider than a pixel
    washed = wash(darkness, plane, rng).astype(np.float32)
    canvas = cv2.resize(washed, fine[::-1], interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    for turn, threshold in [(0, 0), (0.9, 0.34), (-0.8, 0.47), (1.6, 0.6)]:
        hatch(canvas, hatch_lines(flow, turn, rng), darkness, plane, threshold, rng)
    sun(canvas, extent, plane, rng)
    contours(canvas, flow, plane, ridges, rng)
    reeds(canvas, extent, rng)
    picture = canvas.astype(np.float32) / 255
    picture *= paper_grain(fine, rng, 0.04)[..., None]
    return finish(picture, shape)
