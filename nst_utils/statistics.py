"""Other ways to compare two sets of feature vectors, without their places, than by Gram matrices.

The features of a layer are a set of vectors, one for each position. A Gram matrix keeps the mean of their
products. Here are four more comparisons: by mean and spread of each channel, by the sorted values along many
directions, by nearest neighbors one way, and both ways. All are relative, as the losses of
:mod:`nst_utils.losses` are, and the two sets may have different sizes.

One set of weights serves all. A Gram matrix holds squares of features: where these are off by a small share
δ, it is off by 2δ, and its relative loss is 4δ². So squared distances of features themselves count 4 times.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

from .base.arguments import check_choice, check_int
from .base.tensorflow import tf
from .base.types import ArrayOrTensor
from .gram import check_features

LEAST_ENERGY = 1e-4  # per value of a target, as in nst_utils.losses: below, a picture is black to the eye
AS_GRAM = 4
DIRECTIONS = 64  # at least, and as many as there are channels, as Heitz et al. take: fewer leave gaps
TABLE = 2**22  # distances that the search for neighbors holds at one time, 16 MiB
SAMPLE = 2048  # vectors of the painting among which a run looks for neighbors: of all, n² would be too many


def mean_and_spread_loss(features: ArrayOrTensor, target: ArrayOrTensor) -> "tf.Tensor":
    """How far mean and standard deviation of each channel are from the target's.

    The statistics of adaptive instance normalization; here relative, and their squares added up.

    Parameters
    ----------
    features, target : array or tensor
        ``(1, height, width, channels)`` of one layer. Height and width of the two may differ.

    Returns
    -------
    tf.Tensor
        Scalar ``4 (‖μ − μ'‖² + ‖σ − σ'‖²) / (‖μ'‖² + ‖σ'‖²)``: 0 for the same statistics, 1 for features that
        are half as strong everywhere. Why 4: see :mod:`nst_utils.statistics`.

    Raises
    ------
    ValueError
        For features without four axes, and for two numbers of channels.

    Notes
    -----
    The cost is that of n · channels additions for n positions, the least of all. Channels are seen one by
    one: which of them are active together is not.

    References
    ----------
    Huang and Belongie (2017), "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization",
    sections 4 and 5, equation 13, https://arxiv.org/abs/1703.06868.

    Examples
    --------
    Two positions, one channel: mean 2 and spread 1 against mean 1 and spread 1.

    >>> print(mean_and_spread_loss([[[[1.0], [3.0]]]], [[[[0.0], [2.0]]]]).numpy().round(3))
    2.0
    """
    features, target = _two_sets(features, target)
    return _distance_of_moments(features, _mean_and_spread(target))


def sliced_wasserstein_loss(
    features: ArrayOrTensor, target: ArrayOrTensor, directions: int | None = None, seed: int = 0
) -> "tf.Tensor":
    """How far two sets of vectors are to be carried to each other, seen along many directions.

    On a line, the cheapest way to carry one heap of sand to another is in order: the lowest to the lowest,
    the highest to the highest. So both sets are projected on random directions, sorted, and compared.

    Parameters
    ----------
    features, target : array or tensor
        ``(1, height, width, channels)`` of one layer. Height and width of the two may differ.
    directions : int, optional
        Number of directions, unit vectors; by default that of the channels, but at least 64.
    seed : int, optional
        Of the directions.

    Returns
    -------
    tf.Tensor
        Scalar: 4 times the mean squared difference of the sorted projections, divided by the mean square of
        the target's. 0 for the same set, 1 for features that are half as strong. Why 4: see
        :mod:`nst_utils.statistics`.

    Raises
    ------
    ValueError
        For features without four axes, for two numbers of channels, and for other directions or seeds.

    Notes
    -----
    The cost is directions · n · (channels + log n) for n positions. Of a target of another size
    the n quantiles count, each the mean over its share of the sorted values: a set and the same set twice
    over are the same.

    References
    ----------
    Heitz et al. (2021), "A Sliced Wasserstein Loss for Neural Texture Synthesis", section 3,
    https://arxiv.org/abs/2006.07229.

    Examples
    --------
    One channel has one direction. All vectors are shifted by 1, and the mean square of the target is 2:

    >>> print(sliced_wasserstein_loss([[[[3.0], [1.0]]]], [[[[0.0], [2.0]]]]).numpy().round(3))
    2.0
    """
    if directions is not None:
        check_int("directions", directions)
    check_int("seed", seed, least=0)
    features, target = _two_sets(features, target)
    return _distance_of_sorted(features, _sorted_projections(target, directions, seed), directions, seed)


def nearest_neighbor_loss(features: ArrayOrTensor, target: ArrayOrTensor) -> "tf.Tensor":
    """How far each vector is from the most similar one of the target.

    The mean over positions of the cosine distance to the nearest neighbor. It asks that each vector occur in
    the target, not that all of the target occur. Features are 0 or more, so that their directions are all
    alike; as in the authors' program both sets are centered first, here on the target's mean.

    Parameters
    ----------
    features, target : array or tensor
        ``(1, height, width, channels)`` of one layer. Height and width of the two may differ.

    Returns
    -------
    tf.Tensor
        Scalar ``mean of min (1 − cos)``: 0 when each vector lies, seen from the target's mean, in the
        direction of one of the target, 1 when at right angles to all of them, 2 when opposite. How far away
        it lies does not count.

    Raises
    ------
    ValueError
        For features without four axes, and for two numbers of channels.

    Notes
    -----
    The cost is n · m · channels for sets of n and m vectors. The table of their n · m distances is computed
    in slices, of which none is kept: the gradient needs the neighbors alone.

    References
    ----------
    Kolkin et al. (2022), "Neural Neighbor Style Transfer", section 3, https://arxiv.org/abs/2203.13215.

    Examples
    --------
    Of the target two vectors lie to the left and the right of their mean. Of the features one lies to the
    right, too, the other above:

    >>> print(nearest_neighbor_loss([[[[9.0, 5.0], [6.0, 8.0]]]], [[[[5.0, 5.0], [7.0, 5.0]]]]).numpy())
    0.5
    """
    features, target = _two_sets(features, target)
    return _distance_to_nearest(features, target)


def relaxed_earth_mover_loss(features: ArrayOrTensor, target: ArrayOrTensor) -> "tf.Tensor":
    """How far two sets are from each other by nearest neighbors, both ways: the larger of the two counts.

    It is a bound from below of the earth mover's distance, with the cosine distance as the cost of carrying.
    Both sets are centered on the target's mean.

    Parameters
    ----------
    features, target : array or tensor
        ``(1, height, width, channels)`` of one layer. Height and width of the two may differ.

    Returns
    -------
    tf.Tensor
        Scalar: the larger of the mean distances of the features from their neighbors in the target, which is
        the :func:`nst_utils.nearest_neighbor_loss`, and of the target from its neighbors in the features.

    Raises
    ------
    ValueError
        For features without four axes, and for two numbers of channels.

    Notes
    -----
    The cost is 2 · n · m · channels for sets of n and m vectors, and memory is as for one way.

    References
    ----------
    Kolkin et al. (2019), "Style Transfer by Relaxed Optimal Transport and Self-Similarity", section 3.2,
    equation 5, https://arxiv.org/abs/1904.12785.

    Examples
    --------
    One vector of the target, repeated, is enough one way. The other way, the second is at its opposite:

    >>> features, target = [[[[7.0, 5.0], [7.0, 5.0]]]], [[[[7.0, 5.0], [5.0, 5.0]]]]
    >>> [float(loss(features, target)) for loss in (nearest_neighbor_loss, relaxed_earth_mover_loss)]
    [0.0, 1.0]
    """
    features, target = _two_sets(features, target)
    return _distance_both_ways(features, target)


# ----- What is kept of a set, and how another is compared with it -----


def to_vectors(features: "tf.Tensor") -> "tf.Tensor":
    """Reshape the features of one picture as a set of vectors, one for each position.

    Parameters
    ----------
    features : tf.Tensor
        ``(1, height, width, channels)``.

    Returns
    -------
    tf.Tensor
        ``(height · width, channels)``, float32.

    Examples
    --------
    >>> print(to_vectors(tf.zeros((1, 4, 6, 8))).shape)
    (24, 8)
    """
    return tf.reshape(tf.cast(features, tf.float32), (-1, features.shape[-1]))


def _two_sets(features, target):
    features, target = (check_features(values) for values in (features, target))
    if features.shape[-1] != target.shape[-1]:
        raise ValueError(
            f"The features have {features.shape[-1]} channels, their target {target.shape[-1]}; take both"
            " from the same layer."
        )
    return to_vectors(features), to_vectors(target)


def _relative(values, target):
    """Return the squared distance as a share of the target's energy, on the scale of Gram matrices."""
    energy = tf.reduce_mean(tf.square(target))
    return AS_GRAM * tf.reduce_mean(tf.square(values - target)) / tf.maximum(energy, LEAST_ENERGY)


