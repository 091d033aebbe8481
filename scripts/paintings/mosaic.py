"""A mosaic of stones.

The design is a list of polygons, later ones on top. Inside each, stones are set along the lines of
equal distance from its edge, as mosaic makers do, and every pixel then goes to the stone that is
nearest in the stone's own upright frame: this makes four-sided stones that never overlap.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .grounds import smooth_noise, unit_grid
from .shapes import fill, print_on_paper, ribbon, smooth_curve, streaks

LAYOUT_SIZE = 640  # stones are laid on a raster of this size, whatever the picture's size

STONES = {
    "gold": [(0.86, 0.66, 0.22), (0.78, 0.55, 0.16), (0.95, 0.80, 0.40), (0.62, 0.42, 0.14)],
    "blue": [(0.07, 0.14, 0.36), (0.10, 0.22, 0.50), (0.05, 0.10, 0.26), (0.16, 0.33, 0.60)],
    "azure": [(0.24, 0.50, 0.70), (0.38, 0.64, 0.76), (0.16, 0.38, 0.60)],
    "green": [(0.16, 0.40, 0.24), (0.28, 0.52, 0.28), (0.10, 0.29, 0.20), (0.48, 0.62, 0.32)],
    "terracotta": [(0.68, 0.25, 0.15), (0.78, 0.36, 0.20), (0.54, 0.17, 0.12)],
    "ivory": [(0.93, 0.88, 0.76), (0.86, 0.78, 0.64), (0.97, 0.94, 0.86)],
    "rose": [(0.86, 0.62, 0.50), (0.78, 0.50, 0.42), (0.90, 0.72, 0.60)],
    "dark": [(0.14, 0.08, 0.09), (0.22, 0.12, 0.10), (0.10, 0.09, 0.15)],
}
GROUT = (0.30, 0.26, 0.22)


@dataclass(frozen=True)
class Piece:
    """One part of the design: its outline, its stones, and their size.

    The outline is in unit coordinates, the size in shares of the picture's side.
    """

    outline: np.ndarray
    stones: str
    size: float = 0.0165


def wavy_disk(center, radius, waves=0, depth=0.0, turn=0.0):
    """Outline of a disk whose edge swings by ``depth`` of its radius, ``waves`` times."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = radius * (1 + depth * np.cos(waves * (angle - turn)))
    return np.asarray(center) + np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1)


def petal(root, angle, length, width):
    """Outline of a petal, leaf or feather that grows from ``root``."""
    s = np.linspace(0, 1, 24)[:, None]
    path = np.asarray(root) + s * length * np.array([np.cos(angle), np.sin(angle)])
    return ribbon(path, width * np.sin(np.pi * s**0.75) ** 0.8 + 0.004)


# --- The design ---------------------------------------------------------------------------------


def rosette(center, radius, rng):
    """Pieces of a flower: a ring, petals in two colors, a heart."""
    count = int(rng.integers(7, 10))
    inner, outer = rng.permutation(["terracotta", "azure", "rose", "green"])[:2]
    pieces = [Piece(wavy_disk(center, radius), "dark")]
    pieces.append(Piece(wavy_disk(center, 0.9 * radius), "ivory"))
    for i in range(2 * count):
        angle = np.pi * i / count
        stones = (outer, inner)[i % 2]
        outline = petal(center, angle, radius * (0.84, 0.66)[i % 2], radius * 0.36)
        pieces.append(Piece(outline, stones, 0.011))
    return [*pieces, Piece(wavy_disk(center, 0.26 * radius), "gold", 0.010)]


