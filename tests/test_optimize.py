"""The loop: it descends, keeps what it reached, and shares nothing between runs."""

import numpy as np
import pytest

from nst_utils import images, losses, optimize, stylize
from nst_utils.tensorflow_quiet import tf


def brightness(target):
    return lambda batch: tf.reduce_mean(tf.square(batch - target))


def test_minimize_reaches_a_known_minimum(photo):
    run = optimize.minimize(brightness(0.25), photo, steps=120)
    np.testing.assert_allclose(run.picture, 0.25, atol=0.02)
    assert run.history["total"][-1] < 1e-3 * run.history["total"][0]


def test_pixels_stay_in_range(photo):
    run = optimize.minimize(brightness(1.5), photo, steps=40)
    assert run.picture.max() <= 1
    np.testing.assert_allclose(run.picture, 1, atol=1e-6)


def test_the_best_picture_is_kept_not_the_last(photo):
    """A rate so long that every step throws each pixel to 0 or 1: the start has the lowest loss of all."""
    run = optimize.minimize(brightness(0.5), photo, steps=3, learning_rate=5.0)
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
    import nst_utils

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
    with pytest.raises(FloatingPointError, match="learning rate"):
        optimize.minimize(lambda batch: tf.reduce_sum(batch) * np.nan, photo, steps=3)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(256, [(256, 100)]), (384, [(192, 75), (384, 25)]), (1024, [(256, 57), (512, 18), (1024, 25)])],
)
def test_coarse_to_fine_levels(size, expected):
    assert optimize.coarse_to_fine_levels(size, 100) == expected


@pytest.mark.parametrize("steps", [1, 2, 5, 50])
def test_coarse_to_fine_spends_exactly_the_steps_given(steps):
    levels = optimize.coarse_to_fine_levels(2000, steps)
    assert sum(count for _, count in levels) == steps
    assert levels[-1][0] == 2000
    assert min(count for _, count in levels) >= 1


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"steps": 2.5}, {"every": 0}, {"learning_rate": 0}])
def test_counts_and_rates_that_make_no_sense_are_named(photo, painting, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        stylize(photo, painting, **wrong)


def test_what_is_not_a_picture_is_named(photo, painting):
    with pytest.raises(images.ImageError, match="style"):
        stylize(photo, painting * 255)
