"""The table of VGG's layers agrees with Keras' model and with what is published."""

import numpy as np
import pytest

from nst_utils import FeatureExtractor, features, layer_names
from nst_utils.base.tensorflow import keras, tf


@pytest.fixture(scope="module")
def layers():
    return {layer.name: layer for layer in features.vgg_layers()}


@pytest.mark.parametrize("network", ["VGG16", "VGG19"])
def test_the_table_agrees_with_keras(network):
    model = getattr(keras.applications, network)(
        include_top=False, weights=None, input_shape=(64, 64, 3)
    )
    table = features.vgg_layers(network)
    assert tuple(layer.name for layer in table) == layer_names(network)
    for layer, theirs in zip(table, model.layers[1:], strict=True):
        assert layer.channels == theirs.output.shape[-1]
        assert layer.parameters == theirs.count_params()
        assert layer.stride == 64 // theirs.output.shape[1]


def test_known_facts(layers):
    assert sum(layer.parameters for layer in layers.values()) == 20_024_384  # VGG19 without top
    assert layers["block1_conv1"].field == 3
    assert layers["block4_conv2"].field == 84
    assert layers["block5_conv1"].field == 156
    # Indices that PyTorch users of VGG19 know by heart.
    indices = {"block1_conv1": 0, "block2_conv1": 5, "block3_conv1": 10, "block4_conv1": 19}
    indices |= {"block4_conv2": 21, "block5_conv1": 28, "block5_pool": 36}
    assert {name: layers[name].torchvision for name in indices} == indices
    assert features.vgg_layers("VGG16")[-1].torchvision == 30


def test_names_of_the_papers():
    assert features.paper_name("block4_conv2") == "conv4_2"
    assert features.paper_name("block4_pool") == "pool4"


def test_the_fourth_convolution_is_conv2_2():
    convolutions = [layer for layer in features.vgg_layers() if "conv" in layer.name]
    assert convolutions[3].paper == "conv2_2"


@pytest.mark.parametrize(
    ("stack", "field"),
    [([], 1), ([(3, 1)], 3), ([(3, 1), (3, 1)], 5), ([(7, 2), (3, 2), (3, 1)], 19), ([(1, 4)], 1)],
)
def test_receptive_fields_of_small_stacks(stack, field):
    assert features.receptive_field(stack) == field


@pytest.mark.parametrize("name", ["block1_conv1", "block2_conv2", "block3_pool", "block4_conv2"])
def test_the_gradient_fills_the_receptive_field_and_nothing_else(name, layers, photo):
    """What a position can see is what its activation changes with."""
    extractor, layer = FeatureExtractor(name, weights="random"), layers[name]
    noise = np.random.default_rng(0).random((4, 96, 96, 3)).astype(np.float32)
    pictures = tf.Variable(noise)
    row, column = 48 // layer.stride, 40 // layer.stride
    with tf.GradientTape() as tape:
        answer = tf.reduce_sum(extractor(pictures)[name][:, row, column])
    seen = np.abs(tape.gradient(answer, pictures)).sum((0, 3)) > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    top, bottom, left, right = np.clip(layer.field_at(row, column), 0, 96)
    assert (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) == (top, bottom, left, right)


def test_another_network_is_refused():
    with pytest.raises(ValueError, match="VGG19"):
        features.vgg_layers("ResNet50")
