"""A print from wood blocks: flat shapes laid over each other, each in one ink with a swelling outline."""

import numpy as np

from .grounds import smooth_noise, unit_grid
from .shapes import disk, evenly, fill, print_on_paper, ribbon, smooth_curve, streaks

INK = {
    "line": (0.07, 0.10, 0.20),
    "indigo": (0.10, 0.19, 0.36),
    "prussian": (0.13, 0.32, 0.52),
    "sea": (0.36, 0.56, 0.66),
    "mist": (0.64, 0.76, 0.76),
    "foam": (0.96, 0.92, 0.82),
    "paper": (0.93, 0.87, 0.73),
    "ochre": (0.86, 0.66, 0.38),
    "vermilion": (0.80, 0.31, 0.20),
}

# A breaking wave of height 1 that leans to the right (y up): its back and its hollow face, both
# from the trough to the tip of the lip.
BACK = [(-1.1, -0.1), (-0.6, 0.06), (-0.25, 0.3), (0.0, 0.62), (0.22, 0.88), (0.5, 1.0)]
BACK += [(0.78, 0.95), (0.96, 0.74)]
FACE = [(1.7, -0.1), (1.05, 0.0), (0.66, 0.14), (0.44, 0.38), (0.42, 0.62), (0.56, 0.79)]
FACE += [(0.76, 0.82), (0.96, 0.74)]

# How far the cap of foam reaches over the stripes between back and face, from trough to lip.
CAP_INNER = 0.24 * np.clip(np.linspace(-0.9, 1, 60), 0, 1) ** 0.7
HALF_TURN = np.stack([np.cos(np.linspace(0.3, 3, 8)), np.sin(np.linspace(0.3, 3, 8))], 1)


def wave_lines(foot, height, lean):
    """Return the function ``share -> (60, 2)``: the line between a wave's back (0) and face (1)."""
    back, face = (evenly(smooth_curve(side), 60) for side in (BACK, FACE))

    def line(share):
        share = np.reshape(share, (-1, 1))
        return np.asarray(foot) + height * ((1 - share) * back + share * face) * (lean, -1)

    return line


def finger(start, heading, length, curl, width):
    """Return a hooked, tapering finger of foam: its path ``(16, 2)`` and widths ``(16,)``."""
    s = np.linspace(0, 1, 16)
    turn = heading + curl * s**1.5
    steps = np.stack([np.cos(turn), np.sin(turn)], 1) * length / 15
    return np.asarray(start) + np.cumsum(steps, axis=0), width * (1 - s) ** 0.8


def claw(start, heading, length, curl):
    """Three fingers of foam: a long one and, on its outer side, two short ones that fork off."""
    fingers = [finger(start, heading, length, curl, 0.34 * length)]
    for fork, share in ((3, 0.55), (7, 0.42)):
        root = fingers[0][0][fork]
        outward = heading + curl * (fork / 15) ** 1.5 - 0.9 * np.sign(curl)
        fingers.append(finger(root, outward, share * length, 1.3 * curl, 0.3 * share * length))
    return fingers


def foam_claws(line, height, lean, rng):
    """Claws of foam: a row hanging from the cap's inner edge, a fan at the tip of the lip."""
    inner, crest = line(CAP_INNER), line(0)
    starts = [(inner, at, 0.9, 0.085) for at in np.linspace(27, 53, 14)]
    starts += [(inner, at, 0.7, 0.13) for at in np.linspace(50, 58, 5)]
    starts += [(crest, at, 0.0, 0.10) for at in np.linspace(52, 58, 3)]
    fingers = []
    for path, at, turn, size in starts:
        at = int(at)
        ahead = path[at + 1] - path[at - 1]
        heading = np.arctan2(ahead[1], ahead[0]) + lean * (turn + rng.uniform(-0.2, 0.2))
        curl = lean * rng.uniform(0.9, 1.7)
        fingers += claw(path[at - 1], heading, height * size * rng.uniform(0.75, 1.3), curl)
    return fingers


