"""Figures of masks, gradients, disparity, flow and films show the numbers they are given, at their place."""

import warnings

import numpy as np
import pytest
from figures import drawn

from nst_utils import plots

RNG = np.random.default_rng(0)
PHOTO = RNG.random((24, 36, 3)).astype(np.float32)
MASK = np.zeros((24, 36), np.float32)
MASK[6:18, 9:27] = 1


def border(axis):
    """Left, right, top and bottom end of the line around a mask."""
    (contour,) = axis.collections
    points = np.concatenate([path.vertices for path in contour.get_paths()])
    return [*points[:, 0][[points[:, 0].argmin(), points[:, 0].argmax()]], *np.sort(points[:, 1])[[0, -1]]]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_mask_shows_the_photo_inside_and_a_gray_veil_outside_on_a_black_and_on_a_white_photo(value):
    photo = np.full_like(PHOTO, value)
    axis, *_ = drawn(plots.show_masks(photo, [MASK, 1 - MASK], ["a", "b"])).axes
    shown = np.asarray(axis.images[0].get_array(), int)
    assert axis.get_title() == "a"
    assert (shown[10, 15] == 255 * value).all()
    assert 40 < shown[0, 0, 0] < 110
    assert border(axis) == [8.5, 26.5, 5.5, 17.5]


def test_a_mask_of_ones_has_no_border_and_spare_panels_stay_empty():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = drawn(plots.show_masks(PHOTO, [np.ones_like(MASK)] * 3, columns=2))
    assert [len(axis.images) for axis in figure.axes] == [1, 1, 1, 0]
    assert not any(len(axis.collections) for axis in figure.axes)


def test_leaks_are_drawn_each_by_its_own_maximum_with_the_border_on_all_of_them():
    gradients = {"block 1": MASK * 1e-6, "block 2": np.full_like(MASK, 50), "silent": np.zeros_like(MASK)}
    *panels, bar = drawn(plots.plot_leak(PHOTO, MASK, gradients, ["0%", "75%", "nothing"])).axes
    assert [axis.get_title() for axis in panels[1:]] == ["block 1\n0%", "block 2\n75%", "silent\nnothing"]
    for axis, lengths in zip(panels[1:], (MASK, np.ones_like(MASK), np.zeros_like(MASK)), strict=True):
        np.testing.assert_allclose(axis.images[0].get_array(), lengths)
        assert axis.images[0].norm(0.25) == 0.5  # weak values show
    assert all(border(axis) == [8.5, 26.5, 5.5, 17.5] for axis in panels)
    assert bar.get_ylabel()
    with pytest.raises(ValueError, match="zip"):
        plots.plot_leak(PHOTO, MASK, gradients, ["one title for three"])


def test_disparities_share_one_scale_and_unknown_places_are_gray():
    true = np.linspace(5, 30, MASK.size).reshape(MASK.shape)
    true[0, 0], true[0, 1] = np.inf, np.nan
    found = true + 2
    found[0, :2] = 9
    figure = drawn(plots.plot_disparity(PHOTO, found, true, np.abs(found - true)))
    _, error, below, last, error_bar, bar = figure.axes
    assert error.get_title() == "absolute error: half of it below 2.0 px"
    assert error.images[0].get_clim() == (0, 3)
    assert below.images[0].get_clim() == last.images[0].get_clim() == (true[0, 2], 30)
    for axis in (error, last):
        image = axis.images[0]
        np.testing.assert_allclose(image.cmap(image.norm(image.get_array()))[0, :2, :3], 0.85)
    assert "pixels" in error_bar.get_ylabel()
    assert "pixels" in bar.get_ylabel()


@pytest.mark.parametrize(("pixels", "scale"), [(12, "true length"), (3, "5 × "), (40, "0.2 × ")])
def test_arrows_point_where_the_flow_goes_at_a_stated_scale(pixels, scale):
    flow = np.full((24, 36, 2), (0, pixels), np.float32)  # downwards
    axis = drawn(plots.plot_flow(PHOTO, flow, step=12)).axes[0]
    (arrows,) = axis.collections
    np.testing.assert_array_equal(arrows.XY, [(6, 6), (18, 6), (30, 6), (6, 18), (18, 18), (30, 18)])
    np.testing.assert_array_equal(np.stack([arrows.U, arrows.V]).T, [(0, pixels)] * 6)
    assert axis.yaxis_inverted()
    assert arrows.angles == arrows.scale_units == "xy"
    assert scale in axis.get_title()
    assert ("true" in axis.get_title()) == (arrows.scale == 1)
    drawn(plots.plot_flow(PHOTO, 0 * flow))  # nothing moves


def test_films_stand_below_each_other_with_upright_names_and_numbered_frames():
    figure = drawn(plots.show_film({"one": [PHOTO] * 5, "each alone": [1 - PHOTO] * 5}, every=2))
    assert [axis.get_title() for axis in figure.axes[:3]] == ["frame 1", "frame 3", "frame 5"]
    labels = [figure.axes[n].yaxis.label for n in (0, 3)]
    assert [(label.get_text(), label.get_rotation()) for label in labels] == [("one", 0), ("each alone", 0)]
    assert drawn(plots.show_film({"long": [PHOTO] * 30})).get_figwidth() < 13


def test_flicker_is_written_at_the_end_of_its_bar():
    axis = drawn(plots.plot_flicker({"alone": 0.0713, "held": 0.0123})).axes[0]
    assert [bar.get_width() for bar in axis.patches] == [0.0713, 0.0123]
    assert [text.get_text() for text in axis.texts] == ["0.0713", "0.0123"]
    assert axis.yaxis_inverted()  # the first one is on top
