"""The loop: it descends, keeps what it reached, and shares nothing between runs."""

import itertools
from pathlib import Path

import numpy as np
import pytest

import nst_utils
from nst_utils import loop, losses, stylize
from nst_utils.base.tensorflow import keras, tf
from nst_utils.pictures import arrays
from nst_utils.pictures.opponent import OPPONENT_AXES, from_opponent, gradient_in_opponent, to_opponent

# Two shallow layers with random weights: the loop is the same, and a step takes milliseconds
LAYERS = {"content_layers": ("block1_conv2",), "style_layers": ("block1_conv1", "block1_conv2")}
TWO_LEVELS = nst_utils.photo("coffee", 264), nst_utils.painting("ink", 264)


@pytest.fixture(scope="module")
def shallow():
    extractor = nst_utils.FeatureExtractor(("block1_conv1", "block1_conv2"), weights="random")
    return {"extractor": extractor, **LAYERS}


def brightness(target):
    return lambda batch: tf.reduce_mean(tf.square(batch - target))


def interrupt_at(step):
    def interrupt(iterate):
        if iterate.step == step:
            raise KeyboardInterrupt

    return interrupt


def test_minimize_reaches_a_known_minimum(photo):
    run = loop.minimize(brightness(0.25), photo, steps=120)
    np.testing.assert_allclose(run.picture, 0.25, atol=0.02)
    assert run.history["total"][-1] < 1e-3 * run.history["total"][0]


def test_pixels_stay_in_range(photo):
    run = loop.minimize(brightness(1.5), photo, steps=40)
    assert run.picture.max() <= 1
    np.testing.assert_allclose(run.picture, 1, atol=1e-6)


