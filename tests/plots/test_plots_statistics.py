"""Figures of small sets, pairings, judges and costs show the numbers they are given, at their place."""

import numpy as np
import pytest
from figures import drawn
from matplotlib.colors import to_rgba

from nst_utils import plots
from nst_utils.plots.statistics import CROSSING, STRAIGHT

NAMES = ["mean and spread", "Gram", "neighbors"]
VALUES = np.array([[0.012, 0.34, 0.2], [0.05, 0.0301, 12], [0.9, 0.4, 123]])


def written(axis):
    return [text.get_text() for text in axis.texts if text.get_text()]


def links(axis):
    """The ends of the lines between two sets, and their colors."""
    lines = [line for line in axis.lines if list(line.get_ydata()) == [1, 0]]
    return [tuple(line.get_xdata()) for line in lines], [line.get_color() for line in lines]


def luminance(color):
    """Relative luminance, as the contrast of the WCAG has it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgba(color)[:3]]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


def test_equal_dots_are_stacked_and_each_set_has_its_mean_spread_and_mean_square():
    axis = drawn(plots.plot_dots({"a": np.array([0, 4, 4.0, 4]), "b": [1, 3]}, (-1, 5))).axes[0]
    dots = [line.get_xydata() for line in axis.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots[0][:, 0], [0, 4, 4, 4])
    assert [len({tuple(dot) for dot in row}) for row in dots] == [4, 2]  # none hides another
    heads, numbers = ["mean", "spread", "mean\nsquare"], ["3.00", "1.73", "12.00", "2.00", "1.00", "5.00"]
    assert written(axis) == heads + numbers
    bars = [tuple(line.get_xdata()) for line in axis.lines if line.get_linewidth() == 5]
    np.testing.assert_allclose(bars, [(3 - 3**0.5, 3 + 3**0.5), (1, 3)])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    assert axis.get_xlim() == (-1, 5)
    assert axis.yaxis_inverted()  # the first one is on top


@pytest.mark.parametrize("name", ["a", "same mean, same spread, another shape"])
def test_numbers_beside_the_dots_stay_in_the_figure(name):
    figure = drawn(plots.plot_dots({name: np.arange(4.0)}))
    figure.draw_without_rendering()
    assert max(text.get_window_extent().x1 for text in figure.axes[0].texts) <= figure.bbox.x1


def test_links_that_cross_have_another_color_and_sorted_ones_do_not_cross():
    a, b = np.array([0, 2, 1.0]), [5, 1, 3]
    pairings = {"as given": [0, 1, 2], "sorted": [1, 0, 2], "nearest": [1, 1, 1]}
    crossing, in_order, nearest = drawn(plots.plot_pairings(a, b, pairings)).axes
    assert crossing.get_title() == "as given\nmean squared distance 10.00"
    assert in_order.get_title() == "sorted\nmean squared distance 4.67"
    assert links(crossing) == ([(0, 5), (2, 1), (1, 3)], [CROSSING] * 3)
    assert links(in_order) == ([(0, 1), (2, 5), (1, 3)], [STRAIGHT] * 3)
    assert links(nearest) == ([(0, 1), (2, 1), (1, 1)], [STRAIGHT] * 3)
    assert [tuple(line.get_xdata()) for line in nearest.lines if line.get_marker() == "o"][1] == (5, 1, 3)
    one, *_, empty = drawn(plots.plot_pairings(a, b, {f"{n}": [0, 1, 2] for n in range(5)})).axes
    assert one.axison
    assert not empty.axison


def test_projections_are_linked_in_order_along_each_direction():
    points, target = np.array([[3, 0], [1, 2.0]]), np.array([[0, 1], [1, 5.0]])
    plane, level, upright, diagonal = drawn(plots.plot_directions(points, target, [0, 90, 45])).axes
    assert written(plane) == ["0°", "90°", "45°"]
    np.testing.assert_allclose(plane.lines[-2].get_xydata(), points)
    assert links(level)[0] == [(1, 0), (3, 1)]
    np.testing.assert_allclose(links(upright)[0], [(0, 1), (2, 5)], atol=1e-12)
    np.testing.assert_allclose(links(diagonal)[0], np.array([(3, 1), (3, 6)]) / 2**0.5)
    assert level.get_title() == "0°: mean squared distance 2.50"
    assert links(level)[1] == [STRAIGHT] * 2


def test_judges_have_a_scale_each_their_own_picture_framed_and_the_lowest_number_bold():
    axis = drawn(plots.plot_judges(VALUES, NAMES, NAMES)).axes[0]
    assert written(axis) == ["0.012", "0.34", "0.20", "0.050", "0.030", "12", "0.90", "0.40", "120"]
    bold = [text.get_text() for text in axis.texts if text.get_weight() == "bold"]
    assert bold == ["0.012", "0.20", "0.030"]
    shades = np.asarray(axis.images[0].get_array())
    np.testing.assert_array_equal(shades.argmin(axis=0), [0, 1, 0])
    assert (shades.min(axis=0) == 0).all()
    assert (shades.max(axis=0) == 1).all()
    centers = [(frame.get_x() + 0.46, frame.get_y() + 0.43) for frame in axis.patches]
    np.testing.assert_allclose(centers, [(0, 0), (1, 1), (2, 2)])
    assert axis.get_xlabel() == "judged by"
    rows = [label.get_text() for label in axis.get_yticklabels()]
    assert rows == NAMES


def test_results_that_no_judge_made_have_no_frame_and_the_spread_stands_below():
    figure = plots.plot_judges(VALUES[:2], ["the photo", "Gram"], NAMES, spread=VALUES[:2] / 9)
    axis = drawn(figure).axes[0]
    assert [(frame.get_x() + 0.46, frame.get_y() + 0.43) for frame in axis.patches] == [(1, 1)]
    assert written(axis)[:4] == ["0.012", "± 0.001", "0.34", "± 0.04"]
    equal = drawn(plots.plot_judges(np.zeros((1, 1)), ["a"], ["a"], [[0]])).axes[0]
    assert written(equal) == ["0", "± 0"]


def test_numbers_can_be_read_on_every_shade():
    values = np.linspace(0, 1, 60)[:, np.newaxis]
    axis = drawn(plots.plot_judges(values, [str(n) for n in range(60)], ["one"])).axes[0]
    (image,) = axis.images
    for text, shade in zip(axis.texts[::2], image.cmap(image.norm(values[:, 0])), strict=True):
        darker, lighter = sorted([luminance(text.get_color()), luminance(shade)])
        assert (lighter + 0.05) / (darker + 0.05) > 4


def test_costs_say_how_they_grow_at_the_end_when_the_positions_double():
    counts = np.array([100, 1000, 4000])
    seconds = {"Gram": counts * 1e-6, "neighbors": [1e-4, 1e-3, 16e-3]}
    axis = drawn(plots.plot_costs(counts.tolist(), seconds)).axes[0]
    growth = "Gram: × 2.0", "neighbors: × 4.0"
    assert written(axis) == [f"{text} when the positions double" for text in growth]
    np.testing.assert_allclose(axis.lines[1].get_xydata(), np.stack([counts, seconds["neighbors"]]).T)
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("positions", "seconds")
