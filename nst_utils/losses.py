"""The loss terms of style transfer, and their weighted sum.

Losses are *relative* by default: 0.05 means that the squared distance to the target is 5 % of the target's
energy (its sum of squares). The same weights then serve every picture size, layer and network. The forms of
the paper and of TensorFlow's tutorial are here by name, for comparison. The weighted sum compares content in
the *normalized* form: what is special in the photo is held, its contrast and its plain surfaces are free.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from .base.arguments import check_choice, check_layers, describe_value
from .base.tensorflow import tf
from .base.types import ArrayOrTensor, Picture
from .base.weights import (
    check_layer_weights,
    check_shares,
    check_weight_map,
    check_weights,
    warn_of_flat_style,
)
from .features import keras_name
from .gram import gram_matrix, shrink_mask
from .pictures.arrays import check_picture
from .pictures.masks import check_masks, check_pictures, share_places
from .pictures.tensors import as_batch, as_numeric_tensor
from .statistics import StyleLoss, find_statistic, to_vectors

# The choice of Gatys et al. (2016, section 3); block4_conv2 is their conv4_2.
CONTENT_LAYERS = ("block4_conv2",)
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
CONTENT_WEIGHT = 0.15
STYLE_WEIGHT = 1.0
TOTAL_VARIATION_WEIGHT = 1.0

STRIDE = 16  # pixels between two positions of block5, VGG's deepest

Form = Literal["relative", "gatys", "tensorflow"]
ContentForm = Literal["relative", "normalized", "gatys", "tensorflow"]
CONTENT_FORMS = get_args(ContentForm)


def _pair(values, target, name):
    """Both as float32; broadcasting would compare what does not belong together."""
    values, target = (tf.cast(as_numeric_tensor(x, name), tf.float32) for x in (values, target))
    if not values.shape.is_compatible_with(target.shape):
        raise ValueError(
            f"The {name} has the shape {values.shape}, its target {target.shape}; take both from pictures of"
            " one size and from the same layer."
        )
    return values, target


# Least energy of a target, per value: that of values of 0.01. Darker pictures are black to the eye, and the
# features of a network that sees anything are far above it, in trained ones a hundred or more. So the loss
# against an empty target stays a number of the size of other losses. A Gram matrix holds squares of features.
LEAST_ENERGY, LEAST_GRAM_ENERGY = 1e-4, 1e-8


def _relative(squares, target, least=LEAST_ENERGY):
    """Sum of squares, as a share of the target's energy."""
    energy, values = tf.reduce_sum(tf.square(target)), tf.size(target, tf.float32)
    return tf.reduce_sum(squares) / tf.maximum(energy, least * values)


def pixel_loss(picture: ArrayOrTensor, target: ArrayOrTensor) -> "tf.Tensor":
    """Relative squared distance of two pictures, pixel by pixel.

    Parameters
    ----------
    picture, target : array or tensor
        Pictures ``(height, width, 3)`` or batches ``(batch, height, width, 3)`` of one shape, values in
        [0, 1].

    Returns
    -------
    tf.Tensor
        Scalar ``‖picture − target‖² / ‖target‖²``: 0 for equal pictures, 1 for a black ``picture``.

    Raises
    ------
    ValueError
        For pictures that differ in size.
    nst_utils.ImageError
        For something that is not a picture.

    Examples
    --------
    >>> print(pixel_loss(tf.zeros((4, 4, 3)), tf.ones((4, 4, 3))).numpy())
    1.0
    """
    picture, target = _pair(as_batch(picture), as_batch(target), "picture")
    return _relative(tf.square(picture - target), target)


def normalize_features(features: ArrayOrTensor) -> "tf.Tensor":
    """Remove each channel's mean and spread over the positions (instance normalization).

    What is left says where a channel is more active than elsewhere in the same picture; its contrast is gone.

    Parameters
    ----------
    features : array or tensor
        ``(batch, height, width, channels)``.

    Returns
    -------
    tf.Tensor
        Of that shape, float32. 1 is added to the variances, so that channels that are silent stay so.

    References
    ----------
    Ulyanov et al. (2017), "Improved Texture Networks", https://arxiv.org/abs/1701.02096.

    Examples
    --------
    >>> features = tf.constant([[[[0.0, 5.0], [200.0, 5.0]]]])
    >>> print(normalize_features(features).numpy().round(1).tolist())
    [[[[-1.0, 0.0], [1.0, 0.0]]]]
    """
    features = tf.cast(as_numeric_tensor(features, "feature map"), tf.float32)
    mean, variance = tf.nn.moments(features, axes=[1, 2], keepdims=True)
    return (features - mean) / tf.sqrt(variance + 1)


