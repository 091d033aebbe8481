"""The demos: what they compute, that their controls are wired, and the figure where nobody listens."""

import base64
import io
import subprocess
import sys
import threading
import time
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
from PIL import Image

import nst_utils as nst
from nst_utils.runs.record import Iterate
from nst_utils.widgets import background, control, fast, features, gram, losses, panels, pictures
from nst_utils.widgets.demo import WIDGET_VIEW, Demo

RNG = np.random.default_rng(0)
LAYERS = ("block1_conv1", "block4_conv2")
DEMOS = {
    "layer_browser": lambda photo, painting: nst.widgets.layer_browser(photo, nst.FeatureExtractor(LAYERS)),
    "gram_explorer": lambda photo, painting: nst.widgets.gram_explorer(painting, photo),
    "loss_mixer": lambda photo, painting: nst.widgets.loss_mixer(photo, painting, size=32),
    "style_mixer": lambda photo, painting: nst.widgets.style_mixer(photo, {"a": painting, "b": 1 - painting}),
    "before_after": lambda photo, painting: nst.widgets.before_after(photo, painting),
    "region_painter": lambda photo, painting: nst.widgets.region_painter(
        photo, {"a": painting, "b": 1 - painting}, size=32
    ),
}
MOVES = {
    "layer_browser": {"channel": 500, "layer": "block1_conv1"},
    "gram_explorer": {"share": 0.5, "crop": "to 1/2", "shuffle": "4 px", "layer": "block1_conv1"},
    "style_mixer": {"b": 1.0, "a": 0.0, "strength": 0.5},
    "before_after": {"share": 0.1},
}


@pytest.fixture
def live(monkeypatch):
    """As in a notebook with somebody before it."""
    monkeypatch.delenv("NST_PROGRESS", raising=False)


def wait_for(condition, seconds=30):
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it did not happen"
        time.sleep(0.005)


# --- what a cell shows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEMOS)
def test_unattended_a_demo_is_a_figure_and_makes_no_widget(name, photo, painting, monkeypatch):
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setattr(losses, "STEPS", 2)
    monkeypatch.setattr(control, "STILL_STEPS", 2)
    monkeypatch.setattr(ipywidgets.Widget, "open", lambda self: pytest.fail("it made a widget"))
    shown = DEMOS[name](photo, painting)
    data = shown._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/jpeg"}
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/jpeg"]))))
    assert picture.std() > 20
    assert 300 < picture.shape[1] < 1100
    assert data["text/plain"] == f"<{shown.description}>"


@pytest.mark.parametrize("name", DEMOS)
def test_live_a_demo_shows_controls_and_a_figure_and_every_move_changes_it(name, photo, painting, live):
    demo = DEMOS[name](photo, painting)
    still, controls = demo.outputs()
    assert controls[WIDGET_VIEW]["model_id"] == demo.box.model_id
    assert base64.b64encode(demo.image.value).decode() in still["text/html"]
    assert f'alt="{demo.description}"' in still["text/html"]
    seen = [demo.image.value]
    for moved, value in MOVES.get(name, {}).items():
        demo.controls[moved].value = value
        seen.append(demo.image.value)
    assert len(set(seen)) == len(seen)
    assert not demo.status.value
    demo.close()


def test_an_exported_page_shows_the_figure_of_a_live_notebook(photo, live):
    import nbformat
    from nbconvert import HTMLExporter

    demo = nst.widgets.before_after(photo, 1 - photo, ("positive", "negative"))
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in demo.outputs()]
    cell = nbformat.v4.new_code_cell("demo", outputs=outputs)
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert page.count("data:image/jpeg;base64," + base64.b64encode(demo.image.value).decode()) == 1
    demo.close()


def test_only_widgets_imports_ipywidgets():
    for path in Path(nst.__file__).parent.rglob("*.py"):
        assert path.parent.name == "widgets" or "ipywidgets" not in path.read_text(), path


def test_an_error_behind_a_control_is_shown_below_the_picture_and_goes_away(live):
    slider = ipywidgets.IntSlider(value=0, min=0, max=10)
    demo = Demo(np.zeros((20, 20, 3), np.uint8), "x", "y", {"n": slider})

    def draw(n):
        if n == 5:
            raise ValueError("five <is> too many")
        return np.full((20, 20, 3), n, np.uint8)

    demo.follow(draw)
    slider.value = 5
    assert "ValueError: five &lt;is&gt; too many" in demo.status.value
    slider.value = 4
    assert demo.status.value == ""
    assert (demo.figure == 4).all()
    demo.close()


