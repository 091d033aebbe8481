"""The figures of notebook 02 show the numbers that they are given."""

import numpy as np
import pytest
from figures import drawn

from nst_utils import plots


def numbers(axis):
    """The texts in the cells of a table, in the order of rows and columns."""
    return [text.get_text() for text in axis.texts]


def test_outer_products_and_their_mean_stand_side_by_side():
    features = np.array([[[1, 2], [3, 0]]], np.float32)
    first, second, mean = drawn(plots.plot_outer_products(features)).axes
    assert first.get_title() == "position 0, 0\n(1, 2)"
    assert numbers(first) == ["1", "2", "2", "4"]
    assert second.get_title() == "position 0, 1\n(3, 0)"
    assert numbers(second) == ["9", "0", "0", "0"]
    assert numbers(mean) == ["5", "1", "1", "2"]
    assert {axis.images[0].get_clim() for axis in (first, second, mean)} == {(0, 9)}


@pytest.mark.parametrize(("shared", "limits"), [(False, [(0, 2), (0, 5)]), (True, [(0, 5), (0, 5)])])
def test_heat_maps_have_their_own_scale_or_one_with_a_color_bar(shared, limits):
    maps = [np.array([[0.0, 2]]), np.array([[5.0, 1]])]
    figure = drawn(plots.plot_heat_maps(maps, ["a", "b"], ("x", "y"), shared=shared))
    assert [axis.get_title() for axis in figure.axes[:2]] == ["a", "b"]
    assert [axis.images[0].get_clim() for axis in figure.axes[:2]] == limits
    assert len(figure.axes) == 2 + shared
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("x", "y")


def test_tables_show_every_number_and_name_rows_and_columns():
    tables = [np.full((2, 3), value) for value in (0, 0.5, 1, 1.5)]
    figure = drawn(plots.plot_tables(tables, list("abcd"), ["r", "s"], list("xyz"), top=2))
    shown = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in shown] == list("abcd")
    assert numbers(shown[1]) == ["0.50"] * 6
    assert [label.get_text() for label in shown[3].get_yticklabels()] == ["r", "s"]
    assert [label.get_text() for label in shown[3].get_xticklabels()] == list("xyz")
    assert not figure.axes[-1].axison  # two places of the grid are empty


def test_curves_over_layers_start_at_zero():
    curves = {"one": [1, 2, 3], "two": [3, 2, 1]}
    figure = drawn(plots.plot_per_layer(curves, list("abc"), "height", "title"))
    axis = figure.axes[0]
    assert [line.get_ydata().tolist() for line in axis.lines] == [[1, 2, 3], [3, 2, 1]]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["one", "two"]
    assert [label.get_text() for label in axis.get_xticklabels()] == list("abc")
    assert axis.get_ylim()[0] == 0
