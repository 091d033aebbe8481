"""Figures of notebook 03 show the values given, on the axes and in the colors promised."""

import numpy as np
from figures import drawn
from matplotlib.colors import to_hex

from nst_utils import plots
from nst_utils.plots.theme import TERM_COLORS

TERMS = ["content", "style", "total_variation"]


def names_in(axis):
    return [text.get_text() for text in axis.texts]


def legend_of(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def test_around_gray_keeps_signs_and_proportions_whatever_the_scale_and_one_outlier():
    gradient = np.zeros((4, 5, 3))
    gradient[0, 0], gradient[1, 1], gradient[2, 2] = 2e-6, -2e-6, 1e-6
    picture = plots.around_gray(gradient)
    assert picture.dtype == np.float32
    np.testing.assert_allclose(picture[[0, 1, 2, 3], [0, 1, 2, 3], 0], [1, 0, 0.75, 0.5], atol=0.01)

    gradient = np.random.default_rng(0).normal(size=(30, 30, 3)).astype(np.float32)
    picture = plots.around_gray(gradient)
    np.testing.assert_allclose(plots.around_gray(1e-7 * gradient), picture, atol=1e-5)
    gradient[0, 0, 0] = 1e6
    np.testing.assert_allclose(plots.around_gray(gradient)[1:], picture[1:], atol=0.01)

    assert (plots.around_gray(np.zeros((4, 4, 3))) == 0.5).all()


def test_rivals_stand_on_one_logarithmic_axis_with_the_first_on_top():
    losses = {"pixels": (0.03, 0.01), "deep": (0.02, 0.2)}
    (axis,) = drawn(plots.plot_rivals(losses, ["shift", "blur"], "a title")).axes
    assert axis.get_xscale() == "log"
    assert axis.get_title() == "a title"
    assert names_in(axis) == ["shift", "blur"]
    shift, blur = (points.get_offsets() for points in axis.collections[1:])
    np.testing.assert_allclose(shift, [(0.03, 1), (0.02, 0)])
    np.testing.assert_allclose(blur, [(0.01, 1), (0.2, 0)])
    assert list(axis.get_yticks()) == [1, 0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["pixels", "deep"]


def test_lines_show_their_values_over_their_positions():
    lines = {"one": np.array([3.0, 2, 1]), "two": np.array([1.0, 5, 2])}
    (axis,) = drawn(plots.plot_lines(lines, "t", "x", "y", x=np.array([0.1, 0.2, 0.4]), log=True)).axes
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == ("t", "x", "y")
    assert names_in(axis) == ["one", "two"]
    np.testing.assert_array_equal(axis.lines[1].get_xydata(), [(0.1, 1), (0.2, 5), (0.4, 2)])
    (axis,) = drawn(plots.plot_lines(lines, "t", "x", "y")).axes
    assert axis.get_xscale() == "linear"
    np.testing.assert_array_equal(axis.lines[0].get_xdata(), [0, 1, 2])


def test_shares_add_up_to_a_hundred_percent_at_every_step():
    weighted = dict(zip(TERMS, np.array([[0.0, 1], [3, 1], [1, 2]]), strict=True))
    norms = {name: [2.0 + index] for index, name in enumerate(TERMS)}
    left, right = drawn(plots.plot_shares(weighted, norms, [2])).axes
    heights = [bands.get_paths()[0].vertices[:, 1].max() for bands in left.collections]
    np.testing.assert_allclose(heights, [25, 75, 100])
    assert [to_hex(bands.get_facecolor()[0]).upper() for bands in left.collections] == [
        TERM_COLORS[name] for name in TERMS
    ]
    assert left.get_ylabel() == "percent"
    assert [line.get_xydata().tolist() for line in right.lines] == [[[2, 2]], [[2, 3]], [[2, 4]]]
    assert names_in(right) == ["content", "style", "total variation"]


def test_conventions_have_a_line_per_program_and_name_every_term_once():
    values = {
        "first": {"content": (1.0, 4.0), "style": (1e6, 2e6)},
        "second": {"content": (0.5, 0.5), "style": (0.2, 0.2), "total_variation": (0.1, 0.09)},
    }
    (axis,) = drawn(plots.plot_conventions(values, (96, 192))).axes
    assert axis.get_xscale() == "log"
    assert [label.get_text() for label in axis.get_yticklabels()] == ["first", "second"]
    assert list(axis.get_yticks()) == [1, 0]
    assert names_in(axis) == ["content", "style", "total variation"]
    marks = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    np.testing.assert_allclose(marks, [1, 4, 1e6, 2e6, 0.5, 0.5, 0.2, 0.2, 0.1, 0.09])
    assert "96 px" in axis.get_xlabel()
    assert "192 px" in axis.get_xlabel()


def test_share_bars_fill_the_axis_and_name_large_shares():
    terms = {
        "one": {"content": 1.0, "style": 3.0},
        "two": {"content": 0.01, "style": 0.5, "total_variation": 0.49},
    }
    (axis,) = drawn(plots.plot_share_bars(terms, "shares")).axes
    widths = [bar.get_width() for bar in axis.patches]
    np.testing.assert_allclose(widths, [25, 75, 1, 50, 49])
    np.testing.assert_allclose([bar.get_x() for bar in axis.patches], [0, 25, 0, 1, 51])
    assert [text.get_text() for text in axis.texts] == ["25 %", "75 %", "50 %", "49 %"]
    assert legend_of(axis) == ["content", "style", "total variation"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1]  # the first bar is on top
