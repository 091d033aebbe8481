"""Arguments that make no sense: one sentence before the work, whatever the type, and nothing lost."""

from functools import partial

import numpy as np
import pytest
from plain_words import NOISE, refused

import nst_utils
from nst_utils import (
    FeatureExtractor,
    StyleTransferLoss,
    animated_gif,
    checks,
    loop,
    losses,
    plots,
    stylize,
)
from nst_utils.base.tensorflow import tf
from nst_utils.pictures import arrays
from nst_utils.pictures.arrays import ImageError, resize
from nst_utils.pictures.files import load_image
from nst_utils.pictures.initial import initial_picture

NAN, INF = float("nan"), float("inf")
PHOTO = np.random.default_rng(0).random((20, 24, 3), np.float32)
PAINTING = np.random.default_rng(1).random((18, 30, 3), np.float32)
LAYER = "block1_conv1"
WRONG_NUMBERS = ["1", None, True, NAN, INF, 1e300, [1], np.ones(2), 1j, {}]


@pytest.fixture(scope="module")
def small():
    """Return an extractor of one layer, so small that its numbers need not be trained."""
    return FeatureExtractor((LAYER,), weights="random")


@pytest.fixture(scope="module")
def paint(small):
    """Return stylize with the small extractor: options alone are to be given."""
    fast = {"content_layers": [LAYER], "style_layers": [LAYER], "extractor": small, "steps": 1}

    def run(**options):
        return stylize(PHOTO, PAINTING, **fast | options)

    return run


# ----- stylize and minimize: numbers and names -----

WRONG_OPTIONS = {
    "content_weight": [*WRONG_NUMBERS, -1, -np.ones(PHOTO.shape[:2]), np.ones(PHOTO.shape[1::-1])],
    "content_form": ["normal", None, 5],
    "style_loss": ["Gram", None, 5, ["gram"]],
    "style_weight": [*WRONG_NUMBERS, -0.1],
    "total_variation_weight": [*WRONG_NUMBERS, -1],
    "shares": [5, "1", [], [1, 1], [-1], [0], [NAN], ["1"], {}],
    "mask": [5, "mask.png", [], np.ones(3), np.ones((24, 20)), np.ones((20, 24, 3)), -np.ones((20, 24))],
    "style_mask": [5, [np.ones((18, 30))] * 2, np.zeros((18, 30)), np.full((18, 30), NAN)],
    "colors": ["photo-palette", "red", None, 5, ["photo"]],
    "stroke_size": [*WRONG_NUMBERS, 0, -1, 0.5, 1000],
    "steps": [*WRONG_NUMBERS, 0, -1, 2.5, 3.0],
    "every": [*WRONG_NUMBERS, 0, 1.5],
    "snapshot_every": [*(wrong for wrong in WRONG_NUMBERS if wrong is not None), 0, 1.5],
    "seed": [*WRONG_NUMBERS, -1, 1.5],
    "learning_rate": [*(wrong for wrong in WRONG_NUMBERS if wrong is not None), 0, -1],
    "tolerance": [*WRONG_NUMBERS, -0.1, 1],
    "optimizer": ["adamw", "ADAM", None, 5, ["adam"]],
    "schedule": ["linear", None, 5],
    "coarse_to_fine": ["no", None, 2, []],
    "callback": ["print", 5, {}],
    "initial": ["gray", "Content", "photo.jpg", None, 5, PHOTO[..., 0], PHOTO * 255, PHOTO[None]],
    "content_layers": [(), None, 5, [1], [None], ("nope",), ["block4_conv2"]],
    "style_layers": [(), None, 5, [1], ("block1_conv9",), {"block4_conv2": 1}, {LAYER: -1}, {LAYER: 0}, {}],
    "extractor": ["VGG19", 5, print],
}


@pytest.mark.parametrize("name", WRONG_OPTIONS)
def test_every_option_of_stylize_refuses_what_makes_no_sense(paint, name):
    for wrong in WRONG_OPTIONS[name]:
        with refused(ValueError, "" if "layers" in name else name):
            paint(**{name: wrong})


def test_the_class_of_a_callback_in_the_place_of_an_object_is_told_apart(paint):
    with refused(ValueError, "use callback=LiveView()"):
        paint(callback=nst_utils.LiveView)
    with refused(ValueError, "callback=LiveView()"):
        nst_utils.LiveView()("not an iterate")


def test_one_layer_alone_needs_no_list(paint):
    assert paint(content_layers=LAYER, style_layers=LAYER).settings["style_layers"] == (LAYER,)


