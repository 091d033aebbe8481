"""The reader of 8-bit ONNX networks: the right floats in TensorFlow's order."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from nst_utils.base.tensorflow import tf
from nst_utils.models.onnx_weights import read_convolutions

FULL = "net/full/weights_dequant"
DEPTHWISE = "net/depthwise/depthwise_weights_dequant"


def stored_numbers():
    """What a quantizer stores of a 2 × 3 convolution, from 3 channels to 2, and a depthwise one after it."""
    random = np.random.default_rng(0)
    return {
        "full": random.integers(-127, 128, (2, 3, 2, 3)).astype(np.int8),
        "full_scale": np.float32([0.01, 0.02]),
        "full_zero": np.int8([0, 3]),
        "full_bias": np.int32([100, -50]),
        "full_bias_scale": np.float32([0.001, 0.002]),
        "depthwise": random.integers(0, 256, (2, 1, 3, 3)).astype(np.uint8),
        "depthwise_scale": np.float32(0.01),
        "depthwise_zero": np.uint8(128),
        "depthwise_bias": np.int32([7, 8]),
        "depthwise_bias_scale": np.float32(0.5),
        "no_zero": np.int32(0),
        "no_zeros": np.int32([0, 0]),
        "picture_scale": np.float32(0.1),
        "picture_zero": np.uint8(0),
    }


def dequantize(*inputs, to):
    axis = {"axis": 0} if inputs[0] in ("full", "full_bias") else {}
    return helper.make_node("DequantizeLinear", inputs, [to], **axis)


def network():
    """Bytes of an ONNX file: the picture is quantized, too, which the reader has to pass over."""
    nodes = [
        helper.make_node("QuantizeLinear", ["picture", "picture_scale", "picture_zero"], ["picture_8bit"]),
        dequantize("picture_8bit", "picture_scale", "picture_zero", to="picture_again"),
        dequantize("full", "full_scale", "full_zero", to=FULL),
        dequantize("full_bias", "full_bias_scale", "no_zeros", to="full_bias_dequant"),
        dequantize("depthwise", "depthwise_scale", "depthwise_zero", to=DEPTHWISE),
        dequantize("depthwise_bias", "depthwise_bias_scale", "no_zero", to="depthwise_bias_dequant"),
        helper.make_node("Conv", ["picture_again", FULL, "full_bias_dequant"], ["features"]),
        helper.make_node("Conv", ["features", DEPTHWISE, "depthwise_bias_dequant"], ["result"], group=2),
    ]
    graph = helper.make_graph(
        nodes,
        "small network",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 9])],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(a, name) for name, a in stored_numbers().items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


def test_each_output_channel_has_its_own_scale_and_zero():
    kernel, bias = read_convolutions(network())["net/full"]
    stored = stored_numbers()["full"].astype(float)
    assert (kernel.shape, kernel.dtype, bias.dtype) == ((2, 3, 3, 2), np.float32, np.float32)
    np.testing.assert_allclose(kernel[..., 0], 0.01 * stored[0].transpose(1, 2, 0), rtol=1e-6)
    np.testing.assert_allclose(kernel[..., 1], 0.02 * (stored[1] - 3).transpose(1, 2, 0), rtol=1e-6)
    np.testing.assert_allclose(bias, [0.1, -0.1], rtol=1e-6)


def test_a_depthwise_kernel_has_its_channels_where_tensorflow_wants_them():
    kernel, bias = read_convolutions(network())["net/depthwise"]
    stored = stored_numbers()["depthwise"].astype(float)
    assert kernel.shape == (3, 3, 2, 1)
    np.testing.assert_allclose(kernel[2, 1, 0, 0], 0.01 * (stored[0, 0, 2, 1] - 128), rtol=1e-5)
    np.testing.assert_allclose(kernel[..., 0], 0.01 * (stored[:, 0].transpose(1, 2, 0) - 128), rtol=1e-5)
    np.testing.assert_allclose(bias, [3.5, 4], rtol=1e-6)


def test_tensorflow_computes_with_the_numbers_what_onnx_runtime_computes_with_the_file():
    layers = read_convolutions(network())
    assert list(layers) == ["net/full", "net/depthwise"]
    levels = np.random.default_rng(1).integers(0, 256, (1, 8, 9, 3), np.uint8)
    picture = np.float32(0.1) * levels  # the network rounds its picture to such values, so nothing is lost
    session = onnxruntime.InferenceSession(network())
    expected = session.run(None, {"picture": picture.transpose(0, 3, 1, 2)})[0].transpose(0, 2, 3, 1)
    x = tf.nn.conv2d(picture, layers["net/full"].kernel, 1, "VALID") + layers["net/full"].bias
    x = tf.nn.depthwise_conv2d(x, layers["net/depthwise"].kernel, [1, 1, 1, 1], "VALID")
    np.testing.assert_allclose(x + layers["net/depthwise"].bias, expected, rtol=1e-5, atol=1e-3)
