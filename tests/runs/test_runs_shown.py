"""How runs are shown: curves, a live view, an animation."""

import io
from dataclasses import replace

import numpy as np
import pytest
from figures import drawn
from PIL import Image

from nst_utils import LiveView, StyleTransferRun, animated_gif, plots
from nst_utils.loop import Iterate
from nst_utils.runs import live

HISTORY = {
    "total": np.array([1.0, 1.4, 0.5, 0.25]),
    "content": np.array([0.0, 0.1, 0.2, 0.2]),
    "style": np.array([1.0, 0.8, 0.4, 0.2]),
    "total_variation": np.array([0.1, 0.2, 0.1, 0.1]),
    "seconds": np.array([3.0, 3.5, 4.0, 4.5]),
}


def test_progress_shows_every_term_and_leaves_out_the_zero_that_has_no_logarithm(photo):
    figure = drawn(plots.plot_progress(photo, HISTORY))
    picture, curves = figure.axes
    assert picture.get_title() == "after step 4"
    lines = {line.get_label(): line.get_ydata() for line in curves.lines}
    assert list(lines) == ["total", "content", "style", "total variation"]
    assert np.isnan(lines["content"][0])
    np.testing.assert_array_equal(lines["total"], HISTORY["total"])


def test_optimizers_are_compared_by_the_lowest_loss_against_steps_and_seconds():
    figure = drawn(plots.plot_optimizers({"Adam": HISTORY, "L-BFGS": HISTORY}))
    by_step, by_second = figure.axes
    np.testing.assert_array_equal(by_step.lines[0].get_ydata(), [1.0, 1.0, 0.5, 0.25])
    np.testing.assert_array_equal(by_step.lines[0].get_xdata(), [1, 2, 3, 4])
    np.testing.assert_array_equal(by_second.lines[1].get_xdata(), [0, 0.5, 1, 1.5])


class Handle:
    def __init__(self):
        self.figures = []

    def update(self, figure):
        self.figures.append(figure)


def test_the_live_view_updates_one_display(photo, monkeypatch):
    shown, handle = [], Handle()
    monkeypatch.delenv("NST_PROGRESS", raising=False)
    monkeypatch.setattr(live, "display", lambda figure, display_id: shown.append(figure) or handle)
    view = LiveView()
    for step in (10, 20, 30):
        view(Iterate(step, 30, photo, {"total": 1 / step, "style": 2 / step}))
    assert (len(shown), len(handle.figures)) == (1, 2)
    curve = drawn(handle.figures[-1]).axes[1].lines[0]
    np.testing.assert_array_equal(curve.get_xdata(), [10, 20, 30])


def test_the_live_view_of_a_second_run_begins_anew(photo, monkeypatch):
    shown, handle = [], Handle()
    monkeypatch.delenv("NST_PROGRESS", raising=False)
    monkeypatch.setattr(live, "display", lambda figure, display_id: shown.append(figure) or handle)
    view = LiveView()
    for step in (10, 20, 10):
        view(Iterate(step, 20, photo, {"total": 1 / step}))
    assert (len(shown), len(handle.figures)) == (2, 1)
    assert drawn(shown[-1]).axes[1].lines[0].get_xdata().tolist() == [10]


def test_a_run_is_shown_in_one_line_and_equals_itself_alone(photo):
    run = StyleTransferRun(photo, HISTORY, {"steps": 4}, snapshots=(photo,) * 20)
    stopped = replace(run, settings={"steps": 60}, interrupted=True)
    nothing = replace(stopped, history={})
    assert repr(run) == "StyleTransferRun(96 × 96, 4 of 4 steps, loss 0.25, 4.5 s)"
    assert repr(stopped) == "StyleTransferRun(96 × 96, 4 of 60 steps, loss 0.25, 4.5 s, interrupted)"
    assert repr(nothing) == "StyleTransferRun(96 × 96, 0 of 60 steps, interrupted)"
    assert repr(Iterate(1, 2, photo, {"total": 1.0})) == "Iterate(step=1, steps=2, losses={'total': 1.0})"
    assert len({run, stopped, replace(run)}) == 3
    assert run == run
    assert run != replace(run)


def test_the_live_view_is_silent_when_notebooks_are_checked(photo, monkeypatch):
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setattr(live, "display", lambda *_, **__: pytest.fail("it showed something"))
    LiveView()(Iterate(1, 1, photo, {"total": 1.0}))


def test_the_animation_shows_all_pictures_in_the_size_of_the_last(photo):
    small = photo[::2, ::2]
    data = animated_gif([small, photo * 0.5, photo], seconds=2)
    gif = Image.open(io.BytesIO(data))
    assert (gif.n_frames, gif.size) == (3, photo.shape[1::-1])
    assert gif.info["loop"] == 0
    gif.seek(2)
    found = np.asarray(gif.convert("RGB"), np.float32) / 255
    assert np.abs(found - photo).mean() < 0.05
    assert gif.info["duration"] == 1500


def test_an_animation_of_nothing_says_how_to_keep_pictures():
    with pytest.raises(ValueError, match="snapshot_every"):
        animated_gif([])
