"""Pictures as TensorFlow tensors."""

from . import images
from .tensorflow_quiet import tf


def as_batch(pictures):
    """Turn a picture, a batch, or a tensor of either into a batch tensor.

    Parameters
    ----------
    pictures : array or tensor
        ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1].

    Returns
    -------
    tf.Tensor
        ``(batch, height, width, 3)``, float32.

    Raises
    ------
    nst_utils.ImageError
        For another shape, and for arrays with values outside [0, 1] or NaN. The values of tensors are not
        checked: inside a ``tf.function`` they are not known yet.
    """
    if not isinstance(pictures, (tf.Tensor, tf.Variable)):
        pictures = images.to_batch(pictures)
    batch = tf.cast(tf.convert_to_tensor(pictures), tf.float32)
    batch = batch[tf.newaxis] if batch.shape.rank == 3 else batch
    if batch.shape.rank != 4 or batch.shape[-1] != 3:
        raise images.ImageError(
            "Expected a picture (height, width, 3) or a batch (batch, height, width, 3), not a tensor of"
            f" shape {batch.shape}."
        )
    return batch
