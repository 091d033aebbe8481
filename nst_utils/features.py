"""From a picture to the activations of intermediate layers: VGG's layers as a table, and FeatureExtractor."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .base.arguments import check_int, check_layers, describe_value
from .base.hardware import PRECISIONS, fastest_precision
from .base.tensorflow import keras, tf
from .base.types import ArrayOrTensor
from .models.applications import application, build, did_you_mean
from .pictures.arrays import ImageError
from .pictures.tensors import as_batch

# ----- The layers of VGG -----

# Convolutions in each block (Simonyan and Zisserman 2014, table 1, configurations D and E).
CONVOLUTIONS = {"VGG16": (2, 2, 3, 3, 3), "VGG19": (2, 2, 4, 4, 4)}
CHANNELS = (64, 128, 256, 512, 512)


@dataclass(frozen=True)
class Layer:
    """One convolution (with its ReLU) or pooling layer of VGG.

    Attributes
    ----------
    name : str
        Keras' name, ``block4_conv2``.
    paper : str
        Name in the papers, ``conv4_2``.
    torchvision : int
        Index *n* of ``features[n]`` in PyTorch's torchvision: the convolution before its ReLU
        (``features[n + 1]``), or the pooling layer.
    channels : int
        Number of feature maps.
    parameters : int
        Weights of the kernel and the bias; 0 for pooling.
    jump : int
        Pixels of the picture from one position of the layer to the next.
    field : int
        Side of the receptive field in pixels: the square that one position can see.
    offset : int
        Pixels by which the first position's field sticks out of the picture at the top and left.

    See Also
    --------
    nst_utils.features.vgg_layers : The table of all layers.

    Examples
    --------
    >>> layer = vgg_layers()[3]
    >>> print(layer.name, layer.paper, layer.channels, layer.jump, layer.field, layer.field_at(0, 0))
    block2_conv1 conv2_1 128 2 10 (-4, 6, -4, 6)
    """

    name: str
    paper: str
    torchvision: int
    channels: int
    parameters: int
    jump: int
    field: int
    offset: int

    def field_at(self, row: int, column: int) -> tuple:
        """Receptive field of one position, in pixels of the picture.

        Parameters
        ----------
        row, column : int
            The position in the layer, from 0.

        Returns
        -------
        tuple of int
            First row, last row + 1, first column, last column + 1; the field sticks out of the picture
            where the position is near an edge.
        """
        top, left = (position * self.jump - self.offset for position in (row, column))
        return top, top + self.field, left, left + self.field


def paper_name(layer: str) -> str:
    """Name of a VGG layer in the papers.

    Parameters
    ----------
    layer : str
        Keras' name.

    Returns
    -------
    str
        The papers' name, of the convolution before its ReLU.

    Examples
    --------
    >>> paper_name("block4_conv2"), paper_name("block1_pool")
    ('conv4_2', 'pool1')
    """
    block, part = layer.removeprefix("block").split("_")
    return f"pool{block}" if part == "pool" else f"conv{block}_{part.removeprefix('conv')}"


def keras_name(layer: str) -> str:
    """Name of a VGG layer in Keras.

    Parameters
    ----------
    layer : str
        The papers' name, of the convolution or of its ReLU, which Keras takes for one layer.

    Returns
    -------
    str
        Keras' name; other names stay as they are.

    Examples
    --------
    >>> keras_name("conv4_2"), keras_name("relu4_2"), keras_name("block4_conv2")
    ('block4_conv2', 'block4_conv2', 'block4_conv2')
    """
    papers = {known.paper: known.name for known in vgg_layers("VGG19")}
    return papers.get(layer.replace("relu", "conv"), layer)


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """Side of the square of pixels that one activation at the end of a stack can see.

    Parameters
    ----------
    layers : sequence of (int, int)
        Kernel side and stride of each layer, first layer first.

    Returns
    -------
    int
        In pixels; 1 for an empty stack: a pixel sees itself.

    Examples
    --------
    Two 3 × 3 convolutions, a pooling layer, one more convolution:

    >>> receptive_field([(3, 1), (3, 1), (2, 2), (3, 1)])
    10
    """
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


def vgg_layers(network: str = "VGG19") -> tuple[Layer, ...]:
    """Table of all layers of VGG without its classifier.

    Parameters
    ----------
    network : {"VGG19", "VGG16"}, optional
        Configuration E or D of the paper.

    Returns
    -------
    tuple of Layer
        First layer first.

    Raises
    ------
    ValueError
        For another network.

    References
    ----------
    Simonyan and Zisserman (2014), "Very Deep Convolutional Networks for Large-Scale Image Recognition", table
    1, https://arxiv.org/abs/1409.1556.

    Examples
    --------
    >>> [layer.field for layer in vgg_layers()[:3]]
    [3, 5, 6]
    """
    if network not in CONVOLUTIONS:
        raise ValueError(f"There is no table of {network!r}; choose {' or '.join(CONVOLUTIONS)}.")
    layers, torchvision, stack, jump, offset, inputs = [], 0, [], 1, 0, 3
    for block, (count, channels) in enumerate(zip(CONVOLUTIONS[network], CHANNELS, strict=True), 1):
        for number in range(1, count + 1):
            stack.append((3, 1))
            offset += jump  # one row of zeros is put around the layer's input
            parameters = 3 * 3 * inputs * channels + channels
            name, inputs = f"block{block}_conv{number}", channels
            layers.append(_layer(name, torchvision, channels, parameters, jump, stack, offset))
            torchvision += 2  # torchvision counts the ReLU as a layer of its own
        stack.append((2, 2))
        jump *= 2
        layers.append(_layer(f"block{block}_pool", torchvision, channels, 0, jump, stack, offset))
        torchvision += 1
    return tuple(layers)


def _layer(name, torchvision, channels, parameters, jump, stack, offset):
    field = receptive_field(stack)
    return Layer(name, paper_name(name), torchvision, channels, parameters, jump, field, offset)

# ----- The network -----

# Means of the ImageNet training pictures, blue, green, red, on a scale of 0 to 255 (Simonyan and
# Zisserman 2014, section 2.1, as shipped with the trained network).
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)
LARGE_ENOUGH = 75  # pixels a side: no Keras application needs more to reach its deepest layer


def preprocess_vgg(pictures: "tf.Tensor") -> "tf.Tensor":
    """Turn a batch in [0, 1] into what VGG was trained on: BGR, 0 to 255, minus the ImageNet mean.

    Parameters
    ----------
    pictures : tf.Tensor
        ``(batch, height, width, 3)``, RGB, values in [0, 1].

    Returns
    -------
    tf.Tensor
        Of that shape: blue, green, red.

    References
    ----------
    Simonyan and Zisserman (2014), section 2.1, https://arxiv.org/abs/1409.1556.

    Examples
    --------
    >>> print(preprocess_vgg(tf.zeros((1, 1, 1, 3))).numpy().ravel())
    [-103.939 -116.779 -123.68 ]
    """
    return pictures[..., ::-1] * 255.0 - tf.constant(IMAGENET_MEAN_BGR, pictures.dtype)


def _run_vgg(layers, values):
    """Activations of all these layers of Keras' VGG, by name.

    The same, to the bit, as calling the Keras model; without Keras' checks at every layer a run of style
    transfer starts sooner by a tenth of a second.
    """
    activations = {}
    for layer in layers:
        if layer.weights:
            values = tf.nn.conv2d(values, layer.kernel.value, strides=1, padding="SAME")
            values = tf.nn.relu(tf.nn.bias_add(values, layer.bias.value))
        else:
            values = tf.nn.max_pool2d(values, ksize=2, strides=2, padding="VALID")
        activations[layer.name] = values
    return activations


def _as_list(outputs):
    return outputs if isinstance(outputs, list) else [outputs]  # Keras gives one output alone as it is


def layer_names(network: str = "VGG19") -> tuple[str, ...]:
    """Names of all layers of a network, in order: those that a :class:`nst_utils.FeatureExtractor` takes.

    Parameters
    ----------
    network : str, optional
        A Keras application, in any case of letters.

    Returns
    -------
    tuple of str
        Keras' names, the first layer first, without the classifier.

    Raises
    ------
    ValueError
        For an unknown network; the message lists near names.

    Examples
    --------
    >>> layer_names()[:4]
    ('block1_conv1', 'block1_conv2', 'block1_pool', 'block2_conv1')
    """
    builder, _ = application(network)
    if network.upper() in CONVOLUTIONS:  # a table is there at once, a network takes a second
        return tuple(layer.name for layer in vgg_layers(network.upper()))
    return tuple(layer.name for layer in builder(include_top=False, weights=None).layers[1:])


class FeatureExtractor:
    """A frozen network, cut off after the deepest of the layers asked for.

    Parameters
    ----------
    layers : sequence of str, or str
        Keras' layer names, for instance ``("block1_conv1", "block4_conv2")``. In Keras' VGG the ReLU is
        part of the layer: what comes out is never negative.
    network : str, optional
        A Keras application, by default ``"VGG19"``.
    weights : str or path, optional
        ``"auto"`` (trained on ImageNet, from the first source that has them), ``"random"`` (untrained),
        or the path of a Keras weight file.
    seed : int, optional
        Seed of the random weights.
    precision : {"float32", "bfloat16", "auto"}, optional
        Number format of the convolutions and of the activations that come out. float32 by default, so that
        an activation is the same on every computer; ``"auto"`` takes bfloat16 where the hardware multiplies
        it, which :func:`nst_utils.stylize` does for its many steps. Gram matrices and losses are float32 in
        any case.

    Attributes
    ----------
    layers : tuple of str
        The layers asked for, in that order.
    network : str
        As it was asked for.
    source : str
        Where the weights come from, for the user.
    precision : str
        Number format of the convolutions.

    Raises
    ------
    ValueError
        For an unknown network or layer (the message lists near names), and for arguments of another
        kind.
    nst_utils.WeightsError
        When no source has the trained weights.

    See Also
    --------
    nst_utils.layer_names : The names to choose from.

    References
    ----------
    VGG19 is configuration E of Simonyan and Zisserman (2014), "Very Deep Convolutional Networks for
    Large-Scale Image Recognition", table 1, https://arxiv.org/abs/1409.1556, here without its classifier.

    Examples
    --------
    >>> extractor = FeatureExtractor(["block1_conv1", "block2_conv1"], weights="random")
    >>> for name, activations in extractor(np.zeros((32, 48, 3))).items():
    ...     print(name, activations.shape)
    block1_conv1 (1, 32, 48, 64)
    block2_conv1 (1, 16, 24, 128)
    """

    def __init__(
        self,
        layers: Sequence[str] | str,
        network: str = "VGG19",
        weights: str | os.PathLike = "auto",
        seed: int = 0,
        precision: Literal["float32", "bfloat16", "auto"] = "float32",
    ):
        self.layers, self.network = check_layers("layers", layers), network
        check_int("seed", seed, least=0)
        if not isinstance(weights, (str, os.PathLike)):
            raise ValueError(
                f"weights is {describe_value(weights)}; choose auto, random, or the path of a file."
            )
        self.precision = fastest_precision() if precision == "auto" else precision
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision is {describe_value(precision)}; choose float32, bfloat16 or auto.")
        weights = str(weights)
        # A file is read anew: it may have been written anew
        get = build if weights in ("auto", "random") else build.__wrapped__
        model, preprocess, self.source = get(network, weights, seed, self.precision)
        self._preprocess = preprocess_vgg if network.upper() in CONVOLUTIONS else preprocess
        known = [layer.name for layer in model.layers[1:]]
        for layer in self.layers:
            if layer not in known:
                name = keras_name(layer)
                near = f" {layer} is {name} in Keras." if name in known else did_you_mean(layer, known)
                raise ValueError(f"{network} has no layer {layer!r}.{near} Choose from: {', '.join(known)}.")
        outputs = [model.get_layer(layer).output for layer in self.layers]
        self._model = keras.Model(model.input, outputs)

    def __call__(self, pictures: ArrayOrTensor) -> dict:
        """Activations of one picture or of a batch.

        Parameters
        ----------
        pictures : array or tensor
            ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1]. The network's
            own preprocessing is applied inside.

        Returns
        -------
        dict of str to tf.Tensor
            Layer name to ``(batch, h, w, channels)``, in the order of ``layers``.

        Raises
        ------
        nst_utils.ImageError
            For arrays of another shape or range, and for pictures with too few pixels for the deepest layer.
            (Tensors are checked for their shape alone.)
        """
        batch = as_batch(pictures)
        self._check_side(batch.shape)
        values = self._preprocess(batch)
        if self._preprocess is preprocess_vgg:
            activations = _run_vgg(self._model.layers[1:], tf.cast(values, self.precision))
            return {layer: activations[layer] for layer in self.layers}
        return dict(zip(self.layers, _as_list(self._model(values, training=False)), strict=True))

    def _check_side(self, shape):
        """Refuse what the network would shrink to nothing; inside a ``tf.function`` sides may be unknown."""
        if None in shape or min(shape[1:3]) >= LARGE_ENOUGH:
            return
        try:
            outputs = self._model.compute_output_shape(tuple(shape))
            is_enough = all(np.prod(output) > 0 for output in _as_list(outputs))
        except ValueError:  # some layers compute a shape below zero, and say so
            is_enough = False
        if not is_enough:
            raise ImageError(
                f"A picture of {shape[2]} × {shape[1]} pixels is too small for the layers"
                f" {', '.join(self.layers)}; choose a larger picture, or layers that are less deep."
            )

    def values_per_pixel(self) -> list[float]:
        """Activations per pixel of the picture, of every layer up to the deepest one asked for.

        Returns
        -------
        list of float
            Of each layer the number of channels, divided by the square of the pooling so far.
        """
        side = 64
        layers = {layer.name: layer.output for layer in self._model.layers[1:]}
        shapes = keras.Model(self._model.input, layers).compute_output_shape((1, side, side, 3))
        return [math.prod(shape) / side**2 for shape in shapes.values()]