def content_loss(
    features: ArrayOrTensor,
    target: ArrayOrTensor,
    form: ContentForm = "relative",
    weight_map: ArrayOrTensor = 1.0,
) -> "tf.Tensor":
    """How far the features of one layer are from the content picture's, position by position.

    Parameters
    ----------
    features, target : array or tensor
        Activations ``(batch, height, width, channels)``, F and P in the papers.
    form : {"relative", "normalized", "gatys", "tensorflow"}, optional
        ``‖F − P‖² / ‖P‖²``; the same of normalized features, F̂ and P̂, where each position counts by the
        square of its energy ``‖P̂‖²``, so that what is special in the photo, an eye, an edge, is held and
        plain surfaces are free; the sum of squares divided by two (the paper); the mean of squares
        (TensorFlow's tutorial).
    weight_map : array or tensor, optional
        ``(height, width, 1)`` of the layer: weights of the positions. All 1 is the loss without a map.

    Returns
    -------
    tf.Tensor
        Scalar, 0 for equal features.

    Raises
    ------
    ValueError
        For features of two shapes, and for an unknown form.

    References
    ----------
    Gatys, Ecker and Bethge (2016), "Image Style Transfer Using Convolutional Neural Networks", equation 1;
    preprint of 2015, https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> features, target = tf.fill((1, 2, 2, 3), 1.5), tf.ones((1, 2, 2, 3))
    >>> [float(content_loss(features, target, form)) for form in ("relative", "gatys", "tensorflow")]
    [0.25, 1.5, 0.25]

    In the normalized form, features of twice the spread and a higher mean are the same content:

    >>> target = 100 * tf.random.stateless_uniform((1, 8, 8, 3), seed=(0, 0))
    >>> print(content_loss(2 * target + 50, target, "normalized").numpy().round(3))
    0.0
    """
    features, target = _pair(features, target, "feature map")
    check_choice("form", form, CONTENT_FORMS)
    target, counts, factor = weigh_target(target, form, weight_map)
    features = normalize_features(features) if form == "normalized" else features
    return factor * tf.reduce_sum(counts * tf.square(features - target))


def weigh_target(
    target: "tf.Tensor", form: ContentForm, weight_map: ArrayOrTensor = 1.0
) -> "tuple[tf.Tensor, tf.Tensor, tf.Tensor]":
    """Return what features are compared with, what each position counts, and the factor of the sum.

    ``content_loss = factor · Σ counts · (F − target)²``, with normalized features in that form.
    """
    if form == "normalized":
        target = normalize_features(target)
        energy = tf.reduce_sum(tf.square(target), axis=-1, keepdims=True)
        detail = tf.square(energy)
        least = LEAST_ENERGY * tf.size(target, tf.float32)
        held = tf.maximum(tf.reduce_sum(detail * energy), least)
        return target, weight_map * detail, 1 / held
    factors = {
        "relative": _relative(1.0, target),
        "gatys": tf.constant(0.5),
        "tensorflow": 1 / tf.size(target, tf.float32),
    }
    return target, tf.convert_to_tensor(weight_map), factors[form]