def test_the_best_picture_is_kept_not_the_last(photo):
    """A rate so long that every step throws each pixel to 0 or 1: the start has the lowest loss of all."""
    with pytest.warns(UserWarning, match="No step lowered the loss"):
        run = loop.minimize(brightness(0.5), photo, steps=2, learning_rate=5.0)
    assert run.history["total"].argmin() == 0
    np.testing.assert_allclose(run.picture, photo, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_picture_after_the_last_move_counts(photo, optimizer):
    run = loop.minimize(brightness(0.25), photo, optimizer=optimizer, steps=1)
    assert np.mean((run.picture - 0.25) ** 2) < 0.999 * run.history["total"][0]
    assert len(run.history["total"]) == 1


def test_lbfgs_makes_no_step_that_is_not_recorded(photo):
    with pytest.warns(UserWarning, match="more steps"):
        run = loop.minimize(brightness(0.25), photo, optimizer="lbfgs", steps=1)
    np.testing.assert_array_equal(run.picture, photo)


def test_one_step_at_the_finest_level_is_not_lost(shallow):
    """Of 4 steps the finest level makes one, from the enlarged picture of the level below."""
    run = stylize(*TWO_LEVELS, steps=4, **shallow)
    loss = losses.StyleTransferLoss(shallow["extractor"], *TWO_LEVELS, **LAYERS)
    assert run.history["size"].tolist() == [132, 132, 132, 264]
    assert float(loss(run.picture).total) < 0.95 * run.history["total"][-1]


NOTHING_LOWERED = {
    "nothing to lower": lambda picture, **options: loop.minimize(brightness(0.5), picture, steps=3),
    "far too fast": lambda picture, **options: loop.minimize(
        brightness(0.45), picture, steps=3, learning_rate=9.0
    ),
    "weights of another tutorial": lambda picture, **options: stylize(
        nst_utils.photo("astronaut", 48), nst_utils.painting("swirls", 48),
        initial="content", content_form="relative", content_weight=1e4, style_weight=1e-2, steps=5,
        **options),
}  # fmt: skip


@pytest.mark.parametrize("reason", NOTHING_LOWERED)
def test_a_run_that_gives_back_its_start_says_so_once(shallow, reason):
    gray = np.full((24, 32, 3), 0.5, np.float32)
    with pytest.warns(UserWarning, match="No step lowered the loss.*tenth of the learning rate") as caught:
        NOTHING_LOWERED[reason](gray, **shallow)
    assert [Path(warning.filename).name for warning in caught] == ["test_loop.py"]


@pytest.fixture(scope="module")
def run(shallow, photo, painting):
    return stylize(photo, painting, steps=12, **shallow)


def test_a_run_lowers_its_loss_and_returns_a_picture_of_the_contents_size(run, photo):
    assert run.picture.shape == photo.shape
    arrays.check_picture(run.picture)
    assert run.history["total"][-1] < 0.85 * run.history["total"][0]
    assert not run.interrupted


def test_the_history_names_every_term_and_layer_per_step(run):
    layers = [f"style/{layer}" for layer in LAYERS["style_layers"]]
    expected = ["total", "content", "style", "total_variation", *layers, "seconds", "size"]
    assert list(run.history) == expected
    assert {len(values) for values in run.history.values()} == {12}
    assert (np.diff(run.history["seconds"]) > 0).all()
    weighted = sum(
        run.settings[f"{n}_weight"] * run.history[n] for n in ("content", "style", "total_variation")
    )
    np.testing.assert_allclose(run.history["total"], weighted, rtol=1e-4)


def test_a_second_run_of_the_same_shape_is_not_influenced_by_the_first(run, shallow, photo, painting):
    stylize(photo[:, ::-1], painting[::-1], steps=5, **shallow)
    again = stylize(photo, painting, steps=12, **shallow)
    np.testing.assert_allclose(again.history["total"], run.history["total"], rtol=1e-3)
    assert np.abs(again.picture - run.picture).mean() < 2e-3


def test_any_callable_is_an_extractor(run, shallow, photo, painting):
    def extract(batch):
        return shallow["extractor"](batch)

    own = stylize(photo, painting, steps=12, extractor=extract, **LAYERS)
    np.testing.assert_allclose(own.history["total"], run.history["total"], rtol=1e-3)


@pytest.mark.parametrize("kind", ["object", "factory"])
def test_a_keras_optimizer_or_what_makes_one_serves_many_runs(photo, kind):
    optimizer = keras.optimizers.RMSprop(0.02)
    optimizer = optimizer if kind == "object" else lambda: keras.optimizers.RMSprop(0.02)
    one, again = (loop.minimize(brightness(0.25), photo, optimizer=optimizer, steps=40) for _ in range(2))
    assert one.history["total"][-1] < 0.01 * one.history["total"][0]
    np.testing.assert_allclose(again.history["total"], one.history["total"], rtol=1e-5)
    with pytest.raises(ValueError, match="learning_rate"):
        loop.minimize(brightness(0.25), photo, optimizer=optimizer, learning_rate=0.1)


@pytest.mark.parametrize("kind", ["Adam", "RMSprop"])
@pytest.mark.parametrize("options", [{"clipvalue": 1e-9}, {"weight_decay": 0.5}])
def test_the_options_of_a_keras_optimizer_count(photo, kind, options):
    """A loss that rises with every value: clipping stops its descent, weight decay speeds it up."""
    make = getattr(keras.optimizers, kind)
    runs = [
        loop.minimize(tf.reduce_mean, photo, optimizer=make(0.005, **given), steps=4)
        for given in ({}, options)
    ]
    plain, other = (run.history["total"][0] - run.history["total"][-1] for run in runs)
    assert other < 0.1 * plain if "clipvalue" in options else other > 1.001 * plain


def test_the_callback_comes_every_k_steps_with_copies(shallow, photo, painting):
    seen = []
    stylize(photo, painting, steps=7, callback=seen.append, every=3, **shallow)
    assert [(i.step, i.steps) for i in seen] == [(3, 7), (6, 7)]
    assert np.abs(seen[0].picture - seen[1].picture).max() > 0
    assert seen[0].losses["total"] > seen[1].losses["total"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(256, [(256, 100)]), (384, [(192, 75), (384, 25)]), (1024, [(256, 57), (512, 18), (1024, 25)])],
)
def test_coarse_to_fine_levels(size, expected):
    assert loop.coarse_to_fine_levels(size, 100) == expected


@pytest.mark.parametrize("steps", [1, 2, 5, 50])
def test_coarse_to_fine_spends_exactly_the_steps_given(steps):
    levels = loop.coarse_to_fine_levels(2000, steps)
    assert sum(count for _, count in levels) == steps
    assert levels[-1][0] == 2000
    assert min(count for _, count in levels) >= 1


