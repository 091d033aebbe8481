"""Pictures as TensorFlow tensors."""

from ..base.arguments import describe_value
from ..base.tensorflow import tf
from ..base.types import ArrayOrTensor
from .arrays import ImageError, to_batch


def as_batch(pictures: ArrayOrTensor) -> "tf.Tensor":
    """Convert a picture, a batch, or a tensor of either to a batch tensor.

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
        pictures = to_batch(pictures)
    batch = tf.cast(as_numeric_tensor(pictures, "picture"), tf.float32)
    batch = batch[tf.newaxis] if batch.shape.rank == 3 else batch
    if batch.shape.rank != 4 or batch.shape[-1] != 3:
        raise ImageError(
            "Expected a picture (height, width, 3) or a batch (batch, height, width, 3), not a tensor of"
            f" shape {batch.shape}; check how it was made."
        )
    return batch


def as_numeric_tensor(values: ArrayOrTensor, name: str) -> "tf.Tensor":
    """Convert features or Gram matrices to a tensor; raise ``ValueError`` if they are not numeric."""
    try:
        tensor = tf.convert_to_tensor(values)
    except (TypeError, ValueError) as error:  # such as a dict of all layers, or rows of different lengths
        found = describe_value(values)
        raise ValueError(f"{name} is {found}; give the array or tensor of one layer.") from error
    if not (tensor.dtype.is_floating or tensor.dtype.is_integer):
        raise ValueError(f"{name} holds {tensor.dtype.name}; give an array of numbers.")
    return tensor