def _mean_and_spread(vectors):
    mean, variance = tf.nn.moments(vectors, axes=[0])
    # A root has no slope at 0, where channels are silent, but an infinite one
    return tf.stack([mean, tf.sqrt(variance + LEAST_ENERGY)])


def _distance_of_moments(vectors, target):
    return _relative(_mean_and_spread(vectors), target)


def _sorted_projections(vectors, directions=None, seed=0):
    """Project on unit vectors, and sort along each: ``(directions, positions)``."""
    # The same directions in every step: the loss is one function then, as L-BFGS, an early stop and a resumed
    # run need it. By 256 others, a texture with 64 of them was at 0.13, with 64 new ones in each step at
    # 0.07, and with as many as channels, the same in each step, at 0.07 too, for 1.4 times the time.
    channels = vectors.shape[-1]
    normal = tf.random.stateless_normal((directions or max(DIRECTIONS, channels), channels), (seed, 0))
    along = tf.matmul(tf.math.l2_normalize(normal, axis=1), vectors, transpose_b=True)
    return tf.sort(along)


def _distance_of_sorted(vectors, target, directions=None, seed=0):
    values = _sorted_projections(vectors, directions, seed)
    quantiles = tf.image.resize(target[..., tf.newaxis], tf.shape(values), "area")[..., 0]
    return _relative(values, quantiles)


