"""Reads the trained numbers of an 8-bit ONNX network as float arrays, layer by layer.

The network itself is not run from the file: :mod:`nst_utils.magenta` writes it out in TensorFlow. So of the
file's graph only the convolutions count, with the ``DequantizeLinear`` nodes that turn their 8-bit numbers
into floats.
"""

from typing import NamedTuple

import numpy as np

from .requirements import explain

_KERNEL_ENDINGS = ("_dequant", "weights", "depthwise_", "/")  # cut off in this order


class OnnxError(ValueError):
    """The bytes are not the kind of ONNX network this reader knows."""


class Convolution(NamedTuple):
    """The trained numbers of one convolution, as TensorFlow wants them."""

    kernel: np.ndarray  # (height, width, in, out); (height, width, channels, 1) if depthwise
    bias: np.ndarray  # (out,)


def read_convolutions(data):
    """Read every convolution of a network that was quantized to 8 bits.

    Parameters
    ----------
    data : bytes
        An ONNX file whose weights pass through ``DequantizeLinear``.

    Returns
    -------
    dict of str to Convolution
        Name of the layer, as its makers had it, to its numbers in float32.

    Raises
    ------
    OnnxError
        When the bytes are damaged, or hold something else.
    """
    try:
        import onnx
    except ImportError as error:
        raise explain(error) from error
    try:
        graph = onnx.load_from_string(data).graph
        stored = {array.name: onnx.numpy_helper.to_array(array) for array in graph.initializer}
        floats = {
            node.output[0]: _dequantize(*(stored[name] for name in node.input))
            for node in graph.node
            if node.op_type == "DequantizeLinear" and node.input[0] in stored
        }
        convolutions = [node for node in graph.node if node.op_type == "Conv"]
        layers = {
            _layer_name(node.input[1]): Convolution(
                _tensorflow_order(floats[node.input[1]]), floats[node.input[2]]
            )
            for node in convolutions
        }
    except Exception as error:  # a damaged file can fail in any way at all
        raise OnnxError(f"damaged ONNX file ({type(error).__name__}: {error})") from error
    if not layers:
        raise OnnxError("the ONNX file holds no convolution")
    return layers


def _dequantize(numbers, scale, zero):
    """Turn 8-bit (or, for biases, 32-bit) integers into floats; one scale per output channel."""
    along_outputs = (-1,) + (1,) * (numbers.ndim - 1) if scale.ndim else ()
    scale, zero = scale.reshape(along_outputs), zero.astype(np.float32).reshape(along_outputs)
    return (numbers.astype(np.float32) - zero) * scale


def _tensorflow_order(kernel):
    """From (out, in, height, width) to TensorFlow's order; a depthwise kernel has one input a channel."""
    return kernel.transpose(2, 3, 0, 1) if kernel.shape[1] == 1 else kernel.transpose(2, 3, 1, 0)


def _layer_name(kernel_name):
    for ending in _KERNEL_ENDINGS:
        kernel_name = kernel_name.removesuffix(ending)
    return kernel_name
