"""Reads the trained weights of an 8-bit ONNX network as float arrays, layer by layer.

The network itself is not run from the file: :mod:`nst_utils.magenta` writes it out in TensorFlow. So of the
file's graph only the convolutions count, with the ``DequantizeLinear`` nodes that turn their 8-bit weights
into floats.
"""

from typing import NamedTuple

import numpy as np

_SUFFIXES = ("_dequant", "weights", "depthwise_", "/")  # removed from a kernel's name, in this order


class Convolution(NamedTuple):
    """The trained weights of one convolution, as TensorFlow wants them."""

    kernel: np.ndarray  # (height, width, in, out); (height, width, channels, 1) if depthwise
    bias: np.ndarray  # (out,)


def read_convolutions(data: bytes) -> dict[str, Convolution]:
    """Read every convolution of a network that was quantized to 8 bits.

    Parameters
    ----------
    data : bytes
        An ONNX file whose weights pass through ``DequantizeLinear``.

    Returns
    -------
    dict of str to Convolution
        Name of the layer, as Magenta's authors chose it, to its weights in float32.
    """
    import onnx

    graph = onnx.load_from_string(data).graph
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    floats = {
        node.output[0]: _dequantize(*(stored[name] for name in node.input))
        for node in graph.node
        if node.op_type == "DequantizeLinear" and node.input[0] in stored
    }
    convolutions = [node.input for node in graph.node if node.op_type == "Conv"]
    return {
        _layer_name(kernel): Convolution(_tensorflow_order(floats[kernel]), floats[bias])
        for _, kernel, bias in convolutions
    }


def _dequantize(integers, scale, zero):
    """Turn 8-bit (or, for biases, 32-bit) integers into floats; one scale for all, or one per output."""
    per_output = (-1,) + (1,) * (integers.ndim - 1)
    if scale.ndim:
        scale, zero = scale.reshape(per_output), zero.reshape(per_output)
    return (integers.astype(np.float32) - zero.astype(np.float32)) * scale


def _tensorflow_order(kernel):
    """From (out, in, height, width) to TensorFlow's order; a depthwise kernel has one input a channel."""
    return kernel.transpose(2, 3, 0, 1) if kernel.shape[1] == 1 else kernel.transpose(2, 3, 1, 0)


def _layer_name(kernel_name):
    for suffix in _SUFFIXES:
        kernel_name = kernel_name.removesuffix(suffix)
    return kernel_name
