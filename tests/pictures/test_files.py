"""Pictures from files of every kind, and back into files."""

import contextlib
import io
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from picture_checks import assert_is_picture, color_of
from PIL import Image

from nst_utils import ImageError, load_image, save_image, to_uint8
from nst_utils.pictures import files

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sides = st.integers(16, 40)
pictures = arrays.arrays(np.float32, st.tuples(sides, sides, st.just(3)), elements=st.floats(0, 1, width=32))
RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)


def encoded(image, file_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


# From files


@pytest.mark.parametrize("kind", [str, Path, bytes, "file", "PIL"])
def test_one_image_in_every_wrapping_gives_the_same_picture(tmp_path, gradient, kind):
    path = save_image(gradient, tmp_path / "gradient.png")
    if kind == "file":
        with open(path, "rb") as file:
            picture = load_image(file)
    elif kind == "PIL":
        picture = load_image(Image.open(path))
    else:
        picture = load_image(path.read_bytes() if kind is bytes else kind(path))
    assert_is_picture(picture, (24, 32, 3))
    np.testing.assert_allclose(picture, gradient, atol=0.5 / 255 + 1e-6)


def test_a_stream_that_cannot_seek_is_read(gradient):
    class Stream:
        def __init__(self, data):
            self.data = data

        def read(self):
            return self.data

    data = encoded(Image.fromarray(to_uint8(gradient)), "PNG")
    np.testing.assert_array_equal(load_image(Stream(data)), load_image(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_with_a_turned_camera_stands_upright(gradient, orientation):
    turned_back = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(turned_back(to_uint8(gradient))))
    picture = load_image(encoded(stored, "PNG", exif=exif))
    np.testing.assert_allclose(picture, gradient, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("RGB", (255, 0, 0), RED),
        ("L", 51, (0.2, 0.2, 0.2)),
        ("1", 1, WHITE),
        ("1", 0, (0, 0, 0)),
        ("RGBA", (0, 0, 255, 255), BLUE),
        ("RGBA", (0, 0, 255, 0), WHITE),
        ("RGBA", (0, 0, 0, 51), (0.8, 0.8, 0.8)),
        ("LA", (0, 204), (0.2, 0.2, 0.2)),
        ("CMYK", (0, 255, 255, 0), RED),
        ("I;16", 0x3333, (0.2, 0.2, 0.2)),
        ("I", 0x3333, (0.2, 0.2, 0.2)),
        ("F", 0.2, (0.2, 0.2, 0.2)),
        ("YCbCr", (255, 128, 128), WHITE),
    ],
)
def test_every_kind_of_color_becomes_rgb(mode, color, expected):
    picture = load_image(Image.new(mode, (20, 16), color))
    assert_is_picture(picture, (16, 20, 3))
    assert color_of(picture) == pytest.approx(expected, abs=1e-3)


def test_a_palette_keeps_its_colors_and_its_hole_becomes_white():
    image = Image.new("P", (20, 16), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (10, 0, 20, 16))
    solid = load_image(encoded(image, "PNG"))
    holed = load_image(encoded(image, "PNG", transparency=1))
    assert color_of(solid[:, :10]) == color_of(holed[:, :10]) == RED
    assert color_of(solid[:, 10:]) == GREEN
    assert color_of(holed[:, 10:]) == WHITE


def test_the_transparent_color_of_a_png_without_alpha_becomes_white():
    image = Image.new("RGB", (20, 16), (0, 0, 255))
    assert color_of(load_image(encoded(image, "PNG", transparency=(0, 0, 255)))) == WHITE
    assert color_of(load_image(encoded(image, "PNG", transparency=(0, 255, 0)))) == BLUE


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(file_format):
    ramp = np.linspace(0, 65535, 16 * 20).astype(np.uint16).reshape(16, 20)
    picture = load_image(encoded(Image.fromarray(ramp), file_format))
    np.testing.assert_allclose(picture[..., 1], ramp / 65535, atol=1e-6)


def test_cmyk_of_a_jpeg_becomes_rgb():
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    assert color_of(load_image(encoded(image, "JPEG", quality=100))) == pytest.approx(RED, abs=0.02)


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (20, 16), color) for color in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert color_of(load_image(data)) == RED


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM"])
def test_the_usual_formats_are_read(file_format):
    image = Image.new("RGB", (20, 16), (255, 0, 0))
    picture = load_image(encoded(image, file_format))
    np.testing.assert_allclose(picture, np.broadcast_to(RED, (16, 20, 3)), atol=0.02)


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "BMP"]))
@quick
def test_random_damage_gives_a_picture_or_an_image_error(noise, file_format):
    data = bytearray(encoded(Image.new("RGB", (20, 16), "red"), file_format))
    data[10 : 10 + len(noise)] = noise
    with contextlib.suppress(ImageError):  # anything else fails the test
        picture = load_image(bytes(data))
        assert_is_picture(picture, picture.shape)