def _seen_from_the_mean(vectors, target):
    """Return both as unit vectors, seen from the target's mean; what lies on it is 0, of finite slope."""
    mean = tf.reduce_mean(target, axis=0)
    return [tf.math.l2_normalize(x - mean, axis=1, epsilon=LEAST_ENERGY) for x in (vectors, target)]


def _nearest(vectors, others):
    """Return the index of the nearest of the others for each vector, slice by slice of the table."""
    vectors, others = tf.stop_gradient(vectors), tf.stop_gradient(others)
    count, halves = tf.shape(vectors)[0], tf.reduce_sum(tf.square(others), axis=1) / 2
    rows = tf.clip_by_value(TABLE // tf.shape(others)[0], 1, count)

    def search(part):  # ‖v − o‖² / 2 is least where v·o − ‖o‖² / 2 is largest
        return tf.argmax(tf.matmul(part, others, transpose_b=True) - halves, axis=1)

    padded = tf.pad(vectors, [(0, -count % rows), (0, 0)])
    slices = tf.reshape(padded, (-1, rows, vectors.shape[1]))
    found = tf.map_fn(search, slices, parallel_iterations=1, fn_output_signature=tf.int64)
    return tf.reshape(found, (-1,))[:count]


def _one_way(vectors, others):
    """Return the mean of ``1 − cos`` of unit vectors, as half the squared distance: 0 for two that are 0."""
    neighbors = tf.gather(others, _nearest(vectors, others))
    return tf.reduce_mean(tf.reduce_sum(tf.square(vectors - neighbors), axis=1)) / 2


def _distance_to_nearest(vectors, target):
    return _one_way(*_seen_from_the_mean(vectors, target))


def _distance_both_ways(vectors, target):
    vectors, target = _seen_from_the_mean(vectors, target)
    return tf.maximum(_one_way(vectors, target), _one_way(target, vectors))


# ----- The style losses of a run, by name -----


def _sample(vectors):
    return tf.random.experimental.stateless_shuffle(vectors, (0, 0))[:SAMPLE]


class Statistic(NamedTuple):
    """A style loss of vectors ``(positions, channels)``, other than that of Gram matrices."""

    keep: Callable  # the painting's vectors → what is kept of them, once
    compare: Callable  # a picture's vectors, what was kept → the loss
    copies: int = 9  # of the widest layer in float32, that a run holds; measured


STATISTICS = {
    "mean and spread": Statistic(_mean_and_spread, _distance_of_moments, copies=1),
    "sliced wasserstein": Statistic(_sorted_projections, _distance_of_sorted),
    "nearest neighbors": Statistic(_sample, _distance_to_nearest),
    "earth mover": Statistic(_sample, _distance_both_ways),
}
StyleLoss = Literal["gram", "mean and spread", "sliced wasserstein", "nearest neighbors", "earth mover"]


def find_statistic(style_loss: str, paintings: int = 1, has_masks: bool = False) -> Statistic | None:
    """Return the statistic of this name, or None for Gram matrices; refuse what only these can do."""
    check_choice("style_loss", style_loss, get_args(StyleLoss))
    if style_loss != "gram" and (paintings > 1 or has_masks):
        raise ValueError(
            f"style_loss is {style_loss!r}, which compares with one painting, all over; for several paintings"
            " or masks take 'gram'."
        )
    return STATISTICS.get(style_loss)