def medallion(center, radius, rng):
    """Pieces of the round frame, from its rim inward, and the starry field inside."""
    turn = rng.uniform(0, 2 * np.pi)
    waves, beads = int(rng.integers(14, 20)), int(rng.integers(18, 25))
    warm, cool = rng.permutation(["terracotta", "gold"]), rng.permutation(["green", "azure"])
    pieces = [
        Piece(wavy_disk(center, radius), "dark", 0.013),
        Piece(wavy_disk(center, 0.965 * radius), "ivory", 0.013),
        Piece(wavy_disk(center, 0.935 * radius), warm[0]),
        Piece(wavy_disk(center, 0.875 * radius, waves, 0.035, turn), cool[0], 0.013),
        Piece(wavy_disk(center, 0.83 * radius, waves, 0.025, turn), "ivory", 0.012),
        Piece(wavy_disk(center, 0.80 * radius), "dark", 0.012),
        Piece(wavy_disk(center, 0.772 * radius), "gold", 0.014),
    ]
    for i in range(beads):
        angle = turn + 2 * np.pi * i / beads
        place = center + 0.733 * radius * np.array([np.cos(angle), np.sin(angle)])
        pieces.append(Piece(wavy_disk(place, 0.036 * radius, 4, 0.25, angle), cool[1], 0.010))
    pieces.append(Piece(wavy_disk(center, 0.70 * radius), "ivory", 0.012))
    return [*pieces, Piece(wavy_disk(center, 0.668 * radius), "blue", 0.0150)]


# Where the dove is, as disks (x, y, radius) in units of its span: no stars there.
DOVE = [(0.0, 0.2, 0.62), (0.45, -0.4, 0.42), (-0.35, -0.45, 0.62), (-0.8, 0.4, 0.4)]
DOVE += [(0.2, 0.75, 0.3), (0.95, 0, 0.3)]
BODY = [(0.66, -0.44), (0.56, -0.60), (0.40, -0.62), (0.28, -0.46), (0.16, -0.24), (-0.12, -0.06)]
BODY += [(-0.50, 0.14), (-0.62, 0.30), (-0.40, 0.42), (-0.10, 0.52), (0.22, 0.50), (0.48, 0.30)]
BODY += [(0.60, 0.02), (0.58, -0.22)]


def dove():
    """Pieces of a dove with a raised wing and a twig in its beak; it reaches from -1 to 1."""
    pieces = []
    for i, angle in enumerate(np.linspace(2.45, 2.95, 4)):
        pieces.append((petal((-0.40, 0.24), angle, 0.72, 0.20), ("ivory", "azure")[i % 2]))
    for x in (0.02, 0.22):
        leg = [(x, 0.46), (x + 0.03, 0.68), (x + 0.01, 0.86), (x + 0.16, 0.90)]
        pieces.append((ribbon(np.array(leg), 0.06), "terracotta"))
    twig = smooth_curve([(0.78, -0.42), (0.90, -0.36), (0.97, -0.10), (0.92, 0.20)])
    pieces.append((ribbon(twig, 0.05), "gold"))
    for at, angle in ((8, -0.9), (14, 1.9), (18, 0.2), (24, 2.3), (27, 0.7), (33, 1.8)):
        pieces.append((petal(twig[at], angle, 0.27, 0.15), "green"))
    pieces.append((smooth_curve([*BODY, BODY[0]], 8), "ivory"))
    pieces.append((petal((0.34, 0.42), -1.35, 0.60, 0.26), "rose"))
    for i, angle in enumerate(np.linspace(3.30, 4.50, 7)):
        pieces.append((petal((0.18, 0.02), angle, 1.08, 0.22), ("ivory", "azure")[i % 2]))
    for i, angle in enumerate(np.linspace(3.20, 4.55, 5)):
        pieces.append((petal((0.20, 0.04), angle, 0.62, 0.20), ("terracotta", "gold")[i % 2]))
    pieces.append((wavy_disk((0.18, 0.04), 0.16), "azure"))
    pieces.append((np.array([(0.58, -0.57), (0.93, -0.40), (0.60, -0.31)]), "terracotta"))
    pieces.append((wavy_disk((0.46, -0.46), 0.055), "dark"))
    return pieces


