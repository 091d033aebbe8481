"""The loss terms of style transfer, and their weighted sum.

Losses are *relative* by default: 0.05 means that the squared distance to the target is 5 % of the target's
energy (its sum of squares). The same weights then serve every picture size, layer and network. The forms of
the paper and of TensorFlow's tutorial are here by name, for comparison.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from .base.arguments import check_choice, check_layers, check_number, describe_value
from .base.tensorflow import tf
from .base.types import ArrayOrTensor, Picture
from .features import keras_name
from .gram import gram_matrix
from .pictures.arrays import check_picture
from .pictures.tensors import as_batch, as_numeric_tensor

# The choice of Gatys et al. (2016, section 3); block4_conv2 is their conv4_2.
CONTENT_LAYERS = ("block4_conv2",)
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
CONTENT_WEIGHT = 0.15
STYLE_WEIGHT = 1.0
TOTAL_VARIATION_WEIGHT = 1.0

Form = Literal["relative", "gatys", "tensorflow"]


def _pair(values, target, name):
    """Both as float32; broadcasting would compare what does not belong together."""
    values, target = (tf.cast(as_numeric_tensor(x, name), tf.float32) for x in (values, target))
    if not values.shape.is_compatible_with(target.shape):
        raise ValueError(
            f"The {name} has the shape {values.shape}, its target {target.shape}; take both from pictures of"
            " one size and from the same layer."
        )
    return values, target


# Least energy of a target, per value: that of values of 0.01. Such a picture is black to the eye, and the
# loss against it is some thousands, not 10¹⁵. Features are far above it, a hundred and more in a trained
# network; a Gram matrix holds squares of features.
LEAST_ENERGY, LEAST_GRAM_ENERGY = 1e-4, 1e-8
LEAST_SHARE = 1e-4  # of the energy of the content's Gram matrix: the style has a tenth of its contrast


def _relative(difference, target, least=LEAST_ENERGY):
    energy, values = tf.reduce_sum(tf.square(target)), tf.size(target, tf.float32)
    return tf.reduce_sum(tf.square(difference)) / tf.maximum(energy, least * values)


def pixel_loss(picture: ArrayOrTensor, target: ArrayOrTensor) -> "tf.Tensor":
    """Relative squared distance of two pictures, pixel by pixel.

    Parameters
    ----------
    picture, target : array or tensor
        Pictures or batches of one shape, values in [0, 1].

    Returns
    -------
    tf.Tensor
        Scalar ``‖picture − target‖² / ‖target‖²``: 0 for equal pictures, 1 for a black ``picture``.

    Examples
    --------
    >>> print(pixel_loss(tf.zeros((4, 4, 3)), tf.ones((4, 4, 3))).numpy())
    1.0
    """
    picture, target = _pair(as_batch(picture), as_batch(target), "picture")
    return _relative(picture - target, target)


def content_loss(
    features: ArrayOrTensor, target: ArrayOrTensor, form: Form = "relative"
) -> "tf.Tensor":
    """How far the features of one layer are from the content picture's, position by position.

    Parameters
    ----------
    features, target : array or tensor
        Activations ``(batch, height, width, channels)``, F and P in the papers.
    form : {"relative", "gatys", "tensorflow"}
        ``‖F − P‖² / ‖P‖²``; the sum of squares divided by two (Gatys et al. 2016, equation 1;
        preprint of 2015: https://arxiv.org/abs/1508.06576); the mean of squares (TensorFlow's tutorial).

    Returns
    -------
    tf.Tensor
        Scalar.

    Examples
    --------
    >>> features, target = tf.fill((1, 2, 2, 3), 1.5), tf.ones((1, 2, 2, 3))
    >>> [float(content_loss(features, target, form)) for form in ("relative", "gatys", "tensorflow")]
    [0.25, 1.5, 0.25]
    """
    features, target = _pair(features, target, "feature map")
    check_choice("form", form, ("relative", "gatys", "tensorflow"))
    if form == "relative":
        return _relative(features - target, target)
    if form == "gatys":
        return tf.reduce_sum(tf.square(features - target)) / 2
    return tf.reduce_mean(tf.square(features - target))


def style_loss(
    gram: ArrayOrTensor, target_gram: ArrayOrTensor, form: Form = "relative"
) -> "tf.Tensor":
    """How far the Gram matrix of one layer is from the style picture's.

    Parameters
    ----------
    gram, target_gram : array or tensor
        ``(batch, channels, channels)`` as :func:`nst_utils.gram_matrix` makes them, G and A in the papers.
        The pictures behind them need not have the same size.
    form : {"relative", "gatys", "tensorflow"}
        ``‖G − A‖² / ‖A‖²``; the sum of squares divided by 4·channels² (Gatys et al. 2016, equation 4,
        for Gram matrices that are divided by the number of positions); the mean of squares (TensorFlow's
        tutorial).

    Returns
    -------
    tf.Tensor
        Scalar.

    Notes
    -----
    The relative form makes layers comparable whose Gram matrices differ a thousandfold. Cheng et al. (2021,
    https://arxiv.org/abs/2104.10064) normalize the style loss of arbitrary-style networks to the same end.

    Examples
    --------
    >>> gram, target = tf.fill((1, 2, 2), 1.5), tf.ones((1, 2, 2))
    >>> [float(style_loss(gram, target, form)) for form in ("relative", "gatys", "tensorflow")]
    [0.25, 0.0625, 0.25]
    """
    gram, target_gram = _pair(gram, target_gram, "Gram matrix")
    check_choice("form", form, ("relative", "gatys", "tensorflow"))
    if form == "relative":
        return _relative(gram - target_gram, target_gram, LEAST_GRAM_ENERGY)
    if form == "gatys":
        return tf.reduce_sum(tf.square(gram - target_gram)) / (4 * gram.shape[-1] ** 2)
    return tf.reduce_mean(tf.square(gram - target_gram))


def total_variation_loss(
    picture: ArrayOrTensor, form: Literal["mean", "squared", "tensorflow"] = "mean"
) -> "tf.Tensor":
    """How much neighboring pixels differ.

    Parameters
    ----------
    picture : array or tensor
        A picture or a batch, values in [0, 1].
    form : {"mean", "squared", "tensorflow"}
        Mean absolute difference of all pairs of horizontal and vertical neighbors, the same at every size
        (the anisotropic form of Rudin, Osher and Fatemi 1992); the mean squared difference; the sum of
        absolute differences (``tf.image.total_variation``, TensorFlow's tutorial).

    Returns
    -------
    tf.Tensor
        Scalar.

    Examples
    --------
    A row of three pixels: black, white, white. One of its two pairs of neighbors differs, by 1.

    >>> picture = tf.constant([[[0.0] * 3, [1.0] * 3, [1.0] * 3]])
    >>> [float(total_variation_loss(picture, form)) for form in ("mean", "squared", "tensorflow")]
    [0.5, 0.5, 3.0]
    """
    check_choice("form", form, ("mean", "squared", "tensorflow"))
    picture = as_batch(picture)
    horizontal = picture[:, :, 1:] - picture[:, :, :-1]
    vertical = picture[:, 1:] - picture[:, :-1]
    pairs = tf.cast(tf.maximum(tf.size(horizontal) + tf.size(vertical), 1), tf.float32)  # one pixel has none
    absolute = tf.reduce_sum(tf.abs(horizontal)) + tf.reduce_sum(tf.abs(vertical))
    if form == "mean":
        return absolute / pairs
    if form == "squared":
        return (tf.reduce_sum(tf.square(horizontal)) + tf.reduce_sum(tf.square(vertical))) / pairs
    return absolute


class LossTerms(NamedTuple):
    """The weighted sum and what it is made of; every entry is a scalar tensor."""

    total: tf.Tensor
    raw: dict  # "content", "style", "total_variation" → the term before its weight
    weighted: dict  # the same names → weight · term; they add up to the total
    style_layers: dict  # style layer → its style loss; their mean is raw["style"]


def _share(target_gram, content_gram):
    """Factor that puts a floor under the energy of a style: 1 unless the style has next to no contrast.

    A style of one color near the mean that VGG subtracts is nearly nothing to the network: its loss would be
    10⁸, and the content would not count. No fixed floor fits every layer; the content's Gram matrix does.
    """
    energy, content = (tf.reduce_sum(tf.square(gram)) for gram in (target_gram, content_gram))
    return tf.math.divide_no_nan(energy, tf.maximum(energy, LEAST_SHARE * content))


def check_weights(**weights: float) -> dict:
    """Return the weights, given by the names of their terms, as floats; or raise ``ValueError``."""
    for name, value in weights.items():
        weights[name] = check_number(f"{name}_weight", value, "0 or a positive number", lambda n: n >= 0)
    if not any(weights.values()):
        raise ValueError("All weights are 0: set one of them above 0, so that there is something to lower.")
    return weights


def _features(extractor, picture, layers):
    """Extract features, and check that all these layers are among them."""
    if not callable(extractor):
        raise ValueError(f"extractor is {describe_value(extractor)}; give a FeatureExtractor of all layers.")
    features = extractor(picture)
    if not isinstance(features, dict):
        raise ValueError(f"The extractor returned {describe_value(features)}; it must return a dict.")
    missing = [layer for layer in layers if layer not in features]
    if missing:
        papers = [layer for layer in missing if keras_name(layer) != layer]
        in_keras = "".join(f" {layer} is {keras_name(layer)} in Keras." for layer in papers)
        raise ValueError(
            f"The extractor has {', '.join(map(str, features))}, but not {', '.join(missing)}; give a"
            f" FeatureExtractor of all content and style layers.{in_keras}"
        )
    return features


class StyleTransferLoss:
    """The weighted sum of content, style and total variation for one pair of pictures.

    ``total = content_weight · content + style_weight · style + total_variation_weight · total variation``
    with the relative forms, content and style as means over their layers (Gatys et al. 2016, equation 7;
    the total variation term came later, with Mahendran and Vedaldi 2015 and Johnson et al. 2016).
    The targets are computed once, at construction.

    Parameters
    ----------
    extractor : callable
        A :class:`nst_utils.FeatureExtractor`, or anything that turns a picture into a dict of features of at
        least the layers below.
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1]; they may differ in size.
    content_layers, style_layers : sequence of str, optional
        Layers of the network.
    content_weight, style_weight, total_variation_weight : float, optional
        Weights of the terms, 0 or more, and not all of them 0.

    Raises
    ------
    ValueError
        For other weights, and for layers that the extractor does not have.
    nst_utils.ImageError
        For something that is not a picture.

    Examples
    --------
    >>> from nst_utils import FeatureExtractor, painting, photo
    >>> extractor = FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, weights="random")
    >>> content, style = photo("chelsea", 32), painting("mosaic", 32)
    >>> loss = StyleTransferLoss(extractor, content, style)
    >>> terms = loss(content)
    >>> float(terms.raw["content"])
    0.0
    """

    def __init__(
        self,
        extractor: Callable,
        content: Picture,
        style: Picture,
        *,
        content_layers: Sequence[str] = CONTENT_LAYERS,
        style_layers: Sequence[str] = STYLE_LAYERS,
        content_weight: float = CONTENT_WEIGHT,
        style_weight: float = STYLE_WEIGHT,
        total_variation_weight: float = TOTAL_VARIATION_WEIGHT,
    ):
        self.content_layers = check_layers("content_layers", content_layers)
        self.style_layers = check_layers("style_layers", style_layers)
        self.weights = check_weights(
            content=content_weight, style=style_weight, total_variation=total_variation_weight
        )
        self.extractor = extractor
        content, style = check_picture(content, "content"), check_picture(style, "style")
        content_features = _features(extractor, content, self.content_layers)
        style_features = _features(extractor, style, self.style_layers)
        self.content_targets = {name: content_features[name] for name in self.content_layers}
        self.style_targets = {name: gram_matrix(style_features[name]) for name in self.style_layers}
        self._shares = {
            name: _share(target, gram_matrix(content_features[name]))
            for name, target in self.style_targets.items()
        }

    def __call__(self, picture: ArrayOrTensor) -> LossTerms:
        """All terms for a picture or batch ``(1, height, width, 3)``; returns :class:`LossTerms`."""
        picture = as_batch(picture)
        features = self.extractor(picture)
        content = [content_loss(features[n], target) for n, target in self.content_targets.items()]
        style = {
            name: self._shares[name] * style_loss(gram_matrix(features[name]), target)
            for name, target in self.style_targets.items()
        }
        raw = {
            "content": tf.add_n(content) / len(content),
            "style": tf.add_n(list(style.values())) / len(style),
            "total_variation": total_variation_loss(picture),
        }
        weighted = {name: self.weights[name] * term for name, term in raw.items()}
        return LossTerms(tf.add_n(list(weighted.values())), raw, weighted, style)
