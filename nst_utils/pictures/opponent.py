"""Opponent colors: brightness, red against blue, green against magenta. They are what Adam and SGD move."""

import numpy as np

from ..base.tensorflow import tf
from ..base.types import Picture
from .arrays import resize, to_batch

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


def restore_colors(painted: Picture, photo: Picture) -> Picture:
    """Put a photo's colors back: the brightness of one picture, the two other opponent colors of another.

    Every place keeps its own color; only light and dark are painted.

    Parameters
    ----------
    painted, photo : picture or batch
        ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1]; a photo of another
        size is resized, one alone serves a whole batch.

    Returns
    -------
    numpy.ndarray
        Like ``painted``, float32; colors that would leave [0, 1] end there.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.

    See Also
    --------
    nst_utils.match_colors : Gives the painting the photo's palette, before the painting.

    References
    ----------
    Gatys et al. (2016), "Preserving Color in Neural Artistic Style Transfer", where it is called
    luminance-only transfer, https://arxiv.org/abs/1606.05897.

    Examples
    --------
    >>> red, gray = np.full((16, 16, 3), (0.6, 0.3, 0.3)), np.full((16, 16, 3), 0.5)
    >>> print(restore_colors(gray, red)[0, 0].round(2))
    [0.7 0.4 0.4]
    """
    batch, photos = to_batch(painted), to_batch(photo)
    photos = np.stack([resize(one, batch.shape[1:3]) for one in photos])
    opponent = np.where([True, False, False], to_opponent(batch), to_opponent(photos))
    restored = np.clip(from_opponent(opponent), 0, 1)
    return restored if np.ndim(painted) == 4 else restored[0]
