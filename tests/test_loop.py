"""The loop: it descends, keeps what it reached, and shares nothing between runs."""

import numpy as np
import pytest

import nst_utils
from nst_utils import loop, losses, stylize
from nst_utils.base.tensorflow import tf
from nst_utils.pictures import images


def brightness(target):
    return lambda batch: tf.reduce_mean(tf.square(batch - target))


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
    run = loop.minimize(brightness(0.5), photo, steps=3, learning_rate=5.0)
    assert run.history["total"].argmin() == 0
    np.testing.assert_allclose(run.picture, photo, atol=1e-6)


@pytest.fixture(scope="module")
def run(extractor, photo, painting):
    return stylize(photo, painting, steps=12, extractor=extractor)


def test_a_run_lowers_its_loss_and_returns_a_picture_of_the_contents_size(run, photo):
    assert run.picture.shape == photo.shape
    images.check_picture(run.picture)
    assert run.history["total"][-1] < 0.75 * run.history["total"][0]
    assert not run.interrupted


def test_the_history_names_every_term_and_layer_per_step(run):
    layers = [f"style/{layer}" for layer in losses.STYLE_LAYERS]
    expected = ["total", "content", "style", "total_variation", *layers, "seconds", "size"]
    assert list(run.history) == expected
    assert {len(values) for values in run.history.values()} == {12}
    assert (np.diff(run.history["seconds"]) > 0).all()
    weighted = sum(
        run.settings[f"{n}_weight"] * run.history[n] for n in ("content", "style", "total_variation")
    )
    np.testing.assert_allclose(run.history["total"], weighted, rtol=1e-4)


def test_a_second_run_of_the_same_shape_is_not_influenced_by_the_first(run, extractor, photo, painting):
    stylize(photo[:, ::-1], painting[::-1], steps=5, extractor=extractor)
    again = stylize(photo, painting, steps=12, extractor=extractor)
    np.testing.assert_allclose(again.history["total"], run.history["total"], rtol=1e-3)
    assert np.abs(again.picture - run.picture).mean() < 2e-3


def test_an_interrupt_keeps_the_best_picture_and_the_history(extractor, photo, painting):
    def interrupt(iterate):
        if iterate.step == 4:
            raise KeyboardInterrupt

    run = stylize(photo, painting, steps=50, extractor=extractor, callback=interrupt, every=1)
    assert run.interrupted
    assert len(run.history["total"]) == 4
    assert np.abs(run.picture - photo).mean() > 0.01  # it is not the start


def test_an_interrupt_at_the_coarse_level_still_gives_the_full_size(extractor):
    content, style = nst_utils.photo("coffee", 264), nst_utils.painting("ink", 264)

    def interrupt(iterate):
        assert max(iterate.picture.shape[:2]) == 132
        raise KeyboardInterrupt

    run = stylize(content, style, steps=8, extractor=extractor, callback=interrupt, every=2)
    assert run.interrupted
    assert run.picture.shape == content.shape


def test_the_callback_comes_every_k_steps_with_copies(extractor, photo, painting):
    seen = []
    stylize(photo, painting, steps=7, extractor=extractor, callback=seen.append, every=3)
    assert [(i.step, i.steps) for i in seen] == [(3, 7), (6, 7)]
    assert np.abs(seen[0].picture - seen[1].picture).max() > 0
    assert seen[0].losses["total"] > seen[1].losses["total"]


def test_a_loss_that_is_no_number_stops_with_advice(photo):
    with pytest.raises(FloatingPointError, match="check the loss"):
        loop.minimize(lambda batch: tf.reduce_sum(batch) * np.nan, photo, steps=3)


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


PAIRS = [(photo, painting) for photo in nst_utils.photo_names() for painting in nst_utils.painting_names()]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize(("photo_name", "painting_name"), PAIRS)
def test_every_optimizer_lowers_the_loss_of_every_pair(fast_extractor, optimizer, photo_name, painting_name):
    content, style = nst_utils.photo(photo_name, 64), nst_utils.painting(painting_name, 64)
    steps = {"adam": 10, "lbfgs": 10, "sgd": 25}[optimizer]
    run = stylize(content, style, optimizer=optimizer, steps=steps, extractor=fast_extractor)
    images.check_picture(run.picture)
    assert run.history["total"].min() < 0.85 * run.history["total"][0]