def test_weights_that_are_all_zero_are_refused_and_one_is_enough(paint, small):
    zero = {"content_weight": 0, "style_weight": 0, "total_variation_weight": 0}
    with refused(ValueError, "All weights are 0"):
        paint(**zero)
    with refused(ValueError, "All weights are 0"):
        StyleTransferLoss(small, PHOTO, PAINTING, content_layers=LAYER, style_layers=LAYER, **zero)
    for name in zero:
        arrays.check_picture(paint(**zero | {name: np.float64(1)}).picture)


def test_an_unknown_layer_lists_near_names():
    with refused(ValueError, "has no layer 'block1_conv9'", "Did you mean", "block1_conv1"):
        FeatureExtractor(["block1_conv9"], weights="random")


def test_an_extractor_without_the_layers_asked_for_says_which_it_has(paint, small):
    with refused(ValueError, "but not block5_conv1"):
        paint(style_layers=[LAYER, "block5_conv1"])
    with refused(ValueError, "but not block4_conv2"):
        StyleTransferLoss(small, PHOTO, PAINTING)
    for no_extractor in (None, "VGG19", lambda picture: picture):
        with refused(ValueError, "extractor"):
            StyleTransferLoss(no_extractor, PHOTO, PAINTING)


def test_sizes_that_differ_are_fine_and_the_start_may_be_of_another_one(paint):
    for initial in ("style", PAINTING, PAINTING[:1, :1]):
        assert paint(initial=initial).picture.shape == PHOTO.shape


def test_tolerance_goes_with_lbfgs_too(paint):
    run = paint(optimizer="lbfgs", tolerance=0.9, steps=14)
    assert len(run.history["total"]) < 14


@pytest.mark.parametrize(
    "wrong", [{"steps": True}, {"tolerance": None}, {"learning_rate": "0.05"}, {"callback": 5}]
)
def test_minimize_refuses_the_same(wrong):
    with refused(ValueError, next(iter(wrong))):
        loop.minimize(tf.reduce_mean, PHOTO, **wrong)


NO_LOSSES = {
    "missing": lambda batch: None,
    "the batch itself": lambda batch: batch,
    "a number without the picture": lambda batch: 5.0,
    "text": lambda batch: "0.5",
    "a dict": lambda batch: {"total": tf.reduce_mean(batch)},
}


@pytest.mark.parametrize("name", NO_LOSSES)
def test_a_loss_that_is_no_number_is_told_without_tensorflows_traceback(name):
    for optimizer in ("adam", "lbfgs"):
        with refused(ValueError, "The loss is", "it must return one number"):
            loop.minimize(NO_LOSSES[name], PHOTO, steps=1, optimizer=optimizer)


def test_what_is_no_function_is_no_loss():
    for wrong in (None, 5, "content"):
        with refused(ValueError, "loss is", "it must be a function"):
            loop.minimize(wrong, PHOTO)


def test_an_error_of_the_learners_own_loss_comes_as_it_was_raised():
    def broken(batch):
        raise KeyError("block9")

    with pytest.raises(KeyError, match="^'block9'$"):
        loop.minimize(broken, PHOTO, steps=1)


@pytest.mark.parametrize("wrong", [{"style_weight": "1"}, {"initial": "nope"}, {"content_weight": -1}])
def test_options_are_looked_at_before_weights_are_loaded(wrong, monkeypatch):
    monkeypatch.setattr(loop, "FeatureExtractor", lambda *_, **__: pytest.fail("the network was loaded"))
    with refused(ValueError, next(iter(wrong))):
        nst_utils.stylize(PHOTO, PAINTING, **wrong)


CUT_OFF = {
    "a constant": lambda batch: tf.constant(1.0),
    "another picture": lambda batch: tf.reduce_mean(tf.square(PHOTO - tf.constant(PHOTO))),
    "stop_gradient": lambda batch: tf.reduce_mean(tf.stop_gradient(batch)),
    "whole numbers": lambda batch: tf.reduce_mean(tf.cast(255 * batch, tf.int32)),
    "a loss cast to a whole number": lambda batch: tf.cast(tf.reduce_mean(batch), tf.int32),
    "rounded": lambda batch: tf.reduce_mean(tf.round(batch)),
    "NumPy": lambda batch: tf.reshape(tf.numpy_function(np.mean, [batch], tf.float32), ()),
    "inside a tf.function": tf.function(lambda batch: tf.reduce_mean(tf.stop_gradient(batch))),
}


