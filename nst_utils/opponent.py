"""Opponent colors: brightness, red against blue, green against magenta.

The red, green and blue of natural pictures rise and fall together. Descent that moves each of them on its
own fills a picture with colored speckles long before the style calls for them. In opponent colors the
three numbers are nearly independent, and the axes are scaled to how much pictures vary along them: most in
brightness, a third of that from red to blue, a tenth from green to magenta. (The idea of decorrelated
colors is that of Olah, Mordvintsev and Schubert 2017; the axes here are rounded.)
"""

from .base.tensorflow import tf

AXES = tf.constant([[1.0, 1.0, 1.0], [0.35, 0.0, -0.35], [0.1, -0.2, 0.1]])  # each row in RGB
_INVERSE = tf.linalg.inv(AXES)


def to_opponent(pictures):
    """Opponent colors of RGB pictures, tensors ``(..., 3)``; gray of value v becomes (v, 0, 0)."""
    return tf.linalg.matmul(pictures, _INVERSE)


def from_opponent(opponent):
    """RGB of opponent colors, tensors ``(..., 3)``; values may leave [0, 1]."""
    return tf.linalg.matmul(opponent, AXES)


def gradient_in_opponent(gradient):
    """Turn derivatives by RGB into those by opponent colors, tensors ``(..., 3)`` (the chain rule)."""
    return tf.linalg.matmul(gradient, AXES, transpose_b=True)