PHOTOS = "astronaut", "chelsea", "china"
PAIRS = list(zip(itertools.cycle(PHOTOS), nst_utils.painting_names(), strict=False))


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
def test_every_optimizer_lowers_the_loss_of_every_painting(optimizer):
    extractor = nst_utils.FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="auto")
    steps = {"adam": 10, "lbfgs": 10, "sgd": 25}[optimizer]
    for content, style in PAIRS:
        content, style = nst_utils.photo(content, 48), nst_utils.painting(style, 48)
        run = stylize(content, style, optimizer=optimizer, steps=steps, extractor=extractor)
        assert run.history["total"].min() < 0.85 * run.history["total"][0]


# ----- Interrupted and resumed -----


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
def test_a_resumed_run_equals_an_uninterrupted_one(shallow, optimizer):
    """Stopped in the coarse level and again in the fine one."""
    options = shallow | {"optimizer": optimizer, "steps": 8, "snapshot_every": 2}
    whole = stylize(*TWO_LEVELS, **options)
    part = stylize(*TWO_LEVELS, callback=interrupt_at(3), every=1, **options)
    assert part.interrupted
    assert part.picture.shape == TWO_LEVELS[0].shape
    resume = {"extractor": shallow["extractor"], "every": 1}
    second = nst_utils.resume(part, *TWO_LEVELS, callback=interrupt_at(7), **resume)
    assert (second.interrupted, len(second.history["total"])) == (True, 7)
    resumed = nst_utils.resume(second, *TWO_LEVELS, **resume)
    assert (resumed.interrupted, resumed.state) == (False, None)
    assert list(resumed.history) == list(whole.history)
    np.testing.assert_allclose(resumed.history["total"], whole.history["total"], rtol=1e-3)
    assert (np.diff(resumed.history["seconds"]) > 0).all()
    assert np.abs(resumed.picture - whole.picture).mean() < 2e-3
    assert [s.shape for s in resumed.snapshots] == [s.shape for s in whole.snapshots]
    assert len(part.history["total"]) == 3  # the record that was given is left as it was


@pytest.mark.parametrize("done", [0, 3])
def test_an_interrupt_while_a_run_prepares_loses_nothing(run, shallow, photo, painting, monkeypatch, done):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    part = None
    if done:
        part = stylize(photo, painting, steps=12, callback=interrupt_at(done), every=1, **shallow)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StyleTransferLoss", interrupt)
        if done:
            again = nst_utils.resume(part, photo, painting, extractor=shallow["extractor"])
        else:
            again = stylize(photo, painting, steps=12, **shallow)
    assert again.interrupted
    start = nst_utils.initial_picture("recolored content", photo, painting)
    np.testing.assert_array_equal(again.picture, part.picture if done else start)
    whole = nst_utils.resume(again, photo, painting, extractor=shallow["extractor"])
    np.testing.assert_allclose(whole.history["total"], run.history["total"], rtol=1e-3)


def test_a_complete_run_and_other_pictures_are_refused(run, shallow, photo, painting):
    with pytest.raises(ValueError, match="initial=run.picture"):
        nst_utils.resume(run, photo, painting, extractor=shallow["extractor"])
    part = stylize(photo, painting, steps=4, callback=interrupt_at(1), every=1, **shallow)
    for content, style in ((photo[1:], painting), (photo[::-1], painting), (photo, painting[:, ::-1])):
        with pytest.raises(ValueError, match="not the pictures"):
            nst_utils.resume(part, content, style, extractor=shallow["extractor"])


def test_another_extractor_than_that_of_the_run_is_refused(shallow, photo, painting):
    extractor, layers = shallow["extractor"], ("block1_conv1", "block1_conv2")
    part = stylize(photo, painting, steps=4, callback=interrupt_at(1), every=1, **shallow)
    reseeded = nst_utils.FeatureExtractor(layers, weights="random", seed=1)
    rounded = nst_utils.FeatureExtractor(layers, weights="random", precision="bfloat16")
    for other in (None, lambda batch: extractor(batch), reseeded, rounded):
        with pytest.raises(ValueError, match=r"It was: random weights \(seed 0\).*extractor=.*run.picture"):
            nst_utils.resume(part, photo, painting, extractor=other)
    wider = nst_utils.FeatureExtractor((*layers, "block1_pool"), weights="random")
    assert not nst_utils.resume(part, photo, painting, extractor=wider).interrupted  # the same features


