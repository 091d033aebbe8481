"""gram_matrix: which channels are active together, whatever the place."""

from functools import cache

from .base.tensorflow import tf
from .pictures.tensors import as_numeric_tensor


def gram_matrix(features):
    """Mean over positions of the outer product of the feature vector with itself.

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
        When the features are not numbers with four axes.

    Notes
    -----
    Gatys, Ecker and Bethge (2015, section 2) leave the sum undivided. Divided by height · width, pictures
    of different sizes have comparable Gram matrices.
    """
    features = as_numeric_tensor(features, "features")
    if features.shape.rank != 4 or 0 in features.shape:
        raise ValueError(
            f"Expected features (batch, height, width, channels), not shape {features.shape}."
            " For one picture's features give a batch of one: features[np.newaxis]."
        )
    batch, height, width, channels = tf.unstack(tf.shape(features))
    vectors = tf.reshape(features, (batch, height * width, channels))
    gram = _compiled_product(features.dtype)(vectors)
    return tf.ensure_shape(gram, (features.shape[0], features.shape[3], features.shape[3]))


@cache
def _compiled_product(dtype):
    """One graph for all: TensorFlow never forgets a custom gradient, nor the whole graph it is traced in."""
    with tf.init_scope():
        product = tf.function(tf.custom_gradient(_mean_outer_product))
        return product.get_concrete_function(tf.TensorSpec((None, None, None), dtype))


def _mean_outer_product(vectors):
    """Gram matrices of ``(batch, positions, channels)`` with their gradient in one product.

    From G = FᵀF / n follows dF = F (dG + dGᵀ) / n. The general rule for matrix products would take two
    products and add them.
    """
    exact = tf.cast(vectors, tf.float32)
    positions = tf.cast(tf.shape(vectors)[1], tf.float32)

    def gradient(upstream):
        both = (upstream + tf.linalg.matrix_transpose(upstream)) / positions
        return tf.matmul(vectors, tf.cast(both, vectors.dtype))

    return tf.matmul(exact, exact, transpose_a=True) / positions, gradient