def draw_breaker(canvas, foot, height, lean, rng):
    """Draw one breaking wave: stripes of ink from trough to lip, then its foam."""
    line = wave_lines(foot, height, lean)
    outline = 0.0022 + 0.006 * height
    taper = 0.35 + np.sin(np.linspace(0, np.pi, 60)) ** 2
    edges = np.concatenate([[0], np.cumsum(rng.uniform(0.3, 1.7, 17))])
    edges /= edges[-1]
    inks = ["prussian", "indigo", "sea", "indigo", "mist", "prussian"]
    for i in range(17):
        band = np.concatenate([line(edges[i]), line(edges[i + 1])[::-1]])
        fill(canvas, band, INK[inks[i % len(inks)]])
        fill(canvas, ribbon(line(edges[i]), 0.5 * outline * taper), INK["line"])
    for share in (0, 1):
        fill(canvas, ribbon(line(share), 1.6 * outline * taper), INK["line"])
    draw_foam(canvas, line, height, lean, outline, rng)


def draw_foam(canvas, line, height, lean, outline, rng):
    """Draw the foam: all its parts first in dark and wider, so that they share one outline."""
    cap = np.concatenate([line(-0.2 * CAP_INNER), line(CAP_INNER)[::-1]])
    fingers = foam_claws(line, height, lean, rng)
    crest = line(-0.25 * CAP_INNER)
    grown = np.clip((np.arange(60) - 20) / 16, 0, 1)  # small knobs at the foot of the foam
    knobs = [(crest[i], height * rng.uniform(0.012, 0.034) * grown[i]) for i in range(26, 60)]
    drops = rng.normal(line(0)[57], 0.13 * height, (int(110 * height) + 6, 2))
    for drop in drops:
        radius = height * rng.uniform(0.003, 0.009)
        disk(canvas, drop, radius + 0.0022, INK["line"])
        disk(canvas, drop, radius, INK["foam"])
    fill(canvas, ribbon(np.concatenate([cap, cap[:1]]), 2 * outline), INK["line"])
    for grow, color in ((outline, INK["line"]), (0, INK["foam"])):
        for center, radius in knobs:
            disk(canvas, center, radius + grow, color)
        for path, widths in fingers:
            fill(canvas, ribbon(path, widths + 2 * grow), color)
        if not grow:
            fill(canvas, cap, color)
    for path, widths in fingers[::3]:
        fill(canvas, ribbon(path[1:11], 0.3 * widths[1:11]), INK["sea"])
    for share in (0.3, 0.65):
        fill(canvas, ribbon(line(share * CAP_INNER)[30:], 0.6 * outline), INK["sea"])
    for center, radius in knobs[::2]:
        fill(canvas, ribbon(center + 0.6 * radius * HALF_TURN, 0.35 * outline), INK["prussian"])


def draw_swell(canvas, base, amplitude, inks, rng):
    """Draw a sheet of sea below y = ``base``: stripes that repeat the shape of its upper edge."""
    x = np.linspace(-0.05, 1.05, 160)
    phases = rng.uniform(0, 2 * np.pi, 3)
    shape = sum(
        weight * np.sin(2 * np.pi * x * rate + phase)
        for weight, rate, phase in zip((1, 0.5, 0.3), (1.7, 4.1, 9.3), phases, strict=True)
    )
    depth = 0.0
    for i in range(14):
        top = np.stack([x, base + depth + amplitude * shape * (1 - 0.04 * i)], 1)
        fill(canvas, np.concatenate([top, [(1.1, 1.2), (-0.1, 1.2)]]), INK[inks[i % len(inks)]])
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * x * 5 + phases[i % 3])
        fill(canvas, ribbon(top, 0.2 * amplitude * swell), INK["line"])
        for part in rng.integers(0, 130, 14):
            dash = top[part : part + rng.integers(8, 24)] + (0, amplitude * rng.uniform(0.15, 0.8))
            widths = 0.11 * amplitude * np.sin(np.linspace(0, np.pi, len(dash)))
            fill(canvas, ribbon(dash, widths), INK[rng.choice(["line", "foam", "indigo"])])
        depth += amplitude * rng.uniform(0.3, 0.75)


