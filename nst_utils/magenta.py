"""Magenta's arbitrary stylization, written out: a painting becomes 100 numbers, and they repaint a photo.

Two networks (Ghiasi, Lee, Kudlur, Dumoulin, Shlens 2017). The *predictor* maps a painting to its style
vector. The *transformer* redraws a photo; after most of its convolutions the feature maps are normalized,
then scaled and shifted by values that are linear in the style vector: conditional instance normalization
(Dumoulin, Shlens, Kudlur 2017). Nothing else in it depends on the style.

The trained weights are those of Magenta's small version: its predictor is a MobileNetV2 (Sandler et al.
2018), its weights have 8 bits. They are used in float here.
"""

import numpy as np
from numpy.typing import NDArray

from .base.tensorflow import tf
from .base.types import ArrayOrTensor
from .models.onnx_weights import Convolution

STYLE_SIZE = 256  # pixels: the paintings that the predictor was trained on had this side
VECTOR_SIZE = 100  # numbers of a style vector
EPSILON = 1e-5  # keeps the division by a standard deviation from failing on flat feature maps

# MobileNetV2: expansion blocks whose depthwise convolution halves the size (Sandler et al. 2018, table 2)
_BLOCKS = 17
_HALVING_BLOCKS = (1, 3, 6, 13)
_RESIDUALS = 5
# Of the two 9 × 9 convolutions, so many columns are computed as one: see pack_columns
_FIRST, _LAST = "transformer/contract/conv1", "transformer/expand/conv3/conv"
_PACKED_COLUMNS = {_FIRST: 2, _LAST: 4}

_PICTURES = (None, None, None, 3)


