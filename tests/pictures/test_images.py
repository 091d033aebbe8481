"""Pictures in, pictures out: every kind of image in, clear words for what is none."""

import contextlib
import io
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nst_utils.base.download import DownloadError
from nst_utils.pictures import images
from nst_utils.pictures.images import (
    ImageError,
    check_picture,
    from_uint8,
    load_image,
    resize,
    save_image,
    to_batch,
    to_uint8,
)

RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)

quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
colors_8_bit = arrays.arrays(
    np.uint8, st.tuples(st.integers(16, 40), st.integers(16, 40), st.just(3))
)
pictures = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)),
    elements=st.floats(0, 1, width=32),
)
sides = st.integers(1, 60)


def encoded(image, file_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.fixture
def gradient():
    """Return a picture, 24 high and 32 wide, that differs in every direction and channel."""
    y, x = np.mgrid[0:24, 0:32].astype(np.float32)
    return np.stack([x / 31, y / 23, (x + y) / 54], axis=-1)


def assert_is_picture(picture, shape):
    assert picture.shape == shape
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1


def color_of(picture):
    """Return the one color of a plain picture."""
    color = picture[0, 0]
    np.testing.assert_array_equal(picture, np.broadcast_to(color, picture.shape))
    return tuple(color)


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


@pytest.mark.parametrize("name", ["Übung – 北斎 🎨.png", "name with spaces.jpg"])
def test_any_file_name_works(tmp_path, gradient, name):
    path = save_image(gradient, tmp_path / name)
    np.testing.assert_allclose(load_image(path), gradient, atol=0.15)


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


# The size


@pytest.mark.parametrize(
    ("size", "shape"), [(None, (24, 32, 3)), (24, (18, 24, 3)), (128, (96, 128, 3))]
)
def test_size_is_the_longer_side(gradient, size, shape):
    assert_is_picture(load_image(gradient, size=size), shape)
    upright = (shape[1], shape[0], 3)
    assert_is_picture(load_image(gradient.transpose(1, 0, 2), size=size), upright)


def test_a_size_that_leaves_too_few_pixels_is_refused(gradient):
    with pytest.raises(ImageError, match=r"array at size 16 has 16 × 12 pixels; .* 16 at least"):
        load_image(gradient, size=16)


@given(pictures, sides)
@quick
def test_resize_keeps_range_and_aspect(picture, size):
    height, width = picture.shape[:2]
    resized = resize(picture, size)
    assert_is_picture(resized, resized.shape)
    assert max(resized.shape[:2]) == size
    shorter = size * min(height, width) / max(height, width)
    assert abs(min(resized.shape[:2]) - shorter) <= 0.5 or min(resized.shape[:2]) == 1


@given(pictures, st.tuples(sides, sides))
@quick
def test_resize_to_height_and_width(picture, shape):
    assert_is_picture(resize(picture, shape), (*shape, 3))


@given(st.floats(0, 1, width=32), sides, sides, st.tuples(sides, sides))
@quick
def test_resize_keeps_a_plain_color(value, height, width, shape):
    plain = np.full((height, width, 3), value, np.float32)
    np.testing.assert_allclose(resize(plain, shape), value, atol=1e-5)


def test_resize_averages_when_shrinking():
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::2] = 1
    np.testing.assert_allclose(resize(stripes, 16), 0.5, atol=1e-6)


def test_resize_is_smooth_when_enlarging(gradient):
    larger = resize(gradient, (48, 64))
    assert (np.diff(larger[24, 4:-4, 0]) > 0).all()


def test_resize_to_the_same_size_is_an_equal_copy(gradient):
    same = resize(gradient, 32)
    np.testing.assert_array_equal(same, gradient)
    assert not np.shares_memory(same, gradient)


def test_resize_takes_mirrored_and_read_only_pictures(gradient):
    mirrored = gradient[:, ::-1]
    mirrored.flags.writeable = False
    np.testing.assert_allclose(resize(mirrored, 16), resize(gradient, 16)[:, ::-1], atol=1e-6)


@pytest.mark.parametrize(
    "size", [0, -5, 1.5, 32.0, "32", None, (0, 5), (5, 5, 5), (3.0, 4.0), (), [[5]]]
)
def test_resize_refuses_odd_sizes(gradient, size):
    with pytest.raises(ImageError, match="give the longer side, or .height, width., in pixels"):
        resize(gradient, size)