def draw_sky(side, lean, rng):
    """Canvas with the sky: wiped inks (bokashi), a low sun, bars of cloud and a flock of birds."""
    x, y = unit_grid(side)
    night = np.clip(1 - y / 0.3, 0, 1)[..., None] ** 1.2
    glow = np.exp(-(((y - 0.44) / 0.16) ** 2))[..., None]
    canvas = np.full((side, side, 3), INK["paper"], np.float32)
    canvas += (np.float32(INK["ochre"]) - canvas) * 0.8 * glow
    canvas += (np.float32(INK["indigo"]) - canvas) * 0.95 * night
    radius = 0.11
    sun = 0.5 + lean * rng.uniform(0.2, 0.27), rng.uniform(0.24, 0.3)
    disk(canvas, sun, radius + 0.003, INK["line"])
    disk(canvas, sun, radius, INK["vermilion"])
    wiped = (np.hypot(x - sun[0], y - sun[1]) < radius)[..., None]
    low = np.clip((y - sun[1]) / radius, 0, 1)[..., None]
    canvas += (np.float32(INK["ochre"]) - canvas) * wiped * 0.85 * low
    for _ in range(11):
        center = rng.uniform(-0.05, 1.05), rng.uniform(0.03, 0.40)
        draw_cloud(canvas, center, rng.uniform(0.08, 0.24), rng)
    for _ in range(9):
        place = sun[0] - lean * rng.uniform(0.12, 0.7), sun[1] - rng.uniform(-0.08, 0.12)
        draw_bird(canvas, place, rng.uniform(0.012, 0.026), rng)
    return canvas


def draw_cloud(canvas, center, length, rng):
    """Draw a flat cloud: a few overlapping bars with round ends, under one outline."""
    count = rng.integers(2, 5)
    shifts = np.stack([rng.uniform(-0.5, 0.5, count) * length, 0.011 * np.arange(count)], 1)
    lengths = length * rng.uniform(0.5, 1.0, count)
    for grow, color in ((0.0032, INK["line"]), (0, INK["foam"]), (None, INK["mist"])):
        for shift, reach in zip(shifts, lengths, strict=True):
            ends = np.asarray(center) + shift + reach * np.linspace(-0.5, 0.5, 12)[:, None] * (1, 0)
            if grow is None:
                fill(canvas, ribbon(ends[1:-3] + (0, 0.003), np.full(8, 0.002)), color)
                continue
            fill(canvas, ribbon(ends, np.full(12, 0.012 + grow)), color)
            for end in ends[[0, -1]]:
                disk(canvas, end, 0.006 + grow / 2, color)


def draw_bird(canvas, center, span, rng):
    """Draw a far bird: two bent wings that meet in a dark body."""
    tilt = rng.uniform(-0.35, 0.35)
    for side in (-1, 1):
        wing = smooth_curve([(0, 0), (0.45 * side, -0.42), (side, -0.1 + tilt * side)], 6)
        widths = span * 0.3 * (1 - np.linspace(0, 1, len(wing)) ** 2)
        fill(canvas, ribbon(np.asarray(center) + span * wing, widths), INK["line"])
    disk(canvas, center, 0.17 * span, INK["line"])


def print_on_wood(canvas, rng):
    """Let the wood's rings and the rubbing of the baren show in the ink."""
    side = len(canvas)
    _, y = unit_grid(side)
    rings = 55 * y + 1.6 * smooth_noise(side, 0.35, rng) + 0.5 * streaks(side, 0.5, 0.03, 0, rng)
    rings = np.sin(2 * np.pi * rings) ** 3
    fibers = streaks(side, 0.12, 0.0025, 0.0, rng)
    rubbing = smooth_noise(side, 0.012, rng) + smooth_noise(side, 0.05, rng)
    missing = 0.13 + 0.08 * rings + 0.05 * fibers + 0.04 * rubbing
    missing = np.clip(missing, 0, 1)[..., None]
    printed = canvas + (np.float32(INK["paper"]) - canvas) * missing
    return printed * (1 + 0.03 * (rings + fibers))[..., None]


def woodblock(size, seed):
    """Print breaking waves under a wiped sky, in the manner of Japanese wood blocks."""
    rng = np.random.default_rng(seed)
    lean = rng.choice([-1, 1])
    canvas = draw_sky(2 * size, lean, rng)
    for i in range(6):
        near = i / 5
        base = 0.47 + 0.5 * near**1.1
        height = (0.06 + 0.23 * near) * rng.uniform(0.9, 1.1)
        count = min(int(np.ceil(1 / (2.1 * height))), 24)
        feet = (np.arange(count) + rng.uniform(0, 1)) / count
        if i == 3:  # the great wave, alone in its layer
            height = 0.62
            feet = [0.5 - lean * 0.25]
        for foot in feet:
            draw_breaker(canvas, (foot, base + 0.02 + 0.06 * height), height, lean, rng)
        inks = (("mist", "sea"), ("sea", "prussian", "mist"), ("prussian", "indigo", "sea"))[i // 2]
        draw_swell(canvas, base, 0.011 + 0.02 * near, inks, rng)
    return print_on_paper(print_on_wood(canvas, rng), seed)