@pytest.mark.parametrize("cut", CUT_OFF)
def test_a_loss_that_is_cut_off_from_the_picture_is_refused_before_a_step(cut):
    for optimizer in ("adam", "lbfgs"):
        with refused(ValueError, "The loss has no gradient", "NumPy", "whole numbers", "tf.stop_gradient"):
            loop.minimize(CUT_OFF[cut], PHOTO, steps=1, optimizer=optimizer)


@pytest.mark.parametrize("kind", ["float64", "float16"])
def test_a_loss_in_another_number_format_is_taken(kind):
    run = loop.minimize(lambda batch: tf.cast(tf.reduce_mean(batch), kind), PHOTO, steps=2)
    arrays.check_picture(run.picture)


def test_too_few_pixels_for_the_layers_are_counted():
    deep = FeatureExtractor(["block5_conv1"], weights="random")
    for shape in ((15, 40, 3), (40, 15, 3), (1, 1, 3)):
        with refused(ImageError, f"{shape[1]} × {shape[0]} pixels", "block5_conv1", "choose a larger"):
            deep(np.zeros(shape, np.float32))
    assert deep(np.zeros((16, 16, 3), np.float32))["block5_conv1"].shape == (1, 1, 1, 512)


def test_levels_of_a_long_narrow_picture_keep_enough_pixels():
    assert loop.coarse_to_fine_levels(1024, 100, shorter=1024) == [(256, 57), (512, 18), (1024, 25)]
    assert loop.coarse_to_fine_levels(1024, 100, shorter=40) == [(512, 75), (1024, 25)]
    assert loop.coarse_to_fine_levels(1024, 100, shorter=31) == [(1024, 100)]
    content, style = np.zeros((20, 600, 3), np.float32), np.zeros((64, 64, 3), np.float32)
    layers = {"content_layers": ["block5_conv1"], "style_layers": ["block5_conv1"]}
    extractor = FeatureExtractor(["block5_conv1"], weights="random")
    assert stylize(content, style, steps=4, extractor=extractor, **layers).picture.shape == (20, 600, 3)


# ----- resume -----


@pytest.fixture(scope="module")
def part(paint):
    def interrupt(_):
        raise KeyboardInterrupt

    return paint(steps=4, callback=interrupt, every=1)


def test_resume_takes_interrupted_runs_alone(part, small):
    for wrong in (None, 5, "run", {}, PHOTO):
        with refused(ValueError, "run is", "give an interrupted run"):
            nst_utils.resume(wrong, PHOTO, PAINTING)
    with refused(ValueError, "every is 0"):
        nst_utils.resume(part, PHOTO, PAINTING, every=0)
    with refused(ValueError, "but not block1_conv1"):
        other = FeatureExtractor(["block1_conv2"], weights="random")
        nst_utils.resume(part, PHOTO, PAINTING, extractor=other)


# ----- Pictures and their sizes -----


@pytest.mark.parametrize(
    "size", ["64", 0, -1, 1.5, [], (5, 5, 5), ["a", "b"], NAN, True, {5, 6}]
)
def test_sizes_that_make_no_sense(size):
    samples = partial(nst_utils.photo, "coffee"), partial(nst_utils.painting, "ink")
    for function in (partial(load_image, PHOTO), partial(resize, PHOTO), *samples):
        with refused(ImageError, "size is", "give the longer side"):
            function(size)


def test_sizes_that_no_memory_holds():
    for function in (partial(load_image, PHOTO), partial(resize, PHOTO), partial(nst_utils.painting, "ink")):
        with refused(ValueError, "choose a smaller size"):
            function(10**9)


def test_a_size_above_the_picture_enlarges_it():
    assert load_image(PHOTO, size=96).shape == (80, 96, 3)


@pytest.mark.parametrize("name", [None, 5, "Coffee", "", [], {}])
def test_names_of_samples_that_do_not_exist(name):
    for function in (nst_utils.photo, nst_utils.painting):
        with refused(ImageError, "Choose one of"):
            function(name)


@pytest.mark.parametrize("seed", [None, "x", -1, 1.5, True])
def test_seeds_that_are_no_numbers(seed):
    for function in (
        lambda: nst_utils.painting("ink", 32, seed),
        lambda: initial_picture("noise", PHOTO, PAINTING, seed),
        lambda: FeatureExtractor(LAYER, weights="random", seed=seed),
    ):
        with refused(ValueError, "seed is"):
            function()


