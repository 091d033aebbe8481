"""gram_matrix: which channels are active together, whatever the place."""

from functools import cache

from .base.tensorflow import tf
from .base.types import ArrayOrTensor
from .pictures.tensors import as_numeric_tensor


def gram_matrix(features: ArrayOrTensor) -> "tf.Tensor":
    """Mean over positions of the outer product of the feature vector with itself.

    ``G = FᵀF / n`` with the features F as a matrix ``(n, channels)``, one row for each of the
    ``n = height · width`` positions.

    Parameters
    ----------
    features : array or tensor
        Activations ``(batch, height, width, channels)`` of one layer, of any floating type.

    Returns
    -------
    tf.Tensor
        ``(batch, channels, channels)``, float32 whatever the features' type (a sum over many positions
        overflows float16 at 65504); symmetric and positive semi-definite.

    Raises
    ------
    ValueError
        When the features are not numeric with four axes.

    Notes
    -----
    Gatys, Ecker and Bethge (2015, section 2, https://arxiv.org/abs/1505.07376) leave the sum undivided.
    Divided by height · width, pictures of different sizes have comparable Gram matrices.

    Examples
    --------
    Two positions, two channels: the first channel is active at both, the second at one of them.

    >>> features = [[[[1.0, 0.0], [1.0, 2.0]]]]
    >>> print(gram_matrix(features).numpy())
    [[[1. 1.]
      [1. 2.]]]
    """
    features = as_numeric_tensor(features, "features")
    if features.shape.rank != 4 or 0 in features.shape:
        raise ValueError(
            f"Expected features (batch, height, width, channels), not shape {features.shape}."
            " For one picture's features give a batch of one: features[np.newaxis]."
        )
    batch, height, width, channels = tf.unstack(tf.shape(features))
    vectors = tf.reshape(features, (batch, height * width, channels))
    gram = _compiled_mean_outer_product(features.dtype)(vectors)
    return tf.ensure_shape(gram, (features.shape[0], features.shape[3], features.shape[3]))


def _mean_outer_product(vectors):
    """Return ``FᵀF / n`` of each ``(positions, channels)`` matrix in a batch."""
    vectors = tf.cast(vectors, tf.float32)
    return tf.matmul(vectors, vectors, transpose_a=True) / _positions(vectors)


def _positions(vectors):
    return tf.cast(tf.shape(vectors)[1], tf.float32)


def _with_one_product_backward(vectors):
    """Return the mean outer product, and a function for its gradient that takes one matrix product.

    From ``G = FᵀF / n`` follows ``dF = F (dG + dGᵀ) / n``. Automatic differentiation would take two products
    and add them; the product runs in the features' own type, which may be bfloat16.
    """

    def gradient(upstream):
        symmetric = (upstream + tf.linalg.matrix_transpose(upstream)) / _positions(vectors)
        return tf.matmul(vectors, tf.cast(symmetric, vectors.dtype))

    return _mean_outer_product(vectors), gradient


@cache
def _compiled_mean_outer_product(dtype):
    """One graph for all calls: TensorFlow never frees a custom gradient, nor the graph it is traced in."""
    with tf.init_scope():
        product = tf.function(tf.custom_gradient(_with_one_product_backward))
        return product.get_concrete_function(tf.TensorSpec((None, None, None), dtype))
