"""Brush strokes laid along a flow.

The scene is first written down as *maps*: which way the brush moves at each point (the flow) and which
color it carries. Then thousands of strokes, big ones first, are laid along the flow. Maps and strokes
live in unit coordinates (the picture's side is 1) and depend on the seed alone, so that a painting has the
same composition at every size; only the drawing of the strokes knows about pixels. Maps are square.
"""

import cv2
import numpy as np

MAP_SIDE = 512  # cells


def sample(field, points):
    """Look up a map ``(side, side, ...)`` at ``points`` ``(..., 2)``: x, y in unit coordinates."""
    side = len(field)
    column, row = np.moveaxis(np.clip(points * side, 0, side - 1).astype(int), -1, 0)
    return field[row, column]


def trace(flow, starts, lengths, count=8):
    """Follow a flow from many points at once.

    Parameters
    ----------
    flow : array (side, side, 2)
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
    canvas : uint8 array (side, side, channels)
        Changed in place.
    paths : array (n, count, 2)
        Center lines in unit coordinates.
    colors : array (n, channels)
        Values from 0 to 255.
    widths : array (n, count)
        Width along each path, in unit coordinates.
    """
    side = len(canvas)
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
    canvas : uint8 array (side, side, 4)
        Red, green, blue, and the height of the paint.
    strength : float
        How much the steepest slopes gain or lose.

    Returns
    -------
    picture
        The first three channels as float32 in [0, 1], with light and shade.
    """
    side = len(canvas)
    relief = cv2.GaussianBlur(canvas[..., 3].astype(np.float32) / 255, (0, 0), side / 1600)
    slope_y, slope_x = np.gradient(relief)
    light = np.tanh((slope_x + slope_y) * side / 250)[..., None]
    picture = canvas[..., :3].astype(np.float32) / 255
    picture *= 1 + strength * light
    picture += 0.25 * strength * np.maximum(light, 0) ** 2  # wet paint glistens
    return np.clip(picture, 0, 1)


def halve(picture):
    """Average a picture down to half its side; float32 in [0, 1]."""
    side = len(picture) // 2
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.clip(small, 0, 1).astype(np.float32)


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