def test_another_network_of_the_same_name_is_refused(shallow, photo, painting):
    """As VGG16 and VGG19 are, both from "official Keras file"."""
    extractor = shallow["extractor"]
    factor = 1.0

    def extract(batch):
        return {name: factor * values for name, values in extractor(batch).items()}

    options = shallow | {"extractor": extract}
    part = stylize(photo, painting, steps=4, callback=interrupt_at(2), every=1, **options)
    factor = 1.1
    with pytest.raises(ValueError, match="extract, precision unknown. .* has other features"):
        nst_utils.resume(part, photo, painting, extractor=extract)
    factor = 1.0
    assert not nst_utils.resume(part, photo, painting, extractor=extract).interrupted


# ----- Options -----


def test_tolerance_ends_a_run_that_no_longer_improves(photo):
    def lowest_at_one(batch):
        return 1 + brightness(0.25)(batch)

    run = loop.minimize(lowest_at_one, photo, steps=200, tolerance=1e-3, schedule="constant")
    assert 15 < len(run.history["total"]) < 120
    assert not run.interrupted


def test_snapshots_are_kept_every_k_steps(photo):
    run = loop.minimize(brightness(0.25), photo, steps=10, snapshot_every=4)
    assert len(run.snapshots) == 2
    assert np.abs(run.snapshots[1] - 0.25).mean() < np.abs(run.snapshots[0] - 0.25).mean()


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(shallow, photo, painting):
    options = {"initial": "noise", "steps": 3, **shallow}
    one, again = (stylize(photo, painting, seed=3, **options) for _ in range(2))
    other = stylize(photo, painting, seed=4, **options)
    assert np.abs(one.picture - again.picture).mean() < 1e-3
    assert np.abs(one.picture - other.picture).mean() > 0.05


@pytest.mark.parametrize("initial", ["content", "noise", "style", "blurred content", "given"])
def test_every_start_lowers_the_loss(shallow, photo, painting, initial):
    start = np.full((20, 30, 3), 0.5, np.float32) if initial == "given" else initial
    run = stylize(photo, painting, initial=start, steps=20, **shallow)
    assert run.picture.shape == photo.shape
    assert run.history["total"].min() < 0.95 * run.history["total"][0]


def test_without_coarse_to_fine_there_is_one_level(shallow):
    run = stylize(*TWO_LEVELS, steps=2, coarse_to_fine=False, **shallow)
    assert set(run.history["size"]) == {264}


# ----- Where, which and how -----


def test_where_no_mask_is_the_photo_stays_to_the_last_bit(shallow):
    """At both levels, from noise, with an optimizer that moves every value, and in all that is shown."""
    content, style = TWO_LEVELS
    mask = np.zeros(content.shape[:2], np.float32)
    mask[40:120, 60:200] = 1
    seen = []
    run = stylize(
        content, style, mask=mask, initial="noise", steps=8, callback=seen.append, every=2, snapshot_every=8,
        optimizer=lambda: keras.optimizers.Adam(0.02, weight_decay=0.1), **shallow,
    )  # fmt: skip
    outside = mask == 0
    for picture in (run.picture, run.snapshots[0], seen[-1].picture):
        np.testing.assert_array_equal(picture[outside], content[outside])
    assert np.abs(run.picture - content)[~outside].mean() > 0.05
    small = nst_utils.resize(content, 132)
    np.testing.assert_array_equal(seen[0].picture[:18], small[:18])


def test_each_region_begins_in_the_colors_of_its_painting(shallow, photo):
    left = np.indices(photo.shape[:2])[1] < 40
    paintings = [np.full((32, 32, 3), color, np.float32) for color in ((0.8, 0.1, 0.1), (0.1, 0.1, 0.8))]
    seen = stylize(photo, paintings, mask=[left, ~left], steps=1, learning_rate=1e-6, **shallow).picture
    np.testing.assert_allclose(seen[left].mean(0), (0.8, 0.1, 0.1), atol=0.02)
    np.testing.assert_allclose(seen[~left].mean(0), (0.1, 0.1, 0.8), atol=0.02)


def test_a_mixture_lies_between_its_paintings(shallow, photo, painting):
    ink = nst_utils.painting("ink", 96)
    losses_of = {}
    for shares in ((1, 0), (1, 1), (0, 1)):
        run = stylize(photo, [painting, ink], shares=shares, steps=20, **shallow)
        losses_of[shares] = [
            float(loss(run.picture).raw["style"])
            for loss in (losses.StyleTransferLoss(shallow["extractor"], photo, one, **LAYERS)
                         for one in (painting, ink))
        ]
    first, mixed, second = losses_of.values()
    assert first[0] < mixed[0] < second[0]
    assert first[1] > mixed[1] > second[1]


