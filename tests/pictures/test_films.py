"""Films are read frame by frame and written whole; what is none is named."""

import cv2
import numpy as np
import pytest

import nst_utils
from nst_utils.pictures import films
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.films import Film, KeptFrames, save_film

PHOTO = nst_utils.photo("chelsea", 96)[:48, :64]
FRAMES = [np.roll(PHOTO, 2 * n, axis=1) for n in range(6)]


@pytest.fixture
def film(tmp_path):
    return save_film(FRAMES, tmp_path / "Übung 🎞.mp4", rate=12)


def test_a_film_comes_back_as_pictures_as_often_as_one_likes(film):
    read = Film(film)
    assert (len(read), read.rate, read.shape) == (6, 12, (48, 64))
    for _ in range(2):
        pictures = list(read)
        assert [(p.shape, p.dtype) for p in pictures] == [((48, 64, 3), np.float32)] * 6
        assert np.abs(np.stack(pictures) - FRAMES).mean() < 0.03
    later = Film(film, start=4)
    assert len(later) == 2
    np.testing.assert_array_equal(list(later), pictures[4:])
    red = save_film([np.full((16, 16, 3), (0.8, 0.1, 0.1), np.float32)], film.with_name("red.mp4"))
    np.testing.assert_allclose(next(iter(Film(red))).mean((0, 1)), (0.8, 0.1, 0.1), atol=0.05)


def test_the_sides_of_a_smaller_film_are_even(film):
    assert Film(film, 33).shape == (24, 32)
    assert next(iter(Film(film, 40))).shape == (30, 40, 3)
    with pytest.raises(ImageError, match="choose a larger size"):
        Film(film, 8)


@pytest.mark.parametrize("data", [b"", b"no film", b"<html>", "half"])
def test_what_is_no_film_is_a_sentence_and_nothing_beside_it(film, data, capfd):
    broken = film.with_name("broken.mp4")
    broken.write_bytes(film.read_bytes()[: film.stat().st_size // 2] if data == "half" else data)
    with pytest.raises(ImageError, match=r"broken\.mp4 is not a film that can be read"):
        Film(broken)
    assert capfd.readouterr() == ("", "")


def test_a_missing_film_is_named_with_near_names(film):
    with pytest.raises(ImageError, match=r"cannot be opened.*check the path"):
        Film(film.with_name("nothing.mp4"))


class Capture:
    """A film of OpenCV's whose third frame is another than the file promises."""

    def __init__(self, *_):
        self.frames = iter(self.pixels)

    def read(self):
        return True, self.pixels[0]

    def grab(self):
        self.frame = next(self.frames, None)
        return self.frame is not None

    def retrieve(self):
        return True, self.frame

    def get(self, what):
        return {cv2.CAP_PROP_FPS: 0.0, cv2.CAP_PROP_FRAME_COUNT: 5.0}[what]


def test_a_changed_size_is_a_sentence_and_a_film_that_is_cut_off_a_warning(film, monkeypatch):
    monkeypatch.setattr(films.cv2, "VideoCapture", Capture)
    Capture.pixels = [np.zeros((32, 32, 3), np.uint8)] * 2 + [np.zeros((16, 32, 3), np.uint8)]
    read = Film(film)
    assert read.rate == films.USUAL_RATE
    with pytest.raises(ImageError, match="frames of another size, or damaged, from number 2 on"):
        list(read)
    Capture.pixels = Capture.pixels[:2]
    with pytest.warns(UserWarning, match="ends after 2 of 5 frames"):
        assert len(list(Film(film))) == 2


def test_a_film_is_saved_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "a.mp4"
    target.write_bytes(b"old")
    two_sizes, not_a_picture = [PHOTO, PHOTO[2:]], [PHOTO * 255]
    for frames, says in (([], "no frames"), (two_sizes, "differ in size"), (not_a_picture, "divide")):
        with pytest.raises(ImageError, match=says):
            save_film(frames, target)
    with pytest.raises(ImageError, match=r"ends in \.mp4"):
        save_film(FRAMES, tmp_path / "a.avi")
    monkeypatch.setattr(films.cv2.VideoWriter, "isOpened", lambda _: False, raising=False)
    monkeypatch.setattr(films.cv2, "VideoWriter_fourcc", lambda *_: 0)
    with pytest.raises(ImageError, match="no codec for MPEG-4"):
        save_film(FRAMES, target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_disk_that_fills_up_while_a_film_is_written_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(films.Film, "__len__", lambda _: 3)
    with pytest.raises(ImageError, match="came out incomplete; check the space on the disk"):
        save_film(FRAMES, tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_kept_frames_go_on_unless_they_are_made_of_something_else(tmp_path):
    folder = tmp_path / "a.frames"
    kept = KeptFrames(folder, {"style": "ink"})
    assert not kept
    kept.append(FRAMES[0])
    kept.append(FRAMES[1])
    again = KeptFrames(folder, {"style": "ink"})
    assert len(again) == 2
    np.testing.assert_allclose(again[-1], FRAMES[1], atol=0.003)
    with pytest.raises(ImageError, match="holds something else"):
        KeptFrames(folder, {"style": "mosaic"})
    assert len(again) == 2
    assert not KeptFrames(folder, {"style": "mosaic"}, force=True)
    assert not folder.exists()
    folder.mkdir()
    (folder / "000000.png").write_bytes(b"somebody else's")
    with pytest.raises(ImageError, match="holds something else"):
        KeptFrames(folder, {"style": "ink"}, force=True)
    assert (folder / "000000.png").exists()