def style_loss(
    gram: ArrayOrTensor, target_gram: ArrayOrTensor, form: Form = "relative"
) -> "tf.Tensor":
    """How far the Gram matrix of one layer is from the style picture's.

    Parameters
    ----------
    gram, target_gram : array or tensor
        ``(batch, channels, channels)`` as :func:`nst_utils.gram_matrix` makes them, G and A in the papers.
        The pictures behind them need not have the same size.
    form : {"relative", "gatys", "tensorflow"}, optional
        ``‖G − A‖² / ‖A‖²``; the sum of squares divided by 4·channels² (the paper's, for Gram matrices that
        are divided by the number of positions); the mean of squares (TensorFlow's tutorial).

    Returns
    -------
    tf.Tensor
        Scalar, 0 for equal Gram matrices.

    Raises
    ------
    ValueError
        For Gram matrices of two shapes, and for an unknown form.

    Notes
    -----
    The relative form makes layers comparable whose Gram matrices differ a thousandfold. Cheng et al. (2021)
    normalize the style loss of arbitrary-style networks to the same end.

    References
    ----------
    Gatys, Ecker and Bethge (2016), "Image Style Transfer Using Convolutional Neural Networks", equation 4;
    preprint of 2015, https://arxiv.org/abs/1508.06576.

    Cheng et al. (2021), "Style-Aware Normalized Loss for Improving Arbitrary Style Transfer",
    https://arxiv.org/abs/2104.10064.

    Examples
    --------
    >>> gram, target = tf.fill((1, 2, 2), 1.5), tf.ones((1, 2, 2))
    >>> [float(style_loss(gram, target, form)) for form in ("relative", "gatys", "tensorflow")]
    [0.25, 0.0625, 0.25]
    """
    gram, target_gram = _pair(gram, target_gram, "Gram matrix")
    check_choice("form", form, ("relative", "gatys", "tensorflow"))
    if form == "relative":
        return _relative(tf.square(gram - target_gram), target_gram, LEAST_GRAM_ENERGY)
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
        A picture ``(height, width, 3)`` or a batch, values in [0, 1].
    form : {"mean", "squared", "tensorflow"}, optional
        Mean absolute difference of all pairs of horizontal and vertical neighbors, the same at every size
        (the anisotropic form of the total variation); the mean squared difference; the sum of absolute
        differences (``tf.image.total_variation``, TensorFlow's tutorial).

    Returns
    -------
    tf.Tensor
        Scalar, 0 for a picture of one color.

    Raises
    ------
    ValueError
        For an unknown form.
    nst_utils.ImageError
        For something that is not a picture.

    References
    ----------
    Rudin, Osher and Fatemi (1992), "Nonlinear total variation based noise removal algorithms".

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
    """The weighted sum and what it is made of; every entry is a scalar tensor.

    Attributes
    ----------
    total : tf.Tensor
        The weighted sum, which an optimizer lowers.
    raw : dict of str to tf.Tensor
        ``"content"``, ``"style"`` and ``"total_variation"``: each term before its weight.
    weighted : dict of str to tf.Tensor
        The same names: weight · term. They add up to the total.
    style_layers : dict of str to tf.Tensor
        Style layer to its style loss; their (weighted) mean is the term ``"style"``.

    Examples
    --------
    >>> from nst_utils import FeatureExtractor, painting, photo
    >>> extractor = FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, weights="random")
    >>> content, style = photo("chelsea", 32), painting("mosaic", 32)
    >>> terms = StyleTransferLoss(extractor, content, style)(content)
    >>> list(terms.weighted)
    ['content', 'style', 'total_variation']
    >>> print(np.isclose(sum(terms.weighted.values()), terms.total))
    True
    """

    total: tf.Tensor
    raw: dict  # "content", "style", "total_variation" → the term before its weight
    weighted: dict  # the same names → weight · term; they add up to the total
    style_layers: dict  # style layer → its style loss; their (weighted) mean is raw["style"]


def add_terms(
    weights: dict, content: list, style: dict, picture: "tf.Tensor", layer_weights: dict | None = None
) -> LossTerms:
    """Weighted sum of the content losses of some layers, the style losses by layer, and total variation."""
    layer_weights = layer_weights or dict.fromkeys(style, 1.0)
    of_layers = [layer_weights[name] * loss for name, loss in style.items()]
    raw = {
        "content": tf.add_n(content) / len(content),
        "style": tf.add_n(of_layers) / sum(layer_weights.values()),
        "total_variation": total_variation_loss(picture),
    }
    weighted = {name: weights[name] * term for name, term in raw.items()}
    return LossTerms(tf.add_n(list(weighted.values())), raw, weighted, style)


def pad_to_stride(batch):
    """Mirror a batch beyond its edges to multiples of 16: VGG's poolings drop what is left over.

    Parameters
    ----------
    batch : tf.Tensor
        ``(batch, height, width, channels)``. Sides of 8 pixels or less stay.

    Returns
    -------
    tf.Tensor
        The batch in the middle of a larger one.

    Examples
    --------
    >>> print(pad_to_stride(tf.zeros((1, 21, 32, 3))).shape)
    (1, 32, 32, 3)
    """
    extra = [-side % STRIDE if side > STRIDE // 2 else 0 for side in batch.shape[1:3]]  # tiny ones lack it
    return tf.pad(batch, [(0, 0), *((n // 2, n - n // 2) for n in extra), (0, 0)], "REFLECT")


def extract_features(extractor, picture, layers):
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
    with style and total variation in their relative forms, content and style as means over their layers.
    The targets are computed once, at construction. For the network the picture is mirrored beyond its edges
    to multiples of 16 pixels.

    Parameters
    ----------
    extractor : callable
        A :class:`nst_utils.FeatureExtractor`, or anything that turns a picture into a dict of features of at
        least the layers below.
    content : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    style : picture or list of pictures
        Of any size. Several are mixed by ``shares``, or have a region each, by ``mask``.
    shares : sequence of float, optional
        What each painting of a mixture counts; divided by their sum. The target is the mean of the Gram
        matrices, weighted so: its loss has the gradient of the weighted mean of the paintings' losses, since
        ``Σ wₖ‖G − Aₖ‖² = ‖G − Σ wₖAₖ‖² + constant`` when the wₖ add up to 1.
    mask : array or list of arrays, optional
        ``(height, width)``, from 0 to 1: where the painting is to be, or one for each painting. Every region
        has Gram matrices of its own, and counts by its area. Masks that overlap share the place; a pixel in
        no mask stays as it is in the content. Masks of another size are resized.
    style_mask : array or list of arrays, optional
        The same on the paintings: where to look for the style.
    content_layers : sequence of str, optional
        Layers of the network.
    style_layers : sequence of str, or mapping of str to float, optional
        Layers of the network, or layer → what it counts in the mean of the layers.
    style_loss : str, optional
        How features are compared with the painting's: ``"gram"``, by :func:`nst_utils.style_loss`; or, for
        one painting without masks, ``"mean and spread"``, by :func:`nst_utils.mean_and_spread_loss`,
        ``"sliced wasserstein"``, by :func:`nst_utils.sliced_wasserstein_loss`, ``"nearest neighbors"``, by
        :func:`nst_utils.nearest_neighbor_loss`, ``"earth mover"``, by
        :func:`nst_utils.relaxed_earth_mover_loss`.
    content_form : {"normalized", "relative", "gatys", "tensorflow"}, optional
        See :func:`nst_utils.content_loss`.
    content_weight : float or array, optional
        0 or more; or a map ``(height, width)`` of the content's size, to hold some places more than others:
        ``0.15 * (1 + 4 * nst_utils.find_faces(photo))``.
    style_weight, total_variation_weight : float, optional
        Weights of the terms, 0 or more, and not all three of them 0.

    Raises
    ------
    ValueError
        For other weights, and for layers that the extractor does not have.
    nst_utils.ImageError
        For something that is not a picture.

    References
    ----------
    Gatys, Ecker and Bethge (2016), "Image Style Transfer Using Convolutional Neural Networks", equation 7;
    preprint of 2015, https://arxiv.org/abs/1508.06576. The total variation came later, with Mahendran and
    Vedaldi (2015), https://arxiv.org/abs/1412.0035, and Johnson et al. (2016),
    https://arxiv.org/abs/1603.08155.

    Regions: Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer", section 4,
    https://arxiv.org/abs/1611.07865.

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
        style: Picture | Sequence[Picture],
        *,
        shares: Sequence[float] | None = None,
        mask: NDArray | Sequence[NDArray] | None = None,
        style_mask: NDArray | Sequence[NDArray] | None = None,
        content_layers: Sequence[str] = CONTENT_LAYERS,
        style_layers: Sequence[str] | Mapping[str, float] = STYLE_LAYERS,
        style_loss: StyleLoss = "gram",
        content_form: ContentForm = "normalized",
        content_weight: float | NDArray = CONTENT_WEIGHT,
        style_weight: float = STYLE_WEIGHT,
        total_variation_weight: float = TOTAL_VARIATION_WEIGHT,
    ):
        self.content_layers = check_layers("content_layers", content_layers)
        self.layer_weights = check_layer_weights("style_layers", style_layers)
        check_choice("content_form", content_form, CONTENT_FORMS)
        content, styles = check_picture(content, "content"), check_pictures(style, "style")
        has_masks = mask is not None or style_mask is not None
        self._statistic = find_statistic(style_loss, len(styles), has_masks)
        if np.ndim(content_weight):
            content_weight = check_weight_map(content_weight, content.shape)
        self.weights = check_weights(
            content=content_weight, style=style_weight, total_variation=total_variation_weight
        )
        self.extractor, self.content_form, self._content = extractor, content_form, content
        padded, masks = pad_to_stride(as_batch(content)), self._choose_regions(mask, len(styles))
        self.content_targets, content_grams, shapes = self._describe(padded, masks, self.content_layers)
        self._masks = shrink_to_layers(masks, {name: shapes[name] for name in self.layer_weights})
        self.style_targets = self._find_targets(styles, shares, style_mask)
        warn_of_flat_style(self.style_targets, content_grams)
        if self._statistic:
            features = extract_features(extractor, as_batch(styles[0]), self.layer_weights)
            self.style_targets = {
                name: self._statistic.keep(to_vectors(features[name])) for name in self.layer_weights
            }
        # The mean of a map is the term's weight; the map, divided by it, says how it is spread
        spread = np.broadcast_to(content_weight / (self.weights["content"] or 1), content.shape[:2])
        spread = pad_to_stride(tf.constant(spread[np.newaxis, ..., np.newaxis], tf.float32))[..., 0]
        shapes = {name: shapes[name] for name in self.content_layers}
        self.weight_maps = {
            name: tf.expand_dims(shrunk[0], -1) for name, shrunk in shrink_to_layers(spread, shapes).items()
        }

    def _choose_regions(self, mask, count):
        """Note which pixels are free and the area of each region; returns the masks of the padded picture."""
        masks = check_masks(mask, [self._content] * count, "mask")
        if masks is None:
            self._free, self._areas = None, [1.0]
            return None
        masks = share_places(masks)
        self._free = masks.any(axis=0)[..., np.newaxis]
        self._areas = masks.mean(axis=(1, 2)).tolist()
        return pad_to_stride(tf.constant(masks[..., np.newaxis], tf.float32))[..., 0]

    def _describe(self, batch, mask, layers=()):
        """Return the features of these layers, the Gram matrices of all style layers, and their shapes."""
        features = extract_features(self.extractor, batch, (*layers, *self.layer_weights))
        grams = {name: gram_matrix(features[name], mask) for name in self.layer_weights}
        shapes = {name: values.shape[1:3] for name, values in features.items()}
        return {name: features[name] for name in layers}, grams, shapes

    def _find_targets(self, styles, shares, style_mask):
        """Return the Gram matrices to reach, ``(regions, channels, channels)`` of each layer."""
        masks = check_masks(style_mask, styles, "style_mask") or [None] * len(styles)
        pairs = zip(styles, masks, strict=True)
        layers, grams = self.layer_weights, [self._describe(as_batch(one), own)[1] for one, own in pairs]
        if self._free is not None:
            if shares is not None:
                raise ValueError("shares mix paintings, and masks give each a place of its own; take one.")
            return {name: tf.concat([gram[name] for gram in grams], axis=0) for name in layers}
        shares = check_shares(shares, len(styles))
        return {
            name: tf.add_n([share * gram[name] for share, gram in zip(shares, grams, strict=True)])
            for name in layers
        }

    def __call__(self, picture: ArrayOrTensor) -> LossTerms:
        """Compute all terms for a picture.

        Parameters
        ----------
        picture : array or tensor
            ``(height, width, 3)``, or a batch of one, of the content's size, values in [0, 1].

        Returns
        -------
        LossTerms
            Total, terms and style losses of the layers: :class:`nst_utils.losses.LossTerms`.

        Raises
        ------
        ValueError
            For a picture of another size than the content's.
        """
        picture = self._keep_outside(as_batch(picture))
        features = self.extractor(pad_to_stride(picture))
        content = [
            content_loss(features[name], target, self.content_form, self.weight_maps[name])
            for name, target in self.content_targets.items()
        ]
        return add_terms(self.weights, content, self._compare_styles(features), picture, self.layer_weights)

    def _compare_styles(self, features):
        """Return the style loss of each layer, by Gram matrices or by another statistic."""
        if self._statistic:
            targets, compare = self.style_targets, self._statistic.compare
            return {name: compare(to_vectors(features[name]), target) for name, target in targets.items()}
        grams = {name: gram_matrix(features[name], self._masks[name]) for name in self.layer_weights}
        return self._style_losses(grams)

    def _keep_outside(self, picture):
        """Check the size of a batch; where no mask is, put the content's pixels."""
        if not picture.shape[1:].is_compatible_with(self._content.shape):
            raise ValueError(
                f"The picture has the shape {picture.shape[1:]}, the content {self._content.shape}; give two"
                " of one size."
            )
        if self._free is not None:
            picture = tf.where(self._free, picture, self._content)
        return picture

    def _style_losses(self, grams):
        """Return the style loss of each layer: the sum over its regions, each by its area."""
        count, losses = len(self._areas), {}
        for name, gram in grams.items():
            grams_and_targets = tf.split(gram, count), tf.split(self.style_targets[name], count)
            regions = zip(self._areas, *grams_and_targets, strict=True)
            losses[name] = tf.add_n([area * style_loss(one, target) for area, one, target in regions])
        return losses


def shrink_to_layers(maps, shapes):
    """Bring maps ``(n, height, width)`` to the ``(height, width)`` of each of these layers; None stays."""
    return {name: None if maps is None else shrink_mask(maps, shape) for name, shape in shapes.items()}