# ----- The network, Gram matrices, losses -----


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"layers": None}, "layers is missing"),
        ({"layers": 5}, "layers is 5"),
        ({"layers": []}, "layers is empty"),
        ({"layers": ""}, "has no layer"),
        ({"network": 5}, "There is no Keras application 5"),
        ({"network": "VGG20"}, "Did you mean vgg19"),
        ({"precision": "float16"}, "choose float32"),
        ({"precision": None}, "choose float32"),
        ({"weights": None}, "choose auto, random, or the path"),
        ({"weights": 5}, "choose auto, random, or the path"),
    ],
)
def test_an_extractor_that_cannot_be(wrong, says):
    with refused(ValueError, says):
        FeatureExtractor(**{"layers": LAYER, "weights": "random"} | wrong)


@pytest.mark.parametrize(
    "wrong", [None, "x", PHOTO[..., 0], np.zeros((2, 2, 2, 5)), tf.zeros((2, 3)), tf.constant("x")]
)
def test_an_extractor_is_fed_pictures_alone(small, wrong):
    with refused(ValueError):
        small(wrong)


@pytest.mark.parametrize(
    "wrong", [None, "x", 5, np.zeros((4, 4, 3)), [[1], [1, 2]], np.zeros((1, 0, 0, 3)), {}]
)
def test_gram_matrices_are_of_features_alone(wrong):
    with refused(ValueError, "features"):
        nst_utils.gram_matrix(wrong)


def test_the_gram_matrix_of_all_layers_at_once_is_of_one_layer(small):
    with refused(ValueError, "features is of type dict; give the array or tensor of one layer"):
        nst_utils.gram_matrix(small(PHOTO))


def test_losses_compare_what_belongs_together_and_do_not_broadcast():
    features, gram = np.ones((1, 4, 4, 8), np.float32), np.ones((1, 8, 8), np.float32)
    for wrong in (None, "x", 5, {}, features[:, :2], features[..., :1], features[0]):
        with refused(ValueError):
            losses.content_loss(features, wrong)
    for wrong in (None, "x", 5, {}, gram[:, :1], gram[0], features):
        with refused(ValueError):
            losses.style_loss(gram, wrong)
    for wrong in (None, "x", PHOTO[:5], PHOTO[:1, :1], PHOTO[..., 0]):
        with refused(ValueError):
            losses.pixel_loss(PHOTO, wrong)
    for function in (partial(losses.content_loss, features, features), partial(losses.style_loss, gram, gram),
                     partial(losses.total_variation_loss, PHOTO)):  # fmt: skip
        for form in (None, "relativ", 5):
            with refused(ValueError, "form is", "choose one of"):
                function(form=form)


def test_one_pixel_has_no_variation():
    assert float(losses.total_variation_loss(PHOTO[:1, :1])) == 0


def test_a_loss_is_asked_about_pictures_of_its_own_size(small):
    loss = StyleTransferLoss(small, PHOTO, PAINTING, content_layers=LAYER, style_layers=LAYER)
    with refused(ValueError, "has the shape (19, 24, 3), the content (20, 24, 3)"):
        loss(PHOTO[1:])


# ----- The fast network -----


@pytest.mark.parametrize("strength", [None, "1", True, NAN, [1], -0.1, 2])
def test_strengths_that_make_no_sense(strength):
    with refused(ValueError, "strength is", "must be a number from 0"):
        nst_utils.stylize_fast(PHOTO, PAINTING, strength)


@pytest.mark.parametrize(
    "style", [None, 5, "ink", {}, ["a"] * 100, np.zeros(99), np.zeros(100, complex), np.zeros((1, 100))]
)
def test_styles_that_are_neither_a_picture_nor_100_numbers(style):
    with refused(ValueError, "style"):
        nst_utils.stylize_fast(PHOTO, style)
    if np.ndim(style) != 1:
        with refused(ImageError, "style"):
            nst_utils.style_vector(style)


# ----- What is shown -----


def test_animations_of_what_is_no_picture():
    for wrong in (None, 5, "run.gif", [], [None], [PHOTO * 255], [PHOTO[..., 0]], PHOTO):
        with refused(ValueError, "picture"):
            animated_gif(wrong)
    for seconds in (None, "4", 0, -1, NAN, INF, 1e9, True):
        with refused(ValueError, "seconds is"):
            animated_gif([PHOTO, PHOTO], seconds)


def test_a_triangle_has_at_least_one_step():
    with refused(ValueError, "steps is 0"):
        plots.triangle_weights(0)


# ----- Checks of the exercises -----


def broken(*_):
    return undefined_name  # noqa: F821 (as a learner would write it)


def recursive(*arguments):
    return recursive(*arguments)