def starry_dove(center, span, rng):
    """Pieces of the dove among gold stars; the seed says which way it looks and where stars are."""
    look = rng.choice([-1, 1])
    tilt = rng.uniform(-0.12, 0.12)
    turn = np.array([(np.cos(tilt), np.sin(tilt)), (-np.sin(tilt), np.cos(tilt))])
    spots = []
    for spot in rng.uniform(-1.3, 1.3, (400, 2)):
        inside = np.hypot(*spot) < 1.18
        crowded = any(np.hypot(*(spot - other)) < 0.26 for other in spots)
        hidden = any(np.hypot(spot[0] - x, spot[1] - y) < r + 0.05 for x, y, r in DOVE)
        if inside and not crowded and not hidden:
            spots.append(spot)
    stars = [(wavy_disk(spot, rng.uniform(0.06, 0.10), 6, 0.3), "gold") for spot in spots]
    return [
        Piece(np.asarray(center) + span * (outline @ turn) * (look, 1), stones, 0.0105)
        for outline, stones in stars + dove()
    ]


def design(rng):
    """Pieces of the whole picture, the ground first."""
    center, radius = np.array([0.5, 0.5]), 0.405
    border = [(0, "dark", 0.014), (0.014, "terracotta", 0.016), (0.046, "ivory", 0.014)]
    border += [(0.060, "green", 0.014), (0.074, "gold", 0.0175)]
    pieces = []
    for inset, stones, size in border:
        low, high = inset, 1 - inset
        pieces.append(Piece(np.array([(low, low), (high, low), (high, high), (low, high)]), stones, size))
    flower = 0.075
    near = 0.075 + 1.15 * flower
    for x in (near, 1 - near):
        for y in (near, 1 - near):
            pieces += rosette((x, y), flower, rng)
    pieces += medallion(center, radius, rng)
    return pieces + starry_dove(center, 0.51 * radius, rng)


# --- Laying the stones --------------------------------------------------------------------------


def draw_labels(pieces, side):
    """Index of the topmost piece at every pixel, int32 ``(side, side)``."""
    labels = np.zeros((side, side), np.int32)
    for i, piece in enumerate(pieces):
        fill(labels, piece.outline, i)
    return labels


def lay_rows(inside, size, rng):
    """Set stones in rows along the edge of one piece.

    ``inside`` is the piece's mask on the layout raster and ``size`` the width of a row in its
    pixels. Returns an array ``(stones, 5)``: x, y, angle of the row, half length, row number.
    """
    distance = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, 5)
    smooth = cv2.GaussianBlur(distance, (0, 0), 0.35 * size)
    slope_x, slope_y = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx, ksize=3) for dx in (1, 0))
    distance = distance.astype(float)
    free = distance > 0
    stones = []
    for row in range(int(distance.max() / size) + 1):
        level = min((row + 0.5) * size, row * size + 0.6 * (distance.max() - row * size))
        above = (distance >= level).astype(np.uint8)
        for line in cv2.findContours(above, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]:
            at = rng.uniform(0, size)
            while at < len(line):
                half = 0.5 * size * rng.uniform(0.75, 1.35)
                x, y = line[int(at), 0]
                at += 2 * half
                if free[y, x]:
                    angle = np.arctan2(slope_y[y, x], slope_x[y, x]) + np.pi / 2
                    stones.append((x - 0.5, y - 0.5, angle + rng.normal(0, 0.06), half, row))
                    cv2.circle(free.view(np.uint8), (int(x), int(y)), int(0.62 * size), 0, -1)
    return np.array(stones).reshape(-1, 5)


def lay_stones(pieces, rng):
    """Lay all stones of the design.

    Returns an array ``(stones, 6)``: x, y, angle of the row, half length, half width (unit
    coordinates) and the index of the piece.
    """
    labels = draw_labels(pieces, LAYOUT_SIZE)
    laid = []
    for i, piece in enumerate(pieces):
        x, y, width, height = cv2.boundingRect((labels == i).astype(np.uint8))
        inside = labels[y : y + height, x : x + width] == i
        if not inside.any():
            continue
        stones = lay_rows(inside, piece.size * LAYOUT_SIZE, rng)
        columns = np.zeros((len(stones), 6))
        columns[:, :2] = (stones[:, :2] + (x, y)) / LAYOUT_SIZE
        columns[:, 2] = stones[:, 2]
        columns[:, 3] = stones[:, 3] / LAYOUT_SIZE
        columns[:, 4:] = piece.size / 2, i
        laid.append(columns)
    return np.concatenate(laid)