def test_resize_refuses_to_fill_the_memory(gradient):
    with pytest.raises(ImageError, match="100000 .* pixels is too large; choose a smaller size"):
        resize(gradient, 100_000)


# From arrays


@pytest.mark.parametrize(
    ("dtype", "white"), [("uint8", 255), ("uint16", 65535), (">u2", 65535), ("bool", 1)]
)
def test_the_type_of_an_array_tells_its_range(dtype, white):
    array = np.zeros((16, 20, 3), dtype)
    array[..., 0] = white
    assert color_of(load_image(array)) == RED


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floats_are_taken_as_they_are(dtype):
    picture = load_image(np.full((16, 20, 3), 0.25, dtype))
    assert_is_picture(picture, (16, 20, 3))
    assert color_of(picture) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("shape", [(16, 20), (16, 20, 1), (16, 20, 3), (1, 16, 20, 3)])
def test_arrays_of_these_shapes_become_pictures(shape):
    picture = load_image(np.full(shape, 0.5))
    assert_is_picture(picture, (16, 20, 3))
    assert color_of(picture) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("dtype", "opaque"), [("float32", 1), ("uint8", 255)])
def test_transparency_is_laid_over_white(dtype, opaque):
    array = np.zeros((16, 20, 4), dtype)
    array[..., 2] = opaque
    assert color_of(load_image(array)) == WHITE
    array[..., 3] = opaque
    assert color_of(load_image(array)) == BLUE


def test_anything_with_an_array_inside_is_taken():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.full((16, 20, 3), 0.5, np.float32)

    assert_is_picture(load_image(Tensor()), (16, 20, 3))


def test_the_given_array_is_neither_changed_nor_shared(gradient):
    before = gradient.copy()
    picture = load_image(gradient)
    picture[:] = 0
    np.testing.assert_array_equal(gradient, before)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.full((16, 16, 3), 255.0), "values from 255 to 255, not 0 to 1: divide by 255 first"),
        (np.linspace(-1, 1, 768).reshape(16, 16, 3), "values from -1 to 1, .* rescale"),
        (np.linspace(0, 1.2, 768).reshape(16, 16, 3), "values from 0 to 1.2, .*np.clip"),
        (np.full((16, 16, 3), np.nan), "NaN or infinite"),
        (np.full((16, 16, 3), np.inf), "NaN or infinite"),
        (np.ones((16, 16, 3), np.int64), r'int64 values; .*astype\("uint8"\)'),
        (np.ones((3, 16, 20)), r"channels come first: .*transpose\(1, 2, 0\)"),
        (np.ones((16, 20, 2)), r"shape \(16, 20, 2\); a picture has \(height, width, 3\)"),
        (np.ones((2, 16, 20, 3)), r"batch of 2: .*batch\[0\]"),
        (np.ones(16), "shape"),
        (np.ones((0, 20, 3)), "shape"),
        (np.ones((16, 16, 3), complex), "ndarray is no picture"),
        (np.ones((8, 20, 3)), "array has 20 × 8 pixels; .* 16 at least"),
        (np.broadcast_to(np.float32(0), (10_001, 10_000, 3)), "more than 100 megapixels"),
        (None, "NoneType is no picture; give a path"),
        ({}, "dict is no picture"),
        ([[1.0], [1.0, 2.0]], "list cannot be made an array"),
    ],
)
def test_other_arrays_are_refused_in_plain_words(array, says):
    with pytest.raises(ImageError, match=says):
        load_image(array)


# What is no image


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html>\n<html><body>Log in first</body></html>", "is a web page"),
        (b'\xef\xbb\xbf\n <html lang="de">', "is a web page"),
        (b'<?xml version="1.0"?><svg xmlns="a">', "is an SVG drawing; export it as PNG"),
        (b"%PDF-1.7 ...", "is a PDF document; export"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "is a HEIC photo.*export it as JPEG"),
        (b"some text that is no image at all", "is not an image that can be read"),
    ],
)
def test_a_file_that_is_no_image_is_named_for_what_it_is(tmp_path, content, says):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=says) as caught:
        load_image(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
def test_a_truncated_file_is_damaged_or_no_image(tmp_path, file_format):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), file_format)
    path = tmp_path / "holiday.jpg"
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(ImageError, match="holiday.jpg is .*download it again"):
        load_image(path)


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "BMP"]))
@quick
def test_random_damage_gives_a_picture_or_an_image_error(noise, file_format):
    data = bytearray(encoded(Image.new("RGB", (20, 16), "red"), file_format))
    data[10 : 10 + len(noise)] = noise
    with contextlib.suppress(ImageError):  # anything else fails the test
        picture = load_image(bytes(data))
        assert_is_picture(picture, picture.shape)


