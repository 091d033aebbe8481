"""Reads the trained numbers of an 8-bit ONNX network as float arrays, layer by layer.

The network itself is not run from the file: :mod:`nst_utils.magenta` writes it out in TensorFlow. So of the
file's graph only the convolutions count, with the ``DequantizeLinear`` nodes that turn their 8-bit numbers
into floats.
"""

import math
from typing import NamedTuple

import numpy as np

_DTYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4"}  # FLOAT, UINT8, INT8, INT32 of onnx.TensorProto
MOST_PARTS = 10_000  # nodes, or stored arrays; Magenta's networks have 740 and 415
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
    import onnx

    try:
        graph = onnx.load_from_string(data).graph
        if max(len(graph.node), len(graph.initializer)) > MOST_PARTS:
            raise OnnxError(f"a network of more than {MOST_PARTS} parts")
        floats = _read_floats(graph)
        layers = {
            _layer_name(node.input[1]): _convolution(floats[node.input[1]], floats[node.input[2]])
            for node in graph.node
            if node.op_type == "Conv"
        }
    except OnnxError:
        raise
    except Exception as error:  # a damaged file can fail in any way at all
        raise OnnxError(f"damaged ONNX file ({type(error).__name__}: {error})"[:200]) from error
    if not layers:
        raise OnnxError("the ONNX file holds no convolution")
    return layers


def _read_floats(graph):
    """Every stored array that a DequantizeLinear node turns into floats, by the node's output."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    nodes = [n for n in graph.node if n.op_type == "DequantizeLinear" and n.input[0] in stored]
    if len({node.input[0] for node in nodes}) < len(nodes):
        raise OnnxError("an array that is used twice")  # a thousand times would fill the memory
    return {node.output[0]: _dequantize(*(_array(stored[name]) for name in node.input)) for node in nodes}


def _array(tensor):
    """Numbers of a tensor. They have to lie in the file itself: one that points elsewhere reads no file."""
    array, shape = np.frombuffer(tensor.raw_data, _DTYPES[tensor.data_type]), tuple(tensor.dims)
    is_elsewhere = tensor.data_location != tensor.DEFAULT
    if is_elsewhere or len(shape) > 4 or min(shape, default=0) < 0 or math.prod(shape) != array.size:
        raise OnnxError(f"the tensor {tensor.name[:80]} does not hold the numbers of its shape")
    return array.reshape(shape)


def _dequantize(numbers, scale, zero):
    """Turn 8-bit (or, for biases, 32-bit) integers into floats; one scale per output channel."""
    if not all(part.ndim == 0 or part.shape == numbers.shape[:1] for part in (scale, zero)):
        raise OnnxError("scales that do not fit their numbers")  # broadcasting them could fill the memory
    if scale.dtype != np.float32:
        raise OnnxError("scales that are not floats")
    along_outputs = (-1,) + (1,) * (numbers.ndim - 1) if scale.ndim else ()
    scale, zero = scale.reshape(along_outputs), zero.astype(np.float32).reshape(along_outputs)
    with np.errstate(over="ignore", invalid="ignore"):  # the next line says it better than a warning
        floats = (numbers.astype(np.float32) - zero) * scale
    if not np.isfinite(floats).all():
        raise OnnxError("numbers that are not finite")
    return floats


def _convolution(kernel, bias):
    if kernel.ndim != 4 or bias.shape != kernel.shape[:1]:
        raise OnnxError("a kernel and a bias that do not fit together")
    return Convolution(_tensorflow_order(kernel), bias)


def _tensorflow_order(kernel):
    """From (out, in, height, width) to TensorFlow's order; a depthwise kernel has one input a channel."""
    return kernel.transpose(2, 3, 0, 1) if kernel.shape[1] == 1 else kernel.transpose(2, 3, 1, 0)


def _layer_name(kernel_name):
    for ending in _KERNEL_ENDINGS:
        kernel_name = kernel_name.removesuffix(ending)
    return kernel_name
