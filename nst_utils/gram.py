"""gram_matrix: which channels are active together, whatever the place."""

from functools import cache

from .base.tensorflow import tf
from .base.types import ArrayOrTensor
from .pictures.tensors import as_numeric_tensor


def gram_matrix(features: ArrayOrTensor, mask: "ArrayOrTensor | None" = None) -> "tf.Tensor":
    """Mean over positions of the outer product of the feature vector with itself.

    ``G = FᵀF / n`` with the features F as a matrix ``(n, channels)``, one row for each of the
    ``n = height · width`` positions. With a mask m it is the mean over a region, ``G = Σ m f fᵀ / Σ m``.

    Parameters
    ----------
    features : array or tensor
        Activations ``(batch, height, width, channels)`` of one layer, of any floating type.
    mask : array or tensor, optional
        How much each place counts, from 0 to 1: ``(height, width)``, or a stack ``(regions, height, width)``
        for one Gram matrix each of a batch of one (Gatys et al. 2017, section 4,
        https://arxiv.org/abs/1611.07865). A mask of another size than the layer's, such as the picture's, is
        brought to it: each position has the mean of the area that it covers.

    Returns
    -------
    tf.Tensor
        ``(batch, channels, channels)``, or of each region, float32 whatever the features' type (a sum over
        many positions overflows float16 at 65504); symmetric and positive semi-definite.

    Raises
    ------
    ValueError
        When the features are not numeric with four axes, the mask not with two or three, or 0 everywhere.

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

    The region of the first position alone:

    >>> print(gram_matrix(features, mask=[[1.0, 0.0]]).numpy().round(2))
    [[[1. 0.]
      [0. 0.]]]
    """
    features = as_numeric_tensor(features, "features")
    if features.shape.rank != 4 or 0 in features.shape:
        raise ValueError(
            f"Expected features (batch, height, width, channels), not shape {features.shape}."
            " For one picture's features give a batch of one: features[np.newaxis]."
        )
    if mask is not None:  # each vector counts by the square of its factor
        features *= tf.cast(tf.sqrt(_relative_mask(mask, tf.shape(features)[1:3])), features.dtype)
    batch, height, width, channels = tf.unstack(tf.shape(features))
    vectors = tf.reshape(features, (batch, height * width, channels))
    gram = _compiled_mean_outer_product(features.dtype)(vectors)
    return tf.ensure_shape(gram, (features.shape[0], features.shape[3], features.shape[3]))


def shrink_mask(mask: ArrayOrTensor, shape: tuple[int, int]) -> "tf.Tensor":
    """Bring a mask, or a stack of masks, to ``(height, width)`` of a layer: means over the positions' areas.

    Examples
    --------
    >>> print(shrink_mask([[1.0, 1.0, 0.0, 1.0]], (1, 2)).numpy())
    [[[1.  0.5]]]
    """
    mask = tf.cast(as_numeric_tensor(mask, "mask"), tf.float32)
    mask = mask[tf.newaxis] if mask.shape.rank == 2 else mask
    if mask.shape.rank != 3 or 0 in mask.shape:
        raise ValueError(f"mask has the shape {mask.shape}; give one number for each place: (height, width).")
    return tf.image.resize(mask[..., tf.newaxis], shape, "area")[..., 0]


def _relative_mask(mask, shape):
    """Return a mask of a layer's shape, ``(1 or regions, height, width, 1)``, divided by its mean."""
    mask = shrink_mask(mask, shape)
    mean = tf.reduce_mean(mask, axis=(1, 2), keepdims=True)
    known = tf.get_static_value(mean)
    if known is not None and not (known > 0).all():
        raise ValueError("mask is 0 everywhere, so there is nothing to take the mean of; mark some place.")
    return (mask / mean)[..., tf.newaxis]


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