def test_a_missing_file_is_named_with_its_near_names(tmp_path, gradient):
    save_image(gradient, tmp_path / "Holiday.png")
    for misspelled in ("holiday.png", "Holidya.png", "holiday.jpg"):
        with pytest.raises(ImageError, match=r"does not exist \(did you mean Holiday.png\?\)"):
            load_image(tmp_path / misspelled)
    save_image(gradient, tmp_path / "IMG_01.PNG")
    with pytest.raises(ImageError, match=r"did you mean IMG_01\.PNG"):
        load_image(tmp_path / "img_01.png")
    with pytest.raises(ImageError, match="zebra.gif does not exist; check the path"):
        load_image(tmp_path / "zebra.gif")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ImageError, match="does not exist, nor does its folder .*nowhere"):
        load_image(tmp_path / "nowhere" / "a.png")


def test_a_folder_is_no_image(tmp_path):
    with pytest.raises(ImageError, match="is a folder; give the path of an image in it"):
        load_image(tmp_path)


@pytest.mark.parametrize("path", ["a\0.png", "x" * 5000])
def test_an_impossible_path_is_an_image_error(path):
    with pytest.raises(ImageError, match="cannot be opened"):
        load_image(path)


def test_a_file_open_as_text_is_refused(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("text", encoding="utf-8")
    with (
        open(path, encoding="utf-8") as file,
        pytest.raises(ImageError, match=r"a\.png is open as text; .*\"rb\""),
    ):
        load_image(file)


@pytest.mark.filterwarnings("error")  # Pillow's warning would only repeat the message
@pytest.mark.parametrize("side", [10_001, 14_000, 60_000])
def test_a_decompression_bomb_is_refused_before_decoding(monkeypatch, side):
    row = Image.new("1", (side, 1))
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    data = b"P4 %d %d\n" % (side, side) + b"\0" * row.width
    with pytest.raises(ImageError, match="more than 100 megapixels; shrink it"):
        load_image(data)


def test_a_tiny_image_is_refused(tmp_path):
    path = tmp_path / "pixel.png"
    Image.new("RGB", (40, 15)).save(path)
    with pytest.raises(ImageError, match=r"pixel\.png has 40 × 15 pixels; .* 16 at least"):
        load_image(path)


# From the web


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        pages = {
            "/red.png": encoded(Image.new("RGB", (20, 16), (255, 0, 0)), "PNG"),
            "/page.jpg": b"<!doctype html><title>Not here</title>",
        }
        body = pages.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_image_from_the_web(address):
    picture = load_image(f"{address}/red.png", size=40)
    assert_is_picture(picture, (32, 40, 3))
    assert color_of(picture) == RED


def test_a_web_page_instead_of_an_image_is_said_to_be_one(address):
    with pytest.raises(ImageError, match=r"page\.jpg is a web page"):
        load_image(f"{address}/page.jpg")


def test_a_missing_address_is_a_download_error(address):
    with pytest.raises(DownloadError, match="404"):
        load_image(f"{address}/nothing.png")


def test_other_addresses_are_refused():
    with pytest.raises(DownloadError, match="is not an https address"):
        load_image("ftp://example.com/a.png")


# To files


@given(pictures.filter(lambda picture: min(picture.shape[:2]) >= 16))
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
        ("a.tiff", r"choose one of the extensions \.png, \.jpg"),
        ("a", "choose one of the extensions"),
        ("nowhere/a.png", "folder .*nowhere does not exist; create it first"),
    ],
)
def test_a_bad_path_is_refused_with_the_next_step(tmp_path, gradient, name, says):
    with pytest.raises(ImageError, match=says):
        save_image(gradient, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_that_name_is_in_the_way(tmp_path, gradient):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ImageError, match=r"a\.png cannot be written"):
        save_image(gradient, tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("quality", [0, 101])
def test_quality_has_bounds(tmp_path, gradient, quality):
    with pytest.raises(ImageError, match="choose 1 to 100"):
        save_image(gradient, tmp_path / "a.jpg", quality=quality)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_image_error(tmp_path, gradient):
    tmp_path.chmod(0o500)
    with pytest.raises(ImageError, match="cannot be written .*choose another folder"):
        save_image(gradient, tmp_path / "a.png")


@pytest.mark.parametrize("fails", ["open", "replace"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path, gradient, monkeypatch, fails
):
    path = save_image(gradient, tmp_path / "a.png")
    before = path.read_bytes()

    def refuse(*_, **__):
        raise PermissionError(13, "no entry")

    if fails == "open":
        monkeypatch.setattr(images, "open", refuse, raising=False)
    else:
        monkeypatch.setattr(images.os, "replace", refuse)
    with pytest.raises(ImageError, match=r"a\.png cannot be written \(no entry\); choose another"):
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
    with pytest.raises(ImageError, match=r"cannot be written .*format"):
        save_image(np.zeros((1, 16384, 3), np.float32), tmp_path / "a.webp")


def test_what_is_not_a_picture_is_not_saved(tmp_path, gradient):
    with pytest.raises(ImageError, match="divide by 255"):
        save_image(gradient * 255, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


# Numbers


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=4)))
@quick
def test_8_bits_survive_the_round_trip(array):
    floats = from_uint8(array)
    assert floats.dtype == np.float32
    np.testing.assert_array_equal(to_uint8(floats), array)


