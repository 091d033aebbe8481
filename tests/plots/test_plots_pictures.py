"""Figures take arrays and return a figure with the titles, labels and pictures asked for."""

import numpy as np
import pytest
from figures import drawn

from nst_utils import plots

PICTURE = np.random.default_rng(0).random((20, 30, 3)).astype(np.float32)


def test_pictures_in_a_grid():
    figure = drawn(plots.show_pictures([PICTURE] * 5, list("abcde"), columns=3))
    shown = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in shown] == list("abcde")
    np.testing.assert_array_equal(shown[0].images[0].get_array(), np.rint(PICTURE * 255))


def test_a_contact_sheet_has_a_title_per_row_and_column():
    figure = drawn(plots.contact_sheet([[PICTURE, PICTURE]] * 3, ["x", "y", "z"], ["one", "two"]))
    assert len(figure.axes) == 6
    assert [figure.axes[i].get_ylabel() for i in (0, 2, 4)] == ["x", "y", "z"]
    assert [axis.get_title() for axis in figure.axes[:2]] == ["one", "two"]


def test_groups_of_pictures_stand_side_by_side_each_under_its_name():
    group = dict.fromkeys(["7", "8", "9"], PICTURE)
    figure = drawn(plots.show_groups({"first": group, "second": group}))
    assert [part.get_suptitle() for part in figure.subfigs] == ["first", "second"]
    assert [axis.get_title() for axis in figure.subfigs[1].axes] == ["7", "8", "9", ""]


def test_channels_are_shown_on_one_scale():
    figure = drawn(plots.plot_channels(PICTURE))
    for channel, axis in enumerate(figure.axes[1:]):
        assert axis.images[0].get_clim() == (0, 1)
        np.testing.assert_array_equal(axis.images[0].get_array(), PICTURE[..., channel])


def test_a_history_shows_every_term_and_layer_and_where_the_size_changes():
    values = np.linspace(1, 0.1, 6)
    history = {"total": values, "content": values, "style": values, "style/a": values, "style/b": values,
               "size": np.array([128] * 4 + [256] * 2)}  # fmt: skip
    left, right = drawn(plots.plot_history(history)).axes
    assert {text.get_text() for text in left.texts} == {"total", "content", "style", "256 px"}
    assert {text.get_text() for text in right.texts} == {"a", "b", "256 px"}
    heights = sorted(text.xy[1] for text in right.texts[:2])
    assert heights[1] - heights[0] > 0.08  # the names of equal curves do not cover each other


def test_a_picture_of_the_wrong_range_is_an_error_not_a_black_figure():
    with pytest.raises(ValueError, match="floats"):
        plots.show_pictures([(PICTURE * 255).astype(int)])