@pytest.mark.parametrize("name", ["before_after", "style_mixer"])
def test_what_cannot_be_shown_is_refused(name, photo):
    with pytest.raises(ValueError, match=r"\bbefore\b|\bpaintings\b"):
        getattr(nst.widgets, name)(photo * 255, photo) if name == "before_after" else fast.Mixture(photo, {})


# --- panels ----------------------------------------------------------------------------------------------


def test_panels_show_values_at_their_place_and_length():
    dark, middle, bright = panels.heat_colors(np.array([[0.0, 1.0, 2.0]]), 2.0).astype(float).mean(-1)[0]
    assert dark < 5 < 50 < middle < 180 < 200 < bright
    assert panels.heat_colors(np.zeros((2, 2)), 0.0).max() <= 5  # a silent channel

    two = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    shown = panels.panel(two, "a long title that needs room\nin two lines", 40, smooth=False)
    assert shown.shape[0] == 40 + 2 * panels.LINE + 4
    assert set(np.unique(shown[-40:, :80])) == {0, 255}  # sharp
    assert (shown[-40:, :40] == 0).all()

    line = panels.shares({"content": 1.0, "style": 3.0, "total_variation": 0.0}, "t", 400)[panels.LINE + 15]
    assert [(line == line[end]).all(-1).sum() for end in (0, -1)] == [100, 300]

    drawn = panels.bars({"one": 1.0, "nine": 9.0}, 2.0, "t", 300, 100)  # 9 stops at the top value, 2
    orange = (drawn == drawn[panels.LINE + 4 + 75, 100]).all(-1)
    assert abs(orange[panels.LINE + 4 + 20].sum() - orange[panels.LINE + 4 + 75].sum() / 2) <= 1


# --- layer browser ---------------------------------------------------------------------------------------


def toy_maps(photo, features_of_layer):
    return features.Maps(
        photo, lambda picture: {"toy": np.asarray(features_of_layer, np.float32)[np.newaxis]}
    )


def test_the_overlay_is_gray_where_a_channel_is_silent_and_colored_where_it_is_strongest(photo):
    values = np.zeros((12, 12, 2))
    values[2:4, 2:4, 0] = 5
    maps = toy_maps(photo, values)
    drawn = maps.overlay("toy", 0, 240)[-240:].astype(float)
    assert np.ptp(drawn[200, 200]) <= 1
    assert drawn[60, 60].mean() > 200
    silent = maps.overlay("toy", 1, 240)[-240:]
    assert np.ptp(silent.astype(int), axis=-1).max() <= 1


def test_the_liveliest_channel_is_not_one_that_is_active_at_the_rim(photo):
    values = np.zeros((16, 16, 2))
    values[0, :, 0], values[8, 8, 1] = 100, 5
    assert toy_maps(photo, values).liveliest("toy") == 1


def test_a_new_layer_begins_with_its_liveliest_channel(photo, live):
    extractor = nst.FeatureExtractor(LAYERS)
    demo, maps = nst.widgets.layer_browser(photo, extractor), features.Maps(photo, extractor)
    np.testing.assert_allclose(maps.features["block4_conv2"], extractor(photo)["block4_conv2"][0], rtol=1e-3)
    demo.controls["channel"].value = 500
    demo.controls["layer"].value = "block1_conv1"
    assert demo.controls["channel"].max == 63
    assert demo.controls["channel"].value == maps.liveliest("block1_conv1")
    np.testing.assert_array_equal(demo.figure, maps.draw("block1_conv1", maps.liveliest("block1_conv1")))
    demo.close()


# --- Gram explorer ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grams(photo, painting):
    return gram.Grams(painting, photo, nst.FeatureExtractor(gram.STYLE_LAYERS))


def test_gram_matrices_are_blind_to_the_order_of_features_not_of_blocks_nor_to_another_picture(grams):
    def distance(*state):
        return np.mean(list(grams.compare(*state)[2].values()))

    assert distance(0.0, "none", "none") < 1e-6
    assert distance(0.0, "none", gram.FEATURES) < 1e-6
    assert 0.01 < distance(0.0, "none", "64 px") < distance(0.0, "none", "4 px")
    half, whole = (grams.compare(share, "none", "none")[2]["block1_conv1"] for share in (0.5, 1.0))
    assert 0.1 < half / whole < 0.45  # a quarter, if the halves of a picture were alike

    before, after = (
        grams.compare(0.0, "none", order)[0]["block3_conv1"] for order in ("none", gram.FEATURES)
    )
    assert not np.allclose(before, after)
    same = [np.sort(np.reshape(f, (-1, f.shape[-1])), axis=0) for f in (before, after)]
    np.testing.assert_allclose(*same, rtol=1e-3, atol=0.1)