def test_to_uint8_rounds_and_clips():
    values = np.array([-0.5, 0, 0.4 / 255, 0.6 / 255, 254.6 / 255, 1, 1.5])
    np.testing.assert_array_equal(to_uint8(values), [0, 0, 0, 1, 255, 255, 255])


@pytest.mark.parametrize("values", [np.array([1, 2]), np.array([np.nan]), np.array(["a"])])
def test_to_uint8_takes_floats_alone(values):
    with pytest.raises(ImageError, match="Expected floats without NaN"):
        to_uint8(values)


def test_from_uint8_takes_uint8_alone():
    with pytest.raises(ImageError, match="Expected uint8 values, not float64"):
        from_uint8(np.array([0.5]))


@given(colors_8_bit)
@quick
def test_loading_an_8_bit_array_is_from_uint8(array):
    np.testing.assert_array_equal(load_image(array), from_uint8(array))


# Checks


def test_a_picture_passes_the_check_as_it_is(gradient):
    assert check_picture(gradient) is gradient


def test_other_floats_are_converted():
    checked = check_picture(np.full((2, 3, 3), 0.5, np.float64))
    assert_is_picture(checked, (2, 3, 3))


def test_rounding_beyond_the_range_is_clipped_and_more_is_not():
    slightly_off = np.array([[[-0.0009, 0.5, 1.0009]]])
    np.testing.assert_allclose(check_picture(slightly_off), [[[0, 0.5, 1]]])
    assert slightly_off.max() > 1
    for value in (-0.002, 1.002):
        with pytest.raises(ImageError, match="not 0 to 1"):
            check_picture(np.full((1, 1, 3), value))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 4, 3), np.uint8), r"style holds uint8, .*load_image\(array\)"),
        (np.zeros((4, 4)), r"style has the shape \(4, 4\); a picture has"),
        (np.zeros((4, 4, 4)), r"style has the shape \(4, 4, 4\)"),
        (np.zeros((1, 4, 4, 3)), r"batch of one: give batch\[0\]"),
        (np.zeros((3, 8, 8)), "channels come first"),
        (np.zeros((0, 4, 3)), "shape"),
        (np.full((4, 4, 3), np.nan), "style holds NaN"),
        (np.full((4, 4, 3), 200.0), "style has values from 200 to 200, .*divide by 255"),
        ("style.png", "str is no picture"),
    ],
)
def test_the_check_names_what_is_wrong(array, says):
    with pytest.raises(ImageError, match=says):
        check_picture(array, "style")


def test_a_picture_and_a_batch_become_a_batch(gradient):
    np.testing.assert_array_equal(to_batch(gradient), gradient[np.newaxis])
    two = np.stack([gradient, 1 - gradient]).astype(np.float64)
    assert to_batch(two).dtype == np.float32
    np.testing.assert_allclose(to_batch(two), two, atol=1e-6)


@pytest.mark.parametrize("batch", [np.zeros((0, 8, 8, 3)), np.full((2, 8, 8, 3), 255.0)])
def test_a_bad_batch_is_refused(batch):
    with pytest.raises(ImageError, match="batch of 0|divide by 255"):
        to_batch(batch)