def nearest_stones(stones, labels):
    """Find for every pixel the stone that owns it, and the distance to that stone's border.

    Nearness is the larger of the distances along and across the row, each over the stone's half
    side: squares grow around all stones until they meet. The distance to the border is in half
    sides too. Returns an int32 array (-1 where no stone reaches) and a float32 array, both
    ``(side, side)``.
    """
    scale = len(labels)
    best = np.full(labels.shape, 1.8, np.float32)
    second = best.copy()
    owner = np.full(labels.shape, -1, np.int32)
    for i, (x, y, angle, half_length, half_width, piece) in enumerate(stones):
        reach = 2.2 * max(half_length, half_width)
        left, top = (max(0, int((c - reach) * scale)) for c in (x, y))
        window = np.s_[top : int((y + reach) * scale) + 1, left : int((x + reach) * scale) + 1]
        rows, columns = best[window].shape
        dx = (np.arange(columns, dtype=np.float32) + (left + 0.5)) / scale - x
        dy = ((np.arange(rows, dtype=np.float32) + (top + 0.5)) / scale - y)[:, None]
        along = np.abs(dx * np.cos(angle) + dy * np.sin(angle)) / half_length
        across = np.abs(dy * np.cos(angle) - dx * np.sin(angle)) / half_width
        nearness = np.maximum(along, across)
        nearness[labels[window] != int(piece)] = 9
        closer = nearness < best[window]
        second[window] = np.minimum(second[window], np.maximum(nearness, best[window]))
        owner[window][closer] = i
        best[window] = np.minimum(best[window], nearness)
    return owner, (second - best) * 0.5


def stone_colors(stones, pieces, rng):
    """Color of every stone ``(stones, 3)``: one of its piece's, a little off; some catch light."""
    colors = np.empty((len(stones), 3))
    for i, piece in enumerate(stones[:, 5].astype(int)):
        inks = STONES[pieces[piece].stones]
        colors[i] = inks[rng.integers(len(inks))]
    brightness = rng.normal(1, 0.10, (len(stones), 1)) + 0.16 * (rng.random((len(stones), 1)) > 0.9)
    return (colors + rng.normal(0, 0.018, colors.shape)) * brightness


def mosaic(size, seed):
    """Set a dove in a starry medallion in stones, in the manner of the mosaics of Ravenna."""
    rng = np.random.default_rng(seed)
    large = 2 * size
    pieces = design(rng)
    stones = lay_stones(pieces, rng)
    labels = draw_labels(pieces, large)
    owner, border = nearest_stones(stones, labels)
    colors = np.float32(stone_colors(stones, pieces, rng))[owner]

    # Relief: every stone lies a little tilted, and its rounded edges face the light or turn away.
    x, y = unit_grid(large)
    half = np.float32(stones[:, 4])[owner]
    dx, dy = ((at - np.float32(stones[:, c])[owner]) / half for c, at in ((0, x), (1, y)))
    tilt = np.float32(rng.normal(0, 0.10, (2, len(stones))))[:, owner]
    rim = np.clip(1 - border / 0.3, 0, 1)
    light = 1 + tilt[0] * dx + tilt[1] * dy - 0.22 * rim * (dx + dy) / 1.4
    light += 0.05 * smooth_noise(large, 0.004, rng) + 0.03 * streaks(large, 0.03, 0.003, 0.7, rng)
    colors *= light[..., None]

    same = cv2.erode(labels.astype(np.float32), None) == cv2.dilate(labels.astype(np.float32), None)
    stone = (owner >= 0) & (border > 0.085) & same
    bed = np.float32(GROUT) * (1 + 0.15 * smooth_noise(large, 0.003, rng))[..., None]
    canvas = np.where(stone[..., None], colors, bed).astype(np.float32)
    return print_on_paper(canvas, seed)
