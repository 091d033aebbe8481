"""Answers to the exercises of notebook 04."""

import numpy as np

from nst_utils import checks


def momentum(velocity, gradient, rate, momentum):
    return momentum * velocity - rate * gradient


def in_place(velocity, gradient, rate, momentum):
    velocity *= momentum
    velocity -= rate * gradient
    return velocity


def adam(mean, square, step, rate):
    return -rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)


def cosine(step, steps, rate):
    return rate * (0.1 + 0.9 * (1 + np.cos(np.pi * step / steps)) / 2)


ANSWERS = {
    checks.check_momentum: (
        [momentum, in_place],
        [
            ("down, not up", lambda v, g, r, m: m * v + r * g),
            ("sign", lambda v, g, r, m: r * g - m * v),
            ("momentum is missing", lambda v, g, r, m: v - r * g),
            ("plain descent", lambda v, g, r, m: -r * g),
            ("Only the old velocity", lambda v, g, r, m: m * (v - r * g)),
            ("rate is missing", lambda v, g, r, m: m * v - g),
            ("No average", lambda v, g, r, m: m * v - (1 - m) * g),
            ("no factor", lambda v, g, r, m: m * v - r * (1 - m) * g),
            ("shape", lambda v, g, r, m: 1.0),
            ("symbol by symbol", lambda v, g, r, m: v * 0 + 7),
        ],
    ),
    checks.check_adam_update: (
        [adam],
        [
            ("sign", lambda m, v, t, r: -adam(m, v, t, r)),
            ("exponent is missing", lambda m, v, t, r: -r * m / (np.sqrt(v) + 1e-8)),
            ("exponent is missing", lambda m, v, t, r: -r * m / 0.1 / (np.sqrt(v / 0.01) + 1e-8)),
            ("square needs", lambda m, v, t, r: -r * m / (1 - 0.9**t) / (np.sqrt(v) + 1e-8)),
            ("mean needs", lambda m, v, t, r: -r * m / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)),
            ("square root", lambda m, v, t, r: -r * m / (1 - 0.9**t) / (v / (1 - 0.99**t) + 1e-8)),
            ("belongs", lambda m, v, t, r: -r * m / (1 - 0.99**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8)),
            ("rate is missing", lambda m, v, t, r: adam(m, v, t, 1)),
        ],
    ),
    checks.check_cosine_rate: (
        [cosine],
        [
            ("falls to 0", lambda t, n, r: r * (1 + np.cos(np.pi * t / n)) / 2),
            ("1.1 times", lambda t, n, r: r * (0.1 + (1 + np.cos(np.pi * t / n)) / 2)),
            ("rises", lambda t, n, r: r * (0.1 + 0.9 * (1 - np.cos(np.pi * t / n)) / 2)),
            ("ends at −1", lambda t, n, r: r * (0.1 + 0.9 * np.cos(np.pi * t / n))),
            ("Half a wave", lambda t, n, r: cosine(2 * t, n, r)),
            ("straight line", lambda t, n, r: r * (0.1 + 0.9 * (1 - t / n))),
            ("Multiply by the rate", lambda t, n, r: cosine(t, n, 1)),
        ],
    ),
}