class ArbitraryStylization(tf.Module):
    """The two networks, called like TF-Hub's module: ``module(content, style)[0]`` is the picture.

    All pictures are batches ``(batch, height, width, 3)``, float32, RGB, values in [0, 1]. Heights and widths
    are rounded up to multiples of 4, by reflection.

    Parameters
    ----------
    predictor, transformer : dict of str to Convolution
        Layer name to its trained weights: what ``nst_utils.models.magenta_weights.load_weights()`` returns.

    References
    ----------
    Ghiasi et al. (2017), "Exploring the structure of a real-time, arbitrary neural artistic stylization
    network", https://arxiv.org/abs/1705.06830; the predictor is a MobileNetV2, Sandler et al. (2018),
    https://arxiv.org/abs/1801.04381.

    Examples
    --------
    >>> from nst_utils.models.magenta_weights import load_weights
    >>> network = ArbitraryStylization(*load_weights())
    >>> print(network.style_vector(np.zeros((1, 256, 256, 3), np.float32)).shape)
    (1, 100)
    """

    def __init__(self, predictor: dict[str, Convolution], transformer: dict[str, Convolution]):
        super().__init__()
        self._layers = {}
        for name, (kernel, bias) in {**predictor, **transformer}.items():
            kernel = pack_columns(kernel, _PACKED_COLUMNS.get(name, 1))
            self._layers[name] = (
                tf.Variable(kernel, trainable=False, name=f"{name}/kernel"),
                tf.Variable(bias, trainable=False, name=f"{name}/bias"),
            )

    # The names of the arguments are those of TF-Hub's module, odd as they are
    @tf.function(input_signature=[tf.TensorSpec(_PICTURES, name="placeholder"),
                                  tf.TensorSpec(_PICTURES, name="placeholder_1")])  # fmt: skip
    def __call__(self, placeholder, placeholder_1):
        """Repaint a batch in the style of another.

        Parameters
        ----------
        placeholder : tf.Tensor
            The content, ``(batch, height, width, 3)``.
        placeholder_1 : tf.Tensor
            The style: one picture for all, or one each, 256 px a side.

        Returns
        -------
        list of tf.Tensor
            One batch.
        """
        return [self.transform(placeholder, self.style_vector(placeholder_1))]

    @tf.function(input_signature=[tf.TensorSpec(_PICTURES, name="style")])
    def style_vector(self, style):
        """Describe the style of each picture of a batch by 100 numbers.

        Parameters
        ----------
        style : tf.Tensor
            ``(batch, height, width, 3)``, 256 px a side.

        Returns
        -------
        tf.Tensor
            ``(batch, 100)``.
        """
        x = tf.nn.relu6(self._convolve(style, "MobilenetV2/Conv", stride=2, padding="SAME"))
        for block in range(_BLOCKS):
            x = self._expansion_block(x, block)
        x = tf.nn.relu6(self._convolve(x, "MobilenetV2/Conv_1"))
        x = tf.reduce_mean(x, (1, 2), keepdims=True)  # where a stroke lies does not matter
        return self._convolve(x, "mobilenet_conv/Conv")[:, 0, 0]

    @tf.function(input_signature=[tf.TensorSpec(_PICTURES, name="content"),
                                  tf.TensorSpec((None, VECTOR_SIZE), name="vector")])  # fmt: skip
    def transform(self, content, vector):
        """Repaint a batch with one style vector for all pictures, or one each.

        Parameters
        ----------
        content : tf.Tensor
            ``(batch, height, width, 3)``.
        vector : tf.Tensor
            ``(1, 100)`` or ``(batch, 100)``.

        Returns
        -------
        tf.Tensor
            The batch, its sides rounded up to multiples of 4.
        """
        x = reflection_pad(pad_to_multiples_of_4(content), 9)
        x = tf.nn.relu(tf.nn.bias_add(self._convolve_packed(x, _FIRST), self._layers[_FIRST][1]))
        for number in (2, 3):
            layer = f"transformer/contract/conv{number}"
            x = tf.nn.relu(self._convolve(reflection_pad(x, 3), layer, stride=2))
        for number in range(1, _RESIDUALS + 1):
            layer = f"transformer/residual/residual{number}"
            inner = tf.nn.relu(self._styled(reflection_pad(x, 3), f"{layer}/conv1", vector))
            x += self._styled(reflection_pad(inner, 3), f"{layer}/conv2", vector)
        for number in (1, 2):
            x = reflection_pad(upsample_nearest(x), 3)
            x = tf.nn.relu(self._styled(x, f"transformer/expand/conv{number}/conv", vector))
        return tf.nn.sigmoid(self._styled(reflection_pad(x, 9), _LAST, vector))

    def _styled(self, x, layer, vector):
        """Convolve, then normalize each channel and give it the scale and shift of the style."""
        x = self._convolve_packed(x, layer)  # without a bias: it would be subtracted with the mean
        vector = vector[:, tf.newaxis, tf.newaxis]
        shift = self._convolve(vector, f"style_params/{layer}/StyleNorm/Conv")
        scale = self._convolve(vector, f"style_params/{layer}/StyleNorm/Conv_1")
        return conditional_instance_normalization(x, scale, shift)

    def _expansion_block(self, x, block):
        """MobileNetV2's block: widen, convolve each channel alone, narrow, add the input if it fits."""
        name = f"MobilenetV2/expanded_conv_{block}" if block else "MobilenetV2/expanded_conv"
        y = tf.nn.relu6(self._convolve(x, f"{name}/expand")) if block else x
        kernel, bias = self._layers[f"{name}/depthwise"]
        stride = 2 if block in _HALVING_BLOCKS else 1
        y = tf.nn.depthwise_conv2d(y, kernel, [1, stride, stride, 1], "SAME")
        y = self._convolve(tf.nn.relu6(y + bias), f"{name}/project")
        return x + y if x.shape[-1] == y.shape[-1] and stride == 1 else y

    def _convolve_packed(self, x, layer):
        """Convolve without a bias, several columns as one where the kernel is packed."""
        columns = _PACKED_COLUMNS.get(layer, 1)
        x = tf.nn.conv2d(_merge_columns(x, columns), self._layers[layer][0], 1, "VALID")
        return _split_columns(x, columns)

    def _convolve(self, x, layer, stride=1, padding="VALID"):
        kernel, bias = self._layers[layer]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, padding), bias)


