"""Maps and mixtures of styles show every picture at its place."""

import numpy as np
import pytest
from figures import drawn
from matplotlib.offsetbox import AnnotationBbox

from nst_utils import plots

RNG = np.random.default_rng(0)
PICTURE = RNG.random((32, 32, 3)).astype(np.float32)


def test_a_map_shows_every_picture_at_its_point_and_every_group_once():
    points = RNG.normal(size=(6, 2))
    figure = drawn(plots.plot_style_map(points, [PICTURE] * 6, list("aabbcc")))
    axis = figure.axes[0]
    places = [box.xy for box in axis.artists if isinstance(box, AnnotationBbox)]
    np.testing.assert_allclose(places, points)
    assert [text.get_text() for text in axis.texts] == ["a", "b", "c"]


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_triangle_weights_are_mixtures_with_the_pure_ones_at_the_corners(steps):
    weights = plots.triangle_weights(steps)
    assert weights.shape == ((steps + 1) * (steps + 2) // 2, 3)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert len(np.unique(weights, axis=0)) == len(weights)
    np.testing.assert_array_equal(weights[[0, -steps - 1, -1]], np.eye(3))


def test_the_triangle_has_one_picture_per_mixture_and_names_at_its_corners():
    weights = plots.triangle_weights(2)
    figure = drawn(plots.plot_triangle([PICTURE] * 6, weights, ["top", "left", "right"]))
    axis = figure.axes[0]
    middles = [np.array(image.get_extent()).reshape(2, 2).mean(axis=1) for image in axis.images]
    np.testing.assert_allclose(middles, weights @ plots.fast.CORNERS, atol=1e-6)
    assert [text.get_text() for text in axis.texts] == ["top", "left", "right"]


def test_the_two_networks_are_drawn_with_pictures_and_vector():
    figure = drawn(plots.plot_two_networks(PICTURE, PICTURE, RNG.normal(size=100), PICTURE))
    axis = figure.axes[0]
    assert len(axis.images) == 4
    words = {text.get_text() for text in axis.texts}
    assert {"predictor", "photo", "picture", "style vector: 100 numbers"} <= words