# To files


@given(pictures)
@quick
def test_png_keeps_a_picture_to_half_a_step_of_8_bits(tmp_path, picture):
    path = save_image(picture, tmp_path / "picture.png")
    np.testing.assert_allclose(load_image(path), picture, atol=1 / 510 + 1e-6)


@pytest.mark.parametrize(
    ("name", "file_format"),
    [("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.webp", "WEBP")],
)
def test_the_extension_chooses_the_format(tmp_path, gradient, name, file_format):
    path = save_image(gradient, str(tmp_path / name))
    assert path == tmp_path / name
    with Image.open(path) as image:
        assert image.format == file_format
    np.testing.assert_allclose(load_image(path), gradient, atol=0.15)


def test_a_jpeg_keeps_the_colors_of_fine_lines(tmp_path):
    lines = np.zeros((32, 32, 3), np.float32)
    lines[::2] = RED
    lines[1::2] = BLUE
    picture = load_image(save_image(lines, tmp_path / "lines.jpg"))
    np.testing.assert_allclose(picture, lines, atol=0.2)


def test_higher_quality_takes_more_bytes(tmp_path, gradient):
    coarse = save_image(gradient, tmp_path / "coarse.jpg", quality=20)
    fine = save_image(gradient, tmp_path / "fine.jpg", quality=95)
    assert coarse.stat().st_size < fine.stat().st_size


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.tiff", r"\.png, \.jpg"),
        ("a", r"\.png, \.jpg"),
        ("nowhere/a.png", "choose another folder"),
    ],
)
def test_a_bad_path_is_refused_with_the_next_step(tmp_path, gradient, name, says):
    with pytest.raises(ImageError, match=says):
        save_image(gradient, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_is_in_the_way(tmp_path, gradient):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ImageError, match=r"a\.png"):
        save_image(gradient, tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("fails", ["open", "replace"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path, gradient, monkeypatch, fails
):
    path = save_image(gradient, tmp_path / "a.png")
    before = path.read_bytes()

    def refuse(*_, **__):
        raise PermissionError(13, "no entry")

    if fails == "open":
        monkeypatch.setattr(files, "open", refuse, raising=False)
    else:
        monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(ImageError, match="no entry"):
        save_image(1 - gradient, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_up_leaves_no_half_file(tmp_path, gradient, monkeypatch):
    def fill(image, file, *_, **__):
        file.write(b"half a fi")
        raise OSError(28, "disk full")

    monkeypatch.setattr(Image.Image, "save", fill)
    with pytest.raises(ImageError, match="disk full"):
        save_image(gradient, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_too_wide_for_webp_is_an_image_error(tmp_path):
    with pytest.raises(ImageError, match="format"):
        save_image(np.zeros((1, 16384, 3), np.float32), tmp_path / "a.webp")


def test_what_is_not_a_picture_is_not_saved(tmp_path, gradient):
    with pytest.raises(ImageError, match="divide by 255"):
        save_image(gradient * 255, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