def test_a_resumed_run_keeps_its_controls_and_refuses_others(shallow):
    content = TWO_LEVELS[0]
    styles = [TWO_LEVELS[1], nst_utils.painting("swirls", 264)]
    columns = np.indices(content.shape[:2])[1]
    options = shallow | {
        "mask": [np.float32(columns < 100), np.float32(columns > 150)], "colors": "photo",
        "stroke_size": 0.75, "style_layers": {"block1_conv2": 2.0}, "steps": 8,
    }  # fmt: skip
    whole = stylize(content, styles, **options)
    part = stylize(content, styles, callback=interrupt_at(3), every=1, **options)
    options["mask"][0][:] = 0  # what was given may be changed afterwards
    resumed = nst_utils.resume(part, content, styles, extractor=shallow["extractor"])
    np.testing.assert_allclose(resumed.history["total"], whole.history["total"], rtol=1e-3)
    assert np.abs(resumed.picture - whole.picture).mean() < 2e-3

    for other in (styles[::-1], styles[:1], styles[0]):
        with pytest.raises(ValueError, match="not the pictures|one mask for each painting"):
            nst_utils.resume(part, content, other, extractor=shallow["extractor"])
    part.settings["mask"][0][0, 0] = 0.5
    with pytest.raises(ValueError, match="not the pictures"):
        nst_utils.resume(part, content, styles, extractor=shallow["extractor"])


def test_the_shares_of_an_interrupted_mixture_count_as_its_pictures_do(shallow, photo, painting):
    styles = [painting, painting[::-1]]
    part = stylize(photo, styles, shares=[1, 2], steps=4, callback=interrupt_at(1), every=1, **shallow)
    part.settings["shares"] = [2, 1]
    with pytest.raises(ValueError, match="not the pictures"):
        nst_utils.resume(part, photo, styles, extractor=shallow["extractor"])


def test_the_photos_colors_place_by_place_or_as_a_palette(shallow, photo, painting):
    seen = []
    run = stylize(photo, painting, colors="photo", steps=6, callback=seen.append, every=6, **shallow)
    for picture in (run.picture, seen[0].picture):
        whole = ((picture > 0) & (picture < 1)).all(axis=-1)  # not cut off at the ends of the range
        colors = to_opponent(picture).numpy()[..., 1:], to_opponent(photo).numpy()[..., 1:]
        np.testing.assert_allclose(*(one[whole] for one in colors), atol=1e-5)
    assert np.abs(run.picture - photo).mean() > 0.02

    palette = stylize(photo, painting, colors="photo palette", steps=6, **shallow)
    own = stylize(photo, painting, steps=6, **shallow)
    distance = {name: np.abs(one.picture.mean((0, 1)) - photo.mean((0, 1))).max()
                for name, one in {"palette": palette, "own": own}.items()}  # fmt: skip
    assert distance["palette"] < 0.06 < 0.1 < distance["own"]


# ----- Opponent colors -----


def test_there_and_back_is_the_same_picture():
    picture = np.random.default_rng(0).random((2, 5, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(from_opponent(to_opponent(picture)), picture, atol=1e-5)


def test_gray_has_brightness_alone():
    gray = np.full((1, 2, 2, 3), 0.3, np.float32)
    np.testing.assert_allclose(to_opponent(gray)[0, 0, 0], [0.3, 0, 0], atol=1e-6)


def test_the_axes_are_orthogonal_and_shrink():
    lengths = np.linalg.norm(OPPONENT_AXES, axis=1)
    np.testing.assert_allclose(OPPONENT_AXES @ np.transpose(OPPONENT_AXES), np.diag(lengths**2), atol=1e-6)
    assert lengths[0] > 2 * lengths[1] > 4 * lengths[2]


def test_the_gradient_follows_the_chain_rule():
    opponent = tf.constant(np.random.default_rng(1).random((1, 4, 5, 3)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(opponent)
        picture = from_opponent(opponent)
        loss = tf.reduce_sum(picture**3 * [1.0, 2.0, 3.0])
    expected = tape.gradient(loss, opponent)
    np.testing.assert_allclose(gradient_in_opponent(tape.gradient(loss, picture)), expected, rtol=1e-5)