def pack_columns(kernel: NDArray[np.float32], columns: int) -> NDArray[np.float32]:
    """Rearrange a kernel so that it computes several neighboring columns of the result as one.

    Processors multiply 8 or 16 values at once; a convolution with 3 output channels leaves most of them
    idle. Merge ``columns`` columns of the picture into one with as many times the channels, and the same
    values come out, about twice as fast.

    Parameters
    ----------
    kernel : numpy.ndarray
        ``(height, width, in, out)``.
    columns : int
        Number of columns that are computed as one.

    Returns
    -------
    numpy.ndarray
        ``(height, merged width, columns · in, columns · out)``, with zeros outside a column's own window.

    Examples
    --------
    >>> pack_columns(np.ones((9, 9, 3, 32)), 2).shape
    (9, 5, 6, 64)
    """
    height, width, inputs, outputs = kernel.shape
    merged = -(-(width + columns - 1) // columns)
    packed = np.zeros((height, merged, columns, inputs, columns, outputs), kernel.dtype)
    for column in range(columns):
        for offset in range(width):
            block, within = divmod(column + offset, columns)
            packed[:, block, within, :, column] = kernel[:, offset]
    return packed.reshape(height, merged, columns * inputs, columns * outputs)


def _merge_columns(x, columns):
    shape = tf.shape(x)
    return tf.reshape(x, (shape[0], shape[1], shape[2] // columns, columns * x.shape[3]))


def _split_columns(x, columns):
    shape = tf.shape(x)
    return tf.reshape(x, (shape[0], shape[1], shape[2] * columns, x.shape[3] // columns))


def conditional_instance_normalization(
    x: ArrayOrTensor, scale: ArrayOrTensor, shift: ArrayOrTensor
) -> tf.Tensor:
    """Give each feature map the mean and the standard deviation that belong to a style.

    Parameters
    ----------
    x : array or tensor
        Feature maps ``(batch, height, width, channels)``.
    scale, shift : array or tensor
        γ and β of the style, ``(batch or 1, 1, 1, channels)``.

    Returns
    -------
    tf.Tensor
        ``γ · (x − μ) / √(σ² + ε) + β`` with the mean μ and variance σ² of each map of each picture.

    References
    ----------
    Dumoulin, Shlens and Kudlur (2017), "A Learned Representation For Artistic Style", equation 5,
    https://arxiv.org/abs/1610.07629.

    Examples
    --------
    >>> x = np.float32([1, 3]).reshape(1, 1, 2, 1)  # one map of two positions
    >>> conditional_instance_normalization(x, scale=10.0, shift=5.0).numpy().ravel().round(2)
    array([-5., 15.], dtype=float32)
    """
    mean, variance = tf.nn.moments(x, (1, 2), keepdims=True)
    gain = scale * tf.math.rsqrt(variance + EPSILON)
    return x * gain + (shift - mean * gain)


def pad_to_multiples_of_4(pictures: ArrayOrTensor) -> tf.Tensor:
    """Continue pictures by reflection, below and at the right.

    Parameters
    ----------
    pictures : array or tensor
        ``(batch, height, width, channels)``.

    Returns
    -------
    tf.Tensor
        The batch, height and width rounded up to multiples of 4.

    Examples
    --------
    >>> print(pad_to_multiples_of_4(np.zeros((1, 21, 32, 3))).shape)
    (1, 24, 32, 3)
    """
    shape = tf.shape(pictures)
    return tf.pad(pictures, [[0, 0], [0, -shape[1] % 4], [0, -shape[2] % 4], [0, 0]], "REFLECT")


def reflection_pad(x: ArrayOrTensor, side: int) -> tf.Tensor:
    """Pad feature maps by reflection, as far as a kernel of this side reaches beyond the edge.

    Parameters
    ----------
    x : array or tensor
        ``(batch, height, width, channels)``.
    side : int
        Height and width of the kernel, odd.

    Returns
    -------
    tf.Tensor
        ``(batch, height + side − 1, width + side − 1, channels)``.

    Examples
    --------
    >>> print(reflection_pad(np.float32([1, 2, 3, 4]).reshape(1, 2, 2, 1), 3)[0, :, :, 0].numpy())
    [[4. 3. 4. 3.]
     [2. 1. 2. 1.]
     [4. 3. 4. 3.]
     [2. 1. 2. 1.]]
    """
    margin = side // 2
    return tf.pad(x, [[0, 0], [margin, margin], [margin, margin], [0, 0]], "REFLECT")


def upsample_nearest(x: ArrayOrTensor) -> tf.Tensor:
    """Double height and width by repeating each value.

    Parameters
    ----------
    x : array or tensor
        ``(batch, height, width, channels)``.

    Returns
    -------
    tf.Tensor
        ``(batch, 2 · height, 2 · width, channels)``.

    Examples
    --------
    >>> print(upsample_nearest(np.float32([1, 2]).reshape(1, 1, 2, 1))[0, :, :, 0].numpy())
    [[1. 1. 2. 2.]
     [1. 1. 2. 2.]]
    """
    shape = tf.shape(x)
    return tf.image.resize(x, (2 * shape[1], 2 * shape[2]), "nearest")