@pytest.mark.parametrize(("crop", "side"), [("none", 192), ("to 3/4", 144), ("to 1/4", 48)])
def test_crops_keep_the_middle(grams, crop, side):
    start = (192 - side) // 2
    expected = grams.picture[start : start + side, start : start + side]
    np.testing.assert_array_equal(grams.change(0.0, crop, "none"), expected)


@pytest.mark.parametrize("side", [1, 7, 500])
def test_blocks_are_all_there_after_the_shuffle(side):
    picture = RNG.random((40, 60, 3), np.float32)
    shuffled = gram.shuffle_blocks(picture, side)
    side = min(side, 40)
    assert shuffled.shape == (40 // side * side, 60 // side * side, 3)
    used = picture[: shuffled.shape[0], : shuffled.shape[1]]
    np.testing.assert_array_equal(np.sort(shuffled.ravel()), np.sort(used.ravel()))


def test_the_title_of_a_changed_picture_names_every_change(grams, monkeypatch):
    titles = []
    monkeypatch.setattr(gram.panels, "panel", lambda pixels, title, *_, **__: titles.append(title) or pixels)
    for state in ((0.0, "none", "none"), (0.5, "to 1/2", "4 px"), (0.0, "none", gram.FEATURES)):
        grams.parts("block1_conv1", *state)
    changed = ["50% other, crop to 1/2\nblocks of 4 px", "the picture\nfeatures shuffled"]
    assert titles[::3] == ["\nthe picture", *changed]


def test_a_reset_of_the_explorer_brings_the_unchanged_picture_back(photo, painting, live):
    demo = nst.widgets.gram_explorer(painting, photo)
    before = demo.image.value
    for name, value in MOVES["gram_explorer"].items():
        demo.controls[name].value = value
    assert demo.image.value != before
    demo.panel.children[-1].click()
    assert demo.image.value == before
    demo.close()


def test_the_explorer_takes_pictures_that_are_not_square(photo, painting):
    grams = gram.Grams(photo[:60], painting, nst.FeatureExtractor("block1_conv1"))
    assert grams.other.shape == grams.picture.shape == (120, 192, 3)
    for shuffle in ("64 px", gram.FEATURES):
        assert grams.draw("block1_conv1", 0.3, "to 1/4", shuffle).dtype == np.uint8


# --- loss mixer ------------------------------------------------------------------------------------------


def test_the_painter_does_what_the_loop_does_each_time_anew(photo, painting, extractor, monkeypatch):
    monkeypatch.setattr(losses, "STEPS", 6)
    painter = losses.Painter(photo, painting, 48)
    weights = {"content": 0.5, "style": 2.0, "total_variation": 0.1}
    totals = [iterate.losses["total"] for iterate in painter.paint(weights)]
    smooth = list(painter.paint({"content": 3.0, "style": 0.1, "total_variation": 10.0}))
    again = [iterate.losses["total"] for iterate in painter.paint(weights)]
    assert again == pytest.approx(totals, rel=0.02)  # Adam's moments from before would show here
    by_name = {f"{name}_weight": weight for name, weight in weights.items()}
    loss = nst.StyleTransferLoss(extractor, painter.content, painter.style, **by_name)
    run = nst.minimize(loss, painter.content, steps=losses.STEPS)
    # One is in float32, the other in bfloat16 where that is faster
    assert totals[-1] == pytest.approx(run.history["total"][-1], rel=0.1)
    assert smooth[-1].losses["total_variation"] < run.history["total_variation"][-1]


class ToyPainter(losses.Painter):
    """Paints gray, with a pause for each step."""

    def __init__(self):
        self.content = self.style = np.full((16, 16, 3), 0.5, np.float32)
        self.seen, self.error = [], None

    def paint(self, weights):
        if self.error:
            raise self.error
        for step in range(1, losses.STEPS + 1):
            time.sleep(0.01)
            self.seen.append((weights["style"], step))
            terms = {"total": 3.0, **dict.fromkeys(weights, 1.0)}
            yield Iterate(step, losses.STEPS, self.content * step / losses.STEPS, terms)


@pytest.fixture
def mixer(live):
    mixer = losses.LossMixer(ToyPainter())
    yield mixer
    mixer.background.wait()
    mixer.close()


def test_a_move_paints_and_a_move_during_a_run_starts_again_with_the_new_weights(mixer, monkeypatch):
    seen, before, kept = mixer._painter.seen, mixer.image.value, []
    monkeypatch.setattr(
        "nst_utils.widgets.demo.update_display", lambda bundle, **_: kept.append(bundle["text/html"])
    )
    mixer.controls["style"].value = 10
    assert mixer.button.description == "Stop"
    wait_for(lambda: len(seen) >= 3)
    assert mixer.image.value != before
    mixer.controls["style"].value = 0.1
    wait_for(lambda: mixer.button.description == "Paint")
    assert seen[0] == (10 * losses.STYLE_WEIGHT, 1)
    assert seen[-1] == (losses.STYLE_WEIGHT / 10, losses.STEPS)
    assert max(step for weight, step in seen if weight > losses.STYLE_WEIGHT) < losses.STEPS
    wait_for(lambda: kept)
    assert base64.b64encode(mixer.image.value).decode() in kept[-1]  # the last picture is saved
    assert "nst-demo" not in [thread.name for thread in threading.enumerate()]


def test_the_button_starts_and_stops(mixer):
    mixer.button.click()
    assert mixer.background.running
    mixer.button.click()
    assert not mixer.background.running
    assert mixer.button.description == "Paint"
    mixer.background.wait()
    assert len(mixer._painter.seen) < losses.STEPS


def test_an_error_in_the_background_is_shown_and_the_next_start_works(mixer):
    mixer._painter.error = MemoryError("nothing left")
    mixer.button.click()
    wait_for(lambda: "MemoryError: nothing left" in mixer.status.value)
    assert mixer.button.description == "Paint"
    mixer._painter.error = None
    mixer.button.click()
    wait_for(lambda: mixer.status.value == "")


def test_the_end_of_python_waits_for_the_step_at_work():
    code = """
import sys, time
from importlib.machinery import SourceFileLoader

Background = SourceFileLoader("background", sys.argv[1]).load_module().Background

def work():
    for number in range(1000):
        time.sleep(0.2)
        print(number, flush=True)
        yield

Background(work, lambda: print("end"), print).start()
time.sleep(0.5)
"""
    command = [sys.executable, "-c", code, background.__file__]  # without TensorFlow
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.split()[-1] == "end"


def test_many_starts_and_stops_leave_one_thread_at_most():
    def work():
        for _ in range(50):
            time.sleep(0.001)
            yield

    loop = background.Background(work, lambda: None, pytest.fail)
    for number in range(200):
        (loop.stop if number % 3 == 2 else loop.start)()
        assert sum(thread.name == "nst-demo" for thread in threading.enumerate()) <= 2  # one may be leaving
    loop.start()
    wait_for(lambda: not loop.running)


# --- region painter ---------------------------------------------------------------------------------------


def thirds(side=48):
    """Masks of an upper, a middle and a lower third."""
    return [
        np.repeat(row, side // 3)[:, np.newaxis] * np.ones(side, np.float32) for row in np.eye(3, dtype="f")
    ]


@pytest.fixture(scope="module")
def regions(photo, painting):
    return control.RegionPainter(photo, {"a": painting, "b": 1 - painting}, thirds(), 48)


def test_regions_are_painted_as_stylize_does_and_one_that_is_not_chosen_stays(regions, extractor):
    choices = {"region 1": "b", "region 2": "the photo", "region 3": "a"}
    *_, (picture, title) = regions.paint(choices, 6)
    assert title == "step 6 of 6"
    np.testing.assert_array_equal(picture[16:32], regions.photo[16:32])
    styles, masks = [regions.paintings["b"], regions.paintings["a"]], [regions.masks[0], regions.masks[2]]
    run = nst.stylize(regions.photo, styles, mask=masks, steps=6, extractor=extractor, progress=False)
    # One is in float32, the other in bfloat16 where that is faster; one is the last, the other the best
    assert np.abs(picture - run.picture).mean() < 0.1 * np.abs(picture - regions.photo).mean()


def test_where_every_region_is_the_photo_the_photo_is_shown_and_nothing_runs(regions, monkeypatch):
    monkeypatch.setattr(control, "StyleTransferLoss", lambda *_, **__: pytest.fail("it runs"))
    ((picture, _),) = regions.paint(dict.fromkeys(regions.beginning(), "the photo"))
    assert picture is regions.photo


def test_the_first_regions_begin_with_different_paintings_and_each_is_outlined_and_named(
    regions, monkeypatch
):
    choices, labels = regions.beginning(), []
    assert choices == {"region 1": "a", "region 2": "b", "region 3": "the photo"}
    monkeypatch.setattr(panels, "label", lambda pixels, *label: labels.append(label))
    drawn = regions.draw(choices, regions.photo, "t")[-control.HEIGHT :, : control.HEIGHT]
    for number, (text, row, column) in enumerate(labels):
        assert text == "\n".join([*choices.items()][number])
        line = (drawn == control.COLORS[number]).all(axis=-1)
        rows = np.flatnonzero(line[:, 50])
        assert rows.min() < row < rows.max()
        assert rows.max() - rows.min() == pytest.approx(control.HEIGHT / 3, abs=3)
        assert 40 < column < control.HEIGHT - 40


def test_a_label_stays_within_its_picture():
    for place in ((0, 0), (99, 199)):
        pixels = np.zeros((100, 200, 3), np.uint8)
        panels.label(pixels, "region 1\nink", *place)
        white = np.argwhere((pixels == 255).all(axis=-1))
        assert 40 < np.ptp(white[:, 0]) < 50 < 70 < np.ptp(white[:, 1]) < 110
        assert (pixels[place] == 255).all()


def test_a_choice_paints_in_the_background_what_the_controls_say(regions, live, monkeypatch):
    seen = []

    def paint(choices):
        seen.append(choices)
        yield regions.photo, "step 1"

    monkeypatch.setattr(regions, "paint", paint)
    demo = control.RegionDemo(regions)
    before = demo.image.value
    demo.controls["region 3"].value = "a"
    wait_for(lambda: "nst-demo" not in [thread.name for thread in threading.enumerate()])
    assert seen == [{"region 1": "a", "region 2": "b", "region 3": "a"}]
    assert demo.image.value != before
    assert not demo.status.value
    assert demo.button.description == "Paint"
    demo.close()


# --- style mixer, before and after -----------------------------------------------------------------------


def test_the_style_mixer_paints_as_stylize_fast_does(photo, painting):
    mixture = fast.Mixture(photo, {"one": painting, "two": 1 - painting})
    vector, own = nst.style_vector(painting), nst.style_vector(photo)
    for weights, strength, expected in (
        ({"one": 0.3, "two": 0.0}, 1.0, nst.stylize_fast(photo, vector)),  # only the ratio counts
        ({"one": 1.0, "two": 0.0}, 0.4, nst.stylize_fast(photo, vector, 0.4)),
        ({"one": 0.0, "two": 0.0}, 1.0, nst.stylize_fast(photo, own)),
        ({"one": 0.1, "two": 0.1}, 1.0, mixture.paint({"one": 1.0, "two": 1.0})),
    ):
        np.testing.assert_allclose(mixture.paint(weights, strength), expected, atol=1e-4)
    assert mixture.portions({"one": 0.1, "two": 0.3}) == pytest.approx({"one": 0.25, "two": 0.75})


def test_the_style_mixer_begins_half_and_half_and_its_shares_add_up(photo, painting, live, monkeypatch):
    draw, titles = panels.panel, []
    monkeypatch.setattr(
        fast.panels, "panel", lambda p, title, height: titles.append(title) or draw(p, title, height)
    )
    demo = nst.widgets.style_mixer(photo, {"a": painting, "b": 1 - painting, "c": painting})
    assert titles[:3] == ["a 50%", "b 50%", "c 0%"]
    demo.controls["c"].value = 0.5
    assert titles[4:7] == ["a 33%", "b 34%", "c 33%"]
    demo.close()


def test_the_seam_is_where_the_slider_says():
    black, white = np.zeros((50, 100, 3), np.uint8), np.full((50, 100, 3), 200, np.uint8)
    line = pictures.draw_seam(black, white, ("a", "b"), 0.25)[-10, :, 0]
    assert (line[:23] == 0).all()
    assert (line[26:100] == 200).all()
    assert 255 in line
    for share, value in ((0.0, 200), (1.0, 0)):
        assert (pictures.draw_seam(black, white, ("a", "b"), share)[-10, :100] == value).all()
