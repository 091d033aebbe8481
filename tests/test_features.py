"""FeatureExtractor gives the activations of Keras' own VGG19; the table of layers agrees with Keras."""

import random

import numpy as np
import pytest

from nst_utils import FeatureExtractor, ImageError, features, gram_matrix, layer_names, losses, stylize
from nst_utils.base.tensorflow import keras, tf
from nst_utils.models import applications, vgg_weights

DEEPEST = "block5_conv4"


@pytest.fixture(scope="module")
def keras_vgg19():
    """Keras' VGG19 as its documentation builds it, given the same weights."""
    model = keras.applications.VGG19(include_top=False, weights=None)
    vgg_weights.load_into(model, vgg_weights.fetch_weights("vgg19").path)
    return model


def test_features_equal_those_of_keras_vgg19_with_its_own_preprocessing(keras_vgg19, photo):
    layers = ("block1_conv1", "block3_conv2", "block4_conv2", DEEPEST)
    ours = FeatureExtractor(layers)(photo)
    assert list(ours) == list(layers)
    batch = keras.applications.vgg19.preprocess_input((photo * 255)[None].copy())
    for layer in layers:
        theirs = keras.Model(keras_vgg19.input, keras_vgg19.get_layer(layer).output)(batch).numpy()
        np.testing.assert_allclose(ours[layer], theirs, rtol=1e-3, atol=1e-3 * np.abs(theirs).max())
        assert ours[layer].numpy().min() >= 0  # after the ReLU


def test_the_network_is_the_trained_one(extractor, photo):
    """Trained filters agree with each other in ways that random ones do not: a few known facts."""
    kernel, bias = extractor._model.get_layer("block1_conv1").get_weights()
    assert kernel.shape == (3, 3, 3, 64)
    np.testing.assert_allclose(bias[:4], [0.730, 0.065, 0.034, 0.826], atol=0.005)


def test_a_batch_gives_what_its_pictures_give_alone(extractor, photo):
    flipped = photo[:, ::-1]
    batch = extractor(np.stack([photo, flipped]))
    for layer, answer in extractor(flipped).items():
        np.testing.assert_allclose(batch[layer][1:], answer, rtol=1e-3, atol=1e-2)


def test_nothing_is_trainable_and_what_lies_behind_the_deepest_layer_is_cut_off(photo):
    extractor = FeatureExtractor("block2_conv1")
    assert extractor._model.trainable_weights == []
    assert [layer.name for layer in extractor._model.layers][-1] == "block2_conv1"


def test_the_picture_given_is_not_changed(extractor, photo):
    before = photo.copy()
    extractor(photo)
    np.testing.assert_array_equal(photo, before)


def test_random_weights_depend_on_the_seed_alone(photo):
    def answer(seed):
        return FeatureExtractor("block1_conv2", weights="random", seed=seed)(photo)["block1_conv2"].numpy()

    first = answer(1)
    applications.build.cache_clear()
    np.testing.assert_array_equal(answer(1), first)
    assert np.abs(answer(2) - first).max() > 1e-3
    assert "not trained" in FeatureExtractor("block1_conv2", weights="random").source


def test_building_a_network_leaves_the_generators_of_the_process_alone():
    states = random.getstate(), np.random.get_state()[1].copy()
    for seed in (7, np.int64(8)):
        FeatureExtractor("block1_conv1", weights="random", seed=seed)
    assert random.getstate() == states[0]
    np.testing.assert_array_equal(np.random.get_state()[1], states[1])