@pytest.fixture(scope="module")
def fast_extractor():
    return nst_utils.FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="auto")


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("stop", [3, 9])  # in the coarse level, and in the fine one
def test_a_resumed_run_equals_an_uninterrupted_one(extractor, optimizer, stop):
    content, style = nst_utils.photo("coffee", 264), nst_utils.painting("ink", 264)
    options = {"optimizer": optimizer, "steps": 10, "extractor": extractor, "snapshot_every": 2}
    whole = stylize(content, style, **options)

    def interrupt(iterate):
        if iterate.step == stop:
            raise KeyboardInterrupt

    part = stylize(content, style, callback=interrupt, every=1, **options)
    assert part.interrupted
    assert part.state is not None
    images.check_picture(part.picture)
    assert part.picture.shape == content.shape
    resumed = nst_utils.resume(part, content, style, extractor=extractor)
    assert not resumed.interrupted
    assert resumed.state is None
    assert list(resumed.history) == list(whole.history)
    np.testing.assert_allclose(resumed.history["total"], whole.history["total"], rtol=1e-3)
    assert (np.diff(resumed.history["seconds"]) > 0).all()
    assert np.abs(resumed.picture - whole.picture).mean() < 2e-3
    assert [s.shape for s in resumed.snapshots] == [s.shape for s in whole.snapshots]
    assert len(part.history["total"]) == stop  # the record that was given is left as it was


def test_an_interrupt_before_the_first_step_is_a_valid_record_too(extractor, photo, painting, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "StyleTransferLoss", interrupt)
        part = stylize(photo, painting, steps=4, extractor=extractor)
    assert part.interrupted
    np.testing.assert_array_equal(part.picture, photo)
    resumed = nst_utils.resume(part, photo, painting, extractor=extractor)
    assert len(resumed.history["total"]) == 4


def test_an_interrupt_while_a_resumed_run_prepares_loses_nothing(extractor, photo, painting, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    part = stylize(photo, painting, steps=6, extractor=extractor, callback=interrupt, every=3)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "StyleTransferLoss", interrupt)
        again = nst_utils.resume(part, photo, painting, extractor=extractor)
    assert again.interrupted
    np.testing.assert_array_equal(again.picture, part.picture)
    whole = nst_utils.resume(again, photo, painting, extractor=extractor)
    assert len(whole.history["total"]) == 6
    assert whole.history["total"][3] == pytest.approx(
        stylize(photo, painting, steps=6, extractor=extractor).history["total"][3], rel=1e-3
    )


def test_a_complete_run_and_another_content_are_refused(run, extractor, photo, painting):
    with pytest.raises(ValueError, match="initial=run.picture"):
        nst_utils.resume(run, photo, painting, extractor=extractor)

    def interrupt(_):
        raise KeyboardInterrupt

    part = stylize(photo, painting, steps=4, extractor=extractor, callback=interrupt, every=1)
    with pytest.raises(ValueError, match="not the pictures"):
        nst_utils.resume(part, photo[1:], painting, extractor=extractor)


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


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(extractor, photo, painting):
    options = {"initial": "noise", "steps": 6, "extractor": extractor}
    one, again = (stylize(photo, painting, seed=3, **options) for _ in range(2))
    other = stylize(photo, painting, seed=4, **options)
    assert np.abs(one.picture - again.picture).mean() < 1e-3
    assert np.abs(one.picture - other.picture).mean() > 0.05


@pytest.mark.parametrize("initial", ["content", "noise", "style", "blurred content", "given"])
def test_every_start_lowers_the_loss(extractor, photo, painting, initial):
    start = np.full((20, 30, 3), 0.5, np.float32) if initial == "given" else initial
    run = stylize(photo, painting, initial=start, steps=20, extractor=extractor)
    assert run.picture.shape == photo.shape
    assert run.history["total"].min() < 0.93 * run.history["total"][0]


def test_without_coarse_to_fine_there_is_one_level(extractor):
    content, style = nst_utils.photo("coffee", 264), nst_utils.painting("ink", 264)
    run = stylize(content, style, steps=2, coarse_to_fine=False, extractor=extractor)
    assert set(run.history["size"]) == {264}


@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"steps": 2.5}, {"every": 0}, {"learning_rate": 0}, {"optimizer": "adamw"},
     {"schedule": "linear"}, {"tolerance": 1}, {"snapshot_every": -1}, {"initial": "gray"}],
)  # fmt: skip
def test_counts_and_rates_that_make_no_sense_are_named(photo, painting, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        stylize(photo, painting, **wrong)


def test_what_is_not_a_picture_is_named(photo, painting):
    with pytest.raises(images.ImageError, match="style"):
        stylize(photo, painting * 255)
