"""gram_matrix: which channels are active together, whatever the place."""

from .tensorflow_quiet import tf


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
        When the features do not have four axes.

    Notes
    -----
    Gatys, Ecker and Bethge (2015, section 2) leave the sum undivided. Divided by height · width, pictures
    of different sizes have comparable Gram matrices.
    """
    features = tf.cast(tf.convert_to_tensor(features), tf.float32)
    if features.shape.rank != 4:
        raise ValueError(
            f"Expected features (batch, height, width, channels), not shape {features.shape}."
            " For one picture's features add a batch axis: features[None]."
        )
    batch, height, width, channels = tf.unstack(tf.shape(features))
    vectors = tf.reshape(features, (batch, height * width, channels))
    return tf.matmul(vectors, vectors, transpose_a=True) / tf.cast(height * width, tf.float32)