def test_weights_from_a_file_as_it_is_now(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    model = keras.applications.VGG16(include_top=False, weights=None)
    for value in (0.5, 2.0):  # the same file, written anew
        model.layers[1].bias.assign(value * np.ones(64))
        model.save_weights(tmp_path / "mine.weights.h5")
        for path in (tmp_path / "mine.weights.h5", "~/mine.weights.h5"):
            extractor = FeatureExtractor("block1_conv1", network="vgg16", weights=path)
            for ours, theirs in zip(
                extractor._model.layers[1].get_weights(), model.layers[1].get_weights(), strict=True
            ):
                np.testing.assert_array_equal(ours, theirs)
            assert extractor.source == "the file mine.weights.h5"


def test_a_missing_weight_file_is_named(tmp_path):
    with pytest.raises(vgg_weights.WeightsError, match="absent.h5"):
        FeatureExtractor("block1_conv1", weights=tmp_path / "absent.h5")


def test_another_network_brings_its_own_preprocessing(photo):
    extractor = FeatureExtractor("conv1_relu", network="ResNet50", weights="random")
    assert extractor(photo)["conv1_relu"].shape == (1, 48, 48, 64)


def test_names():
    assert layer_names()[:3] == ("block1_conv1", "block1_conv2", "block1_pool")


def test_an_unknown_layer_lists_near_names():
    with pytest.raises(ValueError, match="Did you mean .*block4_conv2"):
        FeatureExtractor(["conv4_conv2"])


@pytest.mark.parametrize(
    ("paper", "name"),
    [("conv4_2", "block4_conv2"), ("relu4_2", "block4_conv2"), ("pool4", "block4_pool")],
)
def test_the_papers_names_lead_to_those_of_keras(extractor, photo, paper, name):
    with pytest.raises(ValueError, match=f"{paper} is {name} in Keras"):
        FeatureExtractor([paper])
    with pytest.raises(ValueError, match=f"{paper} is {name} in Keras"):
        losses.StyleTransferLoss(extractor, photo, photo, style_layers=[paper])
    with pytest.raises(ValueError, match=f"{paper} is {name} in Keras"):
        stylize(photo, photo, content_layers=[paper])


def test_an_unknown_network_lists_near_names():
    with pytest.raises(ValueError, match="Did you mean vgg19"):
        FeatureExtractor("block1_conv1", network="VGG_19")


def test_a_download_that_fails_in_keras_says_what_to_do(monkeypatch):
    def offline(**_):
        raise Exception("URL fetch failure on https://example.org: None -- no network")  # as Keras does

    monkeypatch.setattr(applications, "application", lambda network: (offline, None))
    with pytest.raises(vgg_weights.WeightsError, match='weights="random"'):
        FeatureExtractor("conv1_relu", network="ResNet50")


def test_no_layer_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one layer"):
        FeatureExtractor([])


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4), (2, 2, 8, 8, 3)])
def test_other_shapes_are_refused(extractor, shape):
    with pytest.raises(ImageError):
        extractor(np.zeros(shape, np.float32))
    with pytest.raises(ImageError, match="Expected a picture"):
        extractor(tf.zeros(shape))


def test_a_range_of_0_to_255_is_refused(extractor, photo):
    with pytest.raises(ImageError, match="divide by 255"):
        extractor(photo * 255)


def test_loss_invariants_do_not_depend_on_the_source_of_the_weights(extractor, photo, painting):
    """Kernels disturbed by half a percent stand for the difference of 8-bit and official weights."""
    model, preprocess, source = applications.build("VGG19", "auto", 0)
    disturbed = keras.models.clone_model(model)
    rng = np.random.default_rng(0)
    for ours, theirs in zip(disturbed.weights, model.weights, strict=True):
        ours.assign(theirs * (1 + 0.005 * rng.standard_normal(theirs.shape)))
    other = keras.Model(disturbed.input, [disturbed.get_layer(n).output for n in extractor.layers])

    def disturbed_extractor(picture):
        return dict(zip(extractor.layers, other(preprocess(tf.constant(picture[None]))), strict=True))

    for layer in losses.STYLE_LAYERS:
        distances = [
            float(losses.style_loss(gram_matrix(e(photo)[layer]), gram_matrix(e(painting)[layer])))
            for e in (extractor, disturbed_extractor)
        ]
        assert distances[1] == pytest.approx(distances[0], rel=0.02)


# ----- The table of layers -----


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
        assert layer.jump == 64 // theirs.output.shape[1]


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
    row, column = 48 // layer.jump, 40 // layer.jump
    with tf.GradientTape() as tape:
        answer = tf.reduce_sum(extractor(pictures)[name][:, row, column])
    seen = np.abs(tape.gradient(answer, pictures)).sum((0, 3)) > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    top, bottom, left, right = np.clip(layer.field_at(row, column), 0, 96)
    assert (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) == (top, bottom, left, right)


def test_another_network_is_refused():
    with pytest.raises(ValueError, match="VGG19"):
        features.vgg_layers("ResNet50")
