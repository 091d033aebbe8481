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
from nst_utils.widgets import background, fast, features, gram, losses, panels, pictures
from nst_utils.widgets.demo import WIDGET_VIEW, Demo, Still

DEMOS = {
    "layer_browser": lambda photo, painting: nst.widgets.layer_browser(photo),
    "gram_explorer": lambda photo, painting: nst.widgets.gram_explorer(painting, photo),
    "loss_mixer": lambda photo, painting: nst.widgets.loss_mixer(photo, painting, size=32),
    "style_mixer": lambda photo, painting: nst.widgets.style_mixer(photo, {"a": painting, "b": photo}),
    "before_after": lambda photo, painting: nst.widgets.before_after(photo, painting),
}


@pytest.fixture
def live(monkeypatch):
    """As in a notebook with somebody before it."""
    monkeypatch.delenv("NST_PROGRESS", raising=False)


def pixels_of(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def wait_for(condition, seconds=20):
    end = time.perf_counter() + seconds
    while not condition():
        assert time.perf_counter() < end, "it did not happen"
        time.sleep(0.005)


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


# --- what a cell shows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEMOS)
def test_unattended_a_demo_is_a_figure_and_makes_no_widget(name, photo, painting, monkeypatch):
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setattr(ipywidgets.Widget, "open", lambda self: pytest.fail("it made a widget"))
    shown = DEMOS[name](photo, painting)
    data = shown._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/jpeg"}
    picture = pixels_of(base64.b64decode(data["image/jpeg"]))
    assert picture.std() > 20
    assert 300 < picture.shape[1] < 1100
    assert data["text/plain"] == f"<{shown.description}>"


@pytest.mark.parametrize("name", DEMOS)
def test_live_a_demo_offers_controls_and_a_figure_in_one_bundle(name, photo, painting, live):
    demo = DEMOS[name](photo, painting)
    data = demo._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/jpeg", WIDGET_VIEW}
    assert data[WIDGET_VIEW]["model_id"] == demo.box.model_id
    assert base64.b64decode(data["image/jpeg"]) == demo.image.value
    assert "<b>Try:</b>" in demo.box.children[0].value
    for control in demo.controls.values():
        assert control.description
    demo.close()


def test_a_notebook_run_unattended_keeps_a_figure_and_no_widgets(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    cell = "import nst_utils as nst\np = nst.photo('astronaut', 64)\nnst.widgets.before_after(p, 1 - p)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    folder = str(Path(nst.__file__).resolve().parent.parent)
    client = NotebookClient(notebook, resources={"metadata": {"path": folder}}, timeout=120)
    client.execute()
    assert "widgets" not in notebook.metadata
    assert set(notebook.cells[0].outputs[0]["data"]) == {"text/plain", "image/jpeg"}


def test_an_exported_page_shows_the_figure_of_a_live_notebook(photo, live):
    import nbformat
    from nbconvert import HTMLExporter

    demo = nst.widgets.before_after(photo, 1 - photo, ("positive", "negative"))
    data = demo._repr_mimebundle_()
    output = nbformat.v4.new_output("execute_result", data=data)
    cell = nbformat.v4.new_code_cell("demo", outputs=[output])
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "data:image/jpeg;base64," + data["image/jpeg"][:200] in page
    demo.close()


def test_only_widgets_imports_ipywidgets():
    code = "import nst_utils.plots, nst_utils.runs.live, sys; sys.exit('ipywidgets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
    for path in Path(nst.__file__).parent.rglob("*.py"):
        if path.parent.name != "widgets":
            assert "ipywidgets" not in path.read_text(), path


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
    assert "Traceback" in demo.status.value
    slider.value = 4
    assert demo.status.value == ""
    assert (demo.figure == 4).all()
    demo.close()


# --- panels ----------------------------------------------------------------------------------------------


def test_heat_goes_from_the_dark_end_to_the_light_end_of_the_colors():
    colors = panels.heat_colors(np.array([[0.0, 1.0, 2.0]]), 2.0)
    brightness = colors.astype(float).mean(-1)[0]
    assert brightness[0] < 5
    assert 50 < brightness[1] < 180
    assert brightness[2] > 200
    assert not panels.heat_colors(np.zeros((2, 2)), 0.0).max() > 5  # a silent channel


def test_a_panel_makes_room_for_its_title_and_keeps_values_sharp():
    two = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    shown = panels.panel(two, "a long title that needs room\nin two lines", 40, smooth=False)
    assert shown.shape[0] == 40 + 2 * panels.LINE + 4
    assert shown.shape[1] > 200
    field = shown[-40:, :80]
    assert set(np.unique(field)) == {0, 255}
    assert (field[:, :40] == 0).all()


def test_shares_are_as_long_as_their_part_of_the_sum():
    bar = panels.shares({"content": 1.0, "style": 3.0, "total_variation": 0.0}, "t", 400)
    line = bar[panels.LINE + 15]
    assert (line == line[0]).all(-1).sum() == 100
    assert (line == line[-1]).all(-1).sum() == 300


def test_bars_stop_at_the_top_value():
    drawn = panels.bars({"one": 1.0, "nine": 9.0}, 2.0, "t", 300, 100)
    orange = (drawn == drawn[panels.LINE + 4 + 75, 100]).all(-1)
    one, nine = orange[panels.LINE + 4 + 20].sum(), orange[panels.LINE + 4 + 75].sum()
    assert abs(one - nine / 2) <= 1


# --- layer browser ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def maps(photo):
    return features.Maps(photo, nst.FeatureExtractor(["block1_conv1", "block4_conv2"]))


def test_the_browser_holds_the_features_of_the_extractor(maps, photo):
    layer = "block4_conv2"
    expected = nst.FeatureExtractor(layer)(photo)[layer][0]
    np.testing.assert_allclose(maps.features[layer], expected, rtol=1e-3, atol=0.1)
    assert maps.features[layer].shape == (12, 12, 512)


def test_the_overlay_is_gray_where_a_channel_is_silent_and_colored_where_it_is_strongest(photo):
    maps = features.Maps(photo, lambda picture: {"toy": np.zeros((1, 12, 12, 1), np.float32)})
    maps.features["toy"][2:4, 2:4, 0] = 5
    drawn = maps.overlay("toy", 0, 240)[-240:].astype(float)
    spread = drawn.max(-1) - drawn.min(-1)
    assert spread[200, 200] <= 1
    assert drawn[60, 60].mean() > 200
    maps.features["toy"][:] = 0
    silent = maps.overlay("toy", 0, 240)[-240:]
    assert np.ptp(silent.astype(int), axis=-1).max() <= 1


def test_the_liveliest_channel_is_not_one_that_answers_to_the_rim(photo):
    toy = np.zeros((1, 16, 16, 2), np.float32)
    toy[:, 0, :, 0] = 100
    toy[:, 8, 8, 1] = 5
    assert features.Maps(photo, lambda picture: {"toy": toy}).liveliest("toy") == 1


def test_a_new_layer_begins_with_its_liveliest_channel_and_is_drawn_once(photo, maps, live, monkeypatch):
    extractor = nst.FeatureExtractor(["block1_conv1", "block4_conv2"])
    demo = nst.widgets.layer_browser(photo, extractor)
    assert demo.controls["channel"].max == 511
    demo.controls["channel"].value = 500
    before = demo.image.value
    demo.controls["layer"].value = "block1_conv1"
    assert demo.controls["channel"].max == 63
    assert demo.controls["channel"].value == maps.liveliest("block1_conv1")
    assert demo.image.value != before
    np.testing.assert_array_equal(demo.figure, maps.draw("block1_conv1", maps.liveliest("block1_conv1")))
    assert not demo.status.value
    demo.controls["layer"].value = "block4_conv2"
    assert demo.controls["channel"].max == 511
    demo.close()


def test_the_browser_shows_large_pictures_smaller(photo):
    large = nst.resize(photo, 500)
    assert max(features.Maps(large, nst.FeatureExtractor("block1_conv1")).picture.shape) == 384


# --- Gram explorer ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def grams(photo, painting):
    return gram.Grams(painting, photo, nst.FeatureExtractor(gram.STYLE_LAYERS))


def mean_distance(grams, *state):
    return np.mean(list(grams.compare(*state)[2].values()))


def test_shuffled_features_leave_every_gram_matrix_alone_and_blocks_do_not(grams):
    assert mean_distance(grams, 0.0, "none", "none") < 1e-6
    assert mean_distance(grams, 0.0, "none", gram.FEATURES) < 1e-6
    large, small = (mean_distance(grams, 0.0, "none", side) for side in ("64 px", "4 px"))
    assert 0.01 < large < small


def test_shuffled_features_are_the_same_vectors_in_other_places(grams):
    layer = "block3_conv1"
    before, after = (
        grams.compare(0.0, "none", shuffle)[0][layer].numpy() for shuffle in ("none", gram.FEATURES)
    )
    assert not np.allclose(before, after)
    flat = [np.sort(f.reshape(-1, f.shape[-1]), axis=0) for f in (before, after)]
    np.testing.assert_allclose(*flat, rtol=1e-3, atol=0.1)


def test_half_of_another_picture_is_a_quarter_of_the_distance(grams):
    half, whole = (grams.compare(share, "none", "none")[2] for share in (0.5, 1.0))
    # Nearly: the two halves of a picture are not alike
    assert 0.1 < half["block1_conv1"] / whole["block1_conv1"] < 0.45


@pytest.mark.parametrize(("crop", "side"), [("none", 192), ("to 3/4", 144), ("to 1/2", 96), ("to 1/4", 48)])
def test_crops_keep_the_middle(grams, crop, side):
    changed = grams.change(0.0, crop, "none")
    assert changed.shape == (side, side, 3)
    start = (192 - side) // 2
    np.testing.assert_array_equal(changed, grams.picture[start : start + side, start : start + side])


@pytest.mark.parametrize("side", [1, 7, 16, 500])
def test_blocks_are_all_there_after_the_shuffle(side):
    picture = np.random.default_rng(1).random((40, 60, 3), np.float32)
    shuffled = gram.shuffle_blocks(picture, side)
    side = min(side, 40)
    assert shuffled.shape == (40 // side * side, 60 // side * side, 3)
    used = picture[: shuffled.shape[0], : shuffled.shape[1]]
    np.testing.assert_array_equal(np.sort(shuffled.ravel()), np.sort(used.ravel()))


def test_the_explorer_takes_pictures_that_are_not_square(photo, painting):
    grams = gram.Grams(photo[:60], painting, nst.FeatureExtractor(gram.STYLE_LAYERS))
    assert grams.other.shape == grams.picture.shape == (120, 192, 3)
    for state in ((0.3, "to 1/4", "64 px"), (0.3, "to 1/4", gram.FEATURES)):
        assert grams.draw("block5_conv1", *state).dtype == np.uint8


@pytest.mark.parametrize(
    ("control", "value"), [("share", 0.5), ("crop", "to 1/2"), ("shuffle", "4 px"), ("layer", "block1_conv1")]
)
def test_every_control_of_the_explorer_changes_the_picture(control, value, photo, painting, live):
    demo = nst.widgets.gram_explorer(painting, photo)
    before = demo.image.value
    demo.controls[control].value = value
    assert demo.image.value != before
    assert not demo.status.value
    demo.close()


# --- loss mixer ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_painter(photo, painting):
    return losses.Painter(photo, painting, 48)


def test_each_run_of_the_painter_begins_anew_and_nothing_is_traced_again(small_painter):
    first = [iterate.picture for iterate in small_painter.paint(losses.WEIGHTS)]
    descent = small_painter._descent
    list(small_painter.paint({"content": 3.0, "style": 0.1, "total_variation": 0.01}))
    again = [iterate.picture for iterate in small_painter.paint(losses.WEIGHTS)]
    assert len(first) == losses.STEPS
    assert small_painter._descent is descent
    np.testing.assert_allclose(first[0], again[0], atol=1e-3)  # moments of Adam from before would show here
    assert np.abs(first[-1] - again[-1]).mean() < 0.02


def test_the_painter_does_what_the_loop_does(small_painter, extractor):
    from nst_utils.loop import minimize

    weights = {"content": 0.5, "style": 2.0, "total_variation": 0.1}
    *_, last = small_painter.paint(weights)
    by_name = {f"{name}_weight": weight for name, weight in weights.items()}
    loss = nst.StyleTransferLoss(extractor, small_painter.content, small_painter.style, **by_name)
    run = minimize(loss, small_painter.content, steps=losses.STEPS)
    # One is in float32, the other in bfloat16 where that is faster
    assert last.losses["total"] == pytest.approx(run.history["total"][-1], rel=0.1)


def test_weights_have_their_say(small_painter):
    def last(**changed):
        *_, iterate = small_painter.paint({**losses.WEIGHTS, **changed})
        return iterate.losses

    assert last(content=10.0)["content"] < last(content=0.01)["content"]
    assert last(total_variation=10.0)["total_variation"] < last(total_variation=0.01)["total_variation"]


@pytest.fixture
def mixer(small_painter, live):
    list(small_painter.paint(losses.WEIGHTS))  # warm
    mixer = losses.LossMixer(small_painter)
    yield mixer
    mixer.background.wait()
    mixer.close()


def test_a_move_paints_soon_blocks_nothing_and_ends_by_itself(mixer):
    before = mixer.image.value
    assert not mixer.background.running
    assert seconds(lambda: setattr(mixer.controls["style"], "value", 10.0)) < 0.2
    assert mixer.button.description == "Stop"
    assert seconds(lambda: wait_for(lambda: mixer.image.value != before)) < 2
    wait_for(lambda: not mixer.background.running)
    wait_for(lambda: mixer.button.description == "Paint")
    assert "nst-demo" not in [thread.name for thread in threading.enumerate()]
    assert mixer.figure.shape == mixer._painter.draw(mixer._painter.content, "x").shape


def test_a_move_during_a_run_starts_again_with_the_new_weights(mixer, monkeypatch):
    seen, original = [], mixer._painter.paint

    def paint(weights):
        for iterate in original(weights):
            seen.append((weights["style"], iterate.step))
            yield iterate

    monkeypatch.setattr(mixer._painter, "paint", paint)
    mixer.controls["style"].value = 10.0
    wait_for(lambda: len(seen) >= 3)
    mixer.controls["style"].value = 0.1
    wait_for(lambda: not mixer.background.running)
    assert seen[0] == (10.0, 1)
    assert (0.1, 1) in seen
    assert seen[-1] == (0.1, losses.STEPS)
    assert max(step for weight, step in seen if weight == 10.0) < losses.STEPS


def test_the_button_starts_and_stops(mixer):
    mixer.button.click()
    assert mixer.background.running
    mixer.button.click()
    assert not mixer.background.running
    assert mixer.button.description == "Paint"
    mixer.background.wait()
    stopped = mixer.image.value
    time.sleep(0.2)
    assert mixer.image.value == stopped


def test_a_front_end_that_rounds_a_weight_starts_nothing(mixer):
    control = mixer.controls["content"]
    control.value *= 1 + 1e-9
    assert not mixer.background.running


def test_closing_ends_the_thread(small_painter, live):
    mixer = losses.LossMixer(small_painter)
    mixer.start()
    mixer.close()
    wait_for(lambda: mixer.background._thread is None)


def test_an_error_in_the_background_is_shown_and_the_next_start_works(mixer, monkeypatch):
    def fail(weights):
        raise MemoryError("nothing left")

    with monkeypatch.context() as patch:
        patch.setattr(mixer._painter, "paint", fail)
        mixer.button.click()
        wait_for(lambda: "MemoryError: nothing left" in mixer.status.value)
    assert mixer.button.description == "Paint"
    mixer.button.click()
    wait_for(lambda: mixer.status.value == "")


def test_the_end_of_python_waits_for_the_step_at_work():
    code = """
import time
from nst_utils.widgets.background import Background

def work():
    for number in range(1000):
        time.sleep(0.2)
        print(number, flush=True)
        yield

Background(work, lambda: print("end"), print).start()
time.sleep(0.5)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
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


# --- style mixer -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixture(photo, painting):
    return fast.Mixture(photo, {"swirls": painting, "mosaic": nst.painting("mosaic", 96)})


def test_one_painting_alone_is_stylize_fast_with_its_vector(mixture, photo, painting):
    vector = nst.style_vector(painting)
    expected = nst.stylize_fast(photo, vector)
    np.testing.assert_allclose(mixture.paint({"swirls": 0.3, "mosaic": 0.0}), expected, atol=1e-4)
    weaker = mixture.paint({"swirls": 1.0, "mosaic": 0.0}, strength=0.4)
    np.testing.assert_allclose(weaker, nst.stylize_fast(photo, vector, 0.4), atol=1e-4)


def test_only_the_ratio_of_the_weights_counts(mixture):
    few, many = (mixture.paint({"swirls": w, "mosaic": w}) for w in (0.1, 1.0))
    np.testing.assert_allclose(few, many, atol=1e-4)
    assert mixture.portions({"swirls": 0.1, "mosaic": 0.3}) == pytest.approx({"swirls": 0.25, "mosaic": 0.75})


def test_without_any_weight_the_photo_keeps_its_own_style(mixture, photo):
    own = nst.stylize_fast(photo, nst.style_vector(photo))
    np.testing.assert_allclose(mixture.paint({"swirls": 0.0, "mosaic": 0.0}), own, atol=1e-4)
    assert mixture.draw(1.0, swirls=0.0, mosaic=0.0).dtype == np.uint8


def test_the_sliders_of_the_style_mixer_repaint(photo, painting, live):
    demo = nst.widgets.style_mixer(photo, {"one": painting, "two": 1 - painting})
    seen = [demo.image.value]
    for name, value in (("two", 1.0), ("one", 0.0), ("strength", 0.5), ("two", 0.0)):
        demo.controls[name].value = value
        seen.append(demo.image.value)
    assert len(set(seen)) == len(seen)
    assert not demo.status.value
    demo.close()


def test_no_painting_is_a_value_error(photo):
    with pytest.raises(ValueError, match="paintings"):
        nst.widgets.style_mixer(photo, {})


# --- before and after ------------------------------------------------------------------------------------


def test_the_seam_is_where_the_slider_says(live):
    black, white = np.zeros((50, 100, 3), np.uint8), np.full((50, 100, 3), 200, np.uint8)
    line = pictures.draw_seam(black, white, ("a", "b"), 0.25)[-10, :, 0]
    assert (line[:23] == 0).all()
    assert (line[26:100] == 200).all()
    assert 255 in line
    for share, value in ((0.0, 200), (1.0, 0)):
        assert (pictures.draw_seam(black, white, ("a", "b"), share)[-10, :100] == value).all()


def test_pulling_the_seam_changes_the_picture_and_sizes_may_differ(photo, painting, live):
    demo = nst.widgets.before_after(nst.resize(photo, 48), painting)
    before = demo.image.value
    demo.controls["share"].value = 0.1
    assert demo.image.value != before
    demo.close()


def test_what_is_no_picture_is_refused(photo):
    with pytest.raises(nst.ImageError, match="before has values"):
        nst.widgets.before_after(photo * 255, photo)


# --- speed: twice what is wanted on two cores ------------------------------------------------------------


def median_seconds(function, times=5):
    function()
    return np.median([seconds(function) for _ in range(times)])


def test_the_browser_and_the_seam_answer_at_once(live):
    photo = nst.photo("astronaut", 256)
    maps = features.Maps(photo, nst.FeatureExtractor("block2_conv1"))
    assert median_seconds(lambda: panels.jpeg(maps.draw("block2_conv1", 3))) < 0.6
    demo = nst.widgets.before_after(photo, 1 - photo)
    shares = iter(np.linspace(0.1, 0.9, 6))
    assert median_seconds(lambda: setattr(demo.controls["share"], "value", next(shares))) < 0.6
    demo.close()


def test_the_style_mixer_answers_while_a_slider_moves():
    photo = nst.photo("astronaut", 384)
    mixture = fast.Mixture(photo, {"swirls": nst.painting("swirls", 256), "ink": nst.painting("ink", 256)})
    assert median_seconds(lambda: panels.jpeg(mixture.draw(0.7, swirls=0.5, ink=0.5))) < 0.6


def test_the_explorer_answers_within_a_second(photo, painting):
    extractor = nst.FeatureExtractor(gram.STYLE_LAYERS, precision="auto")
    grams = gram.Grams(painting, photo, extractor)
    assert median_seconds(lambda: panels.jpeg(grams.draw("block3_conv1", 0.5, "none", "4 px"))) < 1.2


def test_the_loss_mixer_shows_its_first_step_within_a_second(live):
    demo = nst.widgets.loss_mixer(nst.photo("astronaut", 128), nst.painting("swirls", 128))
    demo.start()
    wait_for(lambda: demo._painter._descent is not None, 60)
    for weight in (10.0, 0.1):
        demo.controls["content"].value = weight
        before = demo.image.value
        assert seconds(lambda before=before: wait_for(lambda: demo.image.value != before)) < 2
    demo.background.wait()
    demo.close()


def test_a_still_is_a_demo_without_controls():
    assert issubclass(Demo, Still)
    assert repr(Still(np.zeros((4, 4, 3), np.uint8), "what is seen")) == "<what is seen>"