HANDED_IN = {
    "text": "text",
    "a number": 3,
    "a module": np,
    "a list": [1],
    "no arguments": lambda: 0,
    "many arguments": lambda a, b, c, d, e, f, g: 0,
    "a name that is not there": broken,
    "an endless call": recursive,
    "answers text": lambda *_: "text",
    "answers a ragged list": lambda *_: [[1], [1, 2]],
    "answers nothing in a list": lambda *_: [None, None],
    "answers an empty list": lambda *_: [],
    "answers a dict": lambda *_: {"a": 1},
    "answers a function": lambda *_: len,
    "answers a generator": lambda *given: (x for x in given),
    "answers NaN": lambda *_: NAN,
    "answers a truth": lambda *_: True,
    "answers a complex number": lambda *_: 1j,
    "answers what was given": lambda *given: given,
    "answers an object": lambda *_: object(),
    "answers a large array": lambda *_: np.zeros((300, 300)),
    "answers a short array": lambda *_: np.zeros(5, np.uint8),
    "answers a tensor": lambda *_: tf.zeros((2, 2)),
}
CHECKS = [name for name in checks.__all__ if name != "Verdict"]


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_answers_whatever_is_handed_in(name):
    for what, given in HANDED_IN.items():
        verdict = getattr(checks, name)(given)
        assert isinstance(verdict, checks.Verdict), what
        assert not verdict.passed, what
        text = repr(verdict)
        assert text.startswith("wrong: expected "), what
        assert text.endswith("."), what
        assert not NOISE.search(text.replace("[[", "[")), text  # matrices are shown
        assert "\n" not in text
        assert len(text) < 400


def test_a_check_names_the_line_at_which_an_answer_fails():
    line = broken.__code__.co_firstlineno + 1
    text = checks.check_momentum(broken).text
    assert f"NameError: name 'undefined_name' is not defined in line {line} (return undefined_name" in text


def test_an_error_inside_a_library_is_placed_at_the_learners_line():
    def gram(features):
        flat = features.reshape(3, 8)
        return flat @ np.linalg.inv(flat)

    line = gram.__code__.co_firstlineno + 2
    text = checks.check_gram_channels_first(gram).text
    assert "LinAlgError" in text
    assert f"in line {line} (return flat @ np.linalg.inv(flat))" in text


# ----- Widgets -----


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda w: w.layer_browser(None), "picture is missing"),
        (lambda w: w.before_after(PHOTO, "b.png"), "after is 'b.png'"),
        (lambda w: w.before_after(PHOTO * 255, PHOTO), "before has values"),
        (lambda w: w.gram_explorer(PHOTO, PHOTO[..., 0]), "other has the shape"),
        (lambda w: w.loss_mixer(PHOTO, [PHOTO]), "style has the shape"),
        (lambda w: w.loss_mixer(PHOTO, PAINTING, "128"), "size is '128'"),
        (lambda w: w.loss_mixer(PHOTO, PAINTING, True), "size is True"),
        (lambda w: w.style_mixer("photo.jpg", {"ink": PAINTING}), "content is 'photo.jpg'"),
        (lambda w: w.style_mixer(PHOTO, {}), "paintings is empty"),
        (lambda w: w.style_mixer(PHOTO, [PAINTING]), "paintings is of type list"),
        (lambda w: w.style_mixer(PHOTO, PAINTING), "paintings is of type ndarray"),
        (lambda w: w.style_mixer(PHOTO, {"strength": PAINTING}), "choose another name"),
        (lambda w: w.style_mixer(PHOTO, {"ink": "ink.jpg"}), "ink is 'ink.jpg'"),
        (lambda w: w.region_painter(PHOTO, {}), "paintings is empty"),
        (lambda w: w.region_painter(PHOTO, {"the photo": PAINTING}), "choose another name"),
        (lambda w: w.region_painter(PHOTO, {"ink": PAINTING}, []), "masks is"),
        (lambda w: w.region_painter(PHOTO, {"ink": PAINTING}, 3), "masks is 3"),
        (lambda w: w.region_painter(PHOTO, {"ink": PAINTING}, [PHOTO]), "masks[0] has the shape"),
        (lambda w: w.region_painter(PHOTO, {"ink": PAINTING}, size="128"), "size is '128'"),
    ],
)
@pytest.mark.parametrize("attended", [True, False])
def test_demos_refuse_what_they_cannot_show(monkeypatch, call, says, attended):
    monkeypatch.setenv("NST_PROGRESS", "1" if attended else "0")
    from nst_utils import widgets

    with refused(ValueError, says):
        call(widgets)
