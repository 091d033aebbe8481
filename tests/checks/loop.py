"""Answers to the exercises of notebook 04."""

import keras
import numpy as np

from nst_utils import checks
from nst_utils.base.tensorflow import tf


def momentum(velocity, gradient, rate, momentum):
    return momentum * velocity - rate * gradient


def in_place(velocity, gradient, rate, momentum):
    velocity *= momentum
    velocity -= rate * gradient
    return velocity


def adam(mean, square, step, rate, second=0.99, epsilon=1e-8):
    return -rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - second**step)) + epsilon)


def cosine(step, steps, rate):
    return rate * (0.1 + 0.9 * (1 + np.cos(np.pi * step / steps)) / 2)


ANSWERS = {
    checks.check_momentum: (
        [momentum, in_place, lambda v, g, r, m: m * tf.constant(v) - r * g],
        [
            ("down, not up", lambda v, g, r, m: m * v + r * g),
            ("sign", lambda v, g, r, m: r * g - m * v),
            ("momentum is missing", lambda v, g, r, m: v - r * g),
            ("plain descent", lambda v, g, r, m: -r * g),
            ("Only the old velocity", lambda v, g, r, m: m * (v - r * g)),
            ("rate is missing", lambda v, g, r, m: m * v - g),
            ("No average", lambda v, g, r, m: m * v - (1 - m) * g),
            ("no factor", lambda v, g, r, m: m * v - r * (1 - m) * g),
            ("swapped", lambda v, g, r, m: r * v - m * g),
            ("not multiplied by the rate", lambda v, g, r, m: -r * (m * v + g)),
            ("shape", lambda v, g, r, m: 1.0),
            (", 0.2, 0.9)[2]: -0.19 expected, -6.67 found", lambda v, g, r, m: v * 10 - 4.67),
        ],
    ),
    checks.check_adam_update: (
        [
            adam,
            lambda m, v, t, r: r * (m / (0.9**t - 1)) / (tf.sqrt(v / (1 - 0.99**t)) + 1e-8),
            lambda m, v, t, r: r * (m / (1 - 0.9**t)) * -1 / (1e-8 + (v / (1 - 0.99**t)) ** 0.5),
        ],
        [
            ("sign", lambda m, v, t, r: -adam(m, v, t, r)),
            ("correction is missing", lambda m, v, t, r: -r * m / (np.sqrt(v) + 1e-8)),
            ("exponent of the correction", lambda m, v, t, r: -r * m / 0.1 / (np.sqrt(v / 0.01) + 1e-8)),
            ("square needs", lambda m, v, t, r: -r * m / (1 - 0.9**t) / (np.sqrt(v) + 1e-8)),
            ("mean needs", lambda m, v, t, r: -r * m / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)),
            ("square root", lambda m, v, t, r: -r * m / (1 - 0.9**t) / (v / (1 - 0.99**t) + 1e-8)),
            ("belongs", lambda m, v, t, r: -r * m / (1 - 0.99**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8)),
            ("rate is missing", lambda m, v, t, r: adam(m, v, t, 1)),
            ("not 0.999", lambda m, v, t, r: adam(m, v, t, r, second=0.999)),
            ("0.9**step", lambda m, v, t, r: -r * m / (1 - 0.9 * t) / (np.sqrt(v / (1 - 0.99 * t)) + 1e-8)),
            ("counts from 1", lambda m, v, t, r: adam(m, v, t + 1, r)),
            ("counts from 1", lambda m, v, t, r: adam(m, v, t - 1, r)),
            ("ε = 1e-8 is missing", lambda m, v, t, r: adam(m, v, t, r, epsilon=0)),
            ("ε = 1e-8 is missing", lambda m, v, t, r: adam(m, v, t, r, epsilon=1e-16)),
            ("not 1e-7", lambda m, v, t, r: adam(m, v, t, r, epsilon=1e-7)),
            ("not below it", lambda m, v, t, r: -r * m / (1 - 0.9**t) / np.sqrt(v / (1 - 0.99**t) + 1e-8)),
            ("then add ε", lambda m, v, t, r: adam(m, v, t, r, epsilon=1e-8 / np.sqrt(1 - 0.99**t))),
            ("[3]: ", lambda m, v, t, r: adam(m, v, t, r, epsilon=1e-9)),
        ],
    ),
    checks.check_cosine_rate: (
        [
            cosine,
            lambda t, n, r: r * (0.55 + 0.45 * tf.cos(np.pi * t / n)),
            lambda t, n, r: keras.optimizers.schedules.CosineDecay(r, n, alpha=0.1)(t),
        ],
        [
            ("falls to 0", lambda t, n, r: r * (1 + np.cos(np.pi * t / n)) / 2),
            ("1.1 times", lambda t, n, r: r * (0.1 + (1 + np.cos(np.pi * t / n)) / 2)),
            ("rises", lambda t, n, r: r * (0.1 + 0.9 * (1 - np.cos(np.pi * t / n)) / 2)),
            ("ends at −1", lambda t, n, r: r * (0.1 + 0.9 * np.cos(np.pi * t / n))),
            ("whole wave", lambda t, n, r: cosine(2 * t, n, r)),
            ("quarter", lambda t, n, r: cosine(t / 2, n, r)),
            ("quarter", lambda t, n, r: r * (0.1 + 0.9 * np.cos(np.pi / 2 * t / n))),
            ("half is missing", lambda t, n, r: r * (0.1 + 0.9 * (1 + np.cos(np.pi * t / n)))),
            ("π is missing", lambda t, n, r: r * (0.1 + 0.9 * (1 + np.cos(t / n)) / 2)),
            ("radians", lambda t, n, r: r * (0.1 + 0.9 * (1 + np.cos(180 * t / n)) / 2)),
            ("<lambda>(20, 80, 0.05): ", lambda t, n, r: cosine(t, n, r) + (t == 20)),
            ("straight line", lambda t, n, r: r * (0.1 + 0.9 * (1 - t / n))),
            ("Multiply by the rate", lambda t, n, r: cosine(t, n, 1)),
        ],
    ),
}
