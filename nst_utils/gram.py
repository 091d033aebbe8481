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
        for one Gram matrix each of a batch of one. A mask of another size than the layer's, such as the
        picture's, is brought to it: each position has the mean of the area that it covers.

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
    The paper leaves the sum undivided. Divided by height · width, pictures of different sizes have comparable
    Gram matrices.

    References
    ----------
    Gatys, Ecker and Bethge (2015), "Texture Synthesis Using Convolutional Neural Networks", section 2,
    https://arxiv.org/abs/1505.07376.

    With masks: Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer", section 4,
    https://arxiv.org/abs/1611.07865.

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
    features = check_features(features)
    batch, height, width, channels = tf.unstack(tf.shape(features))
    vectors = tf.reshape(features, (batch, height * width, channels))
    product = _compiled_mean_outer_product(features.dtype, mask is not None)
    if mask is None:
        grams = [product(vectors)]
    else:  # one after the other: all at once would take the memory of them all
        grams = [product(vectors, weights) for weights in _relative_weights(mask, (height, width))]
    if 1 not in (len(grams), features.shape[0]):
        raise ValueError(f"{len(grams)} masks are for one picture's features; give batch[:1] of these.")
    gram = tf.concat(grams, axis=0)
    return tf.ensure_shape(gram, (gram.shape[0], features.shape[3], features.shape[3]))


def check_features(features: ArrayOrTensor) -> "tf.Tensor":
    """Return features as a tensor; or raise ``ValueError`` unless they are numeric with four axes."""
    features = as_numeric_tensor(features, "features")
    if features.shape.rank != 4 or 0 in features.shape:
        raise ValueError(
            f"Expected features (batch, height, width, channels), not shape {features.shape}."
            " For one picture's features give a batch of one: features[np.newaxis]."
        )
    return features


def shrink_mask(mask: ArrayOrTensor, shape: tuple[int, int]) -> "tf.Tensor":
    """Bring a mask, or a stack of masks, to the size of a layer: means over the positions' areas.

    Parameters
    ----------
    mask : array or tensor
        ``(height, width)``, or a stack ``(regions, height, width)``.
    shape : (int, int)
        Height and width of the layer.

    Returns
    -------
    tf.Tensor
        ``(regions, *shape)``, float32; one region of a single mask.

    Raises
    ------
    ValueError
        For a mask of another number of axes.

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


def _relative_weights(mask, shape):
    """Return what the positions of a layer count in each mask, columns ``(1, positions, 1)`` of mean 1."""
    mask = shrink_mask(mask, shape)
    mean = tf.reduce_mean(mask, axis=(1, 2), keepdims=True)
    known = tf.get_static_value(mean)
    if known is not None and not (known > 0).all():
        raise ValueError("mask is 0 everywhere, so there is nothing to take the mean of; mark some place.")
    return [tf.reshape(one, (1, -1, 1)) for one in tf.unstack(mask / mean)]


def _mean_outer_product(vectors, weights=None):
    """Return ``FᵀF / n`` of each ``(positions, channels)`` matrix in a batch; rows may have weights."""
    vectors = tf.cast(vectors, tf.float32)
    weighted = vectors if weights is None else weights * vectors
    return tf.matmul(weighted, vectors, transpose_a=True) / _positions(vectors)


def _positions(vectors):
    return tf.cast(tf.shape(vectors)[1], tf.float32)


def _with_one_product_backward(vectors, *weights):
    """Return the mean outer product, and a function for its gradient that takes one matrix product.

    From ``G = FᵀF / n`` follows ``dF = F (dG + dGᵀ) / n``, each row by its weight. Automatic differentiation
    would take two products and add them; the product runs in the features' own type, which may be bfloat16.
    """

    def gradient(upstream):
        symmetric = (upstream + tf.linalg.matrix_transpose(upstream)) / _positions(vectors)
        product = tf.matmul(vectors, tf.cast(symmetric, vectors.dtype))
        return (tf.cast(weights[0], vectors.dtype) * product, None) if weights else product

    return _mean_outer_product(vectors, *weights), gradient


@cache
def _compiled_mean_outer_product(dtype, has_weights):
    """One graph for all calls: TensorFlow never frees a custom gradient, nor the graph it is traced in."""
    with tf.init_scope():
        product = tf.function(tf.custom_gradient(_with_one_product_backward))
        weights = [tf.TensorSpec((1, None, 1))] * has_weights
        return product.get_concrete_function(tf.TensorSpec((None, None, None), dtype), *weights)
