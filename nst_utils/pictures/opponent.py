"""Opponent colors: brightness, red against blue, green against magenta. They are what Adam and SGD move."""

from ..base.tensorflow import tf

# Brightness, red against blue, green against magenta; each row in RGB. The red, green and blue of natural
# pictures rise and fall together: an optimizer that moves each on its own fills a picture with colored
# speckles long before the style calls for them. In opponent colors the three values are nearly independent,
# and the axes are scaled to how much pictures vary along them. (Decorrelated colors: Olah, Mordvintsev and
# Schubert 2017, https://distill.pub/2017/feature-visualization; the axes here are rounded.)
OPPONENT_AXES = tf.constant([[1.0, 1.0, 1.0], [0.35, 0.0, -0.35], [0.1, -0.2, 0.1]])
_INVERSE = tf.linalg.inv(OPPONENT_AXES)


def to_opponent(pictures: "tf.Tensor") -> "tf.Tensor":
    """Opponent colors of RGB pictures, tensors ``(..., 3)``.

    Examples
    --------
    A gray of brightness 0.5 has no color:

    >>> print(to_opponent([[0.5, 0.5, 0.5]]).numpy())
    [[0.5 0.  0. ]]
    """
    return tf.linalg.matmul(pictures, _INVERSE)


def from_opponent(opponent: "tf.Tensor") -> "tf.Tensor":
    """RGB of opponent colors, tensors ``(..., 3)``; values may leave [0, 1]."""
    return tf.linalg.matmul(opponent, OPPONENT_AXES)


def gradient_in_opponent(gradient: "tf.Tensor") -> "tf.Tensor":
    """Turn derivatives by RGB into those by opponent colors, tensors ``(..., 3)`` (the chain rule)."""
    return tf.linalg.matmul(gradient, OPPONENT_AXES, transpose_b=True)
