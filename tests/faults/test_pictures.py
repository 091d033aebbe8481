"""Pictures that are broken, odd or far away: a picture or a sentence, and never a full memory."""

import builtins
import io
import os
import struct
import subprocess
import sys
import threading
import warnings
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image
from plain_words import check_message, refused

import nst_utils
from nst_utils import __main__ as command_line
from nst_utils.base.download import DownloadError
from nst_utils.pictures import files
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.files import load_image, save_image

NOISE = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
FORMATS = {
    "PNG": {},
    "JPEG": {},
    "progressive JPEG": {"progressive": True},
    "WEBP": {},
    "lossless WEBP": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "compressed TIFF": {"compression": "tiff_lzw"},
    "PPM": {},
}


def encoded(image, file_format, **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format.split()[-1], **options)
    return buffer.getvalue()


# ----- Broken files -----


@pytest.mark.parametrize("tenth", range(10))
@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_cut_at_any_tenth_is_a_sentence_and_nothing_beside_it(tmp_path, capfd, file_format, tenth):
    data = encoded(Image.fromarray(NOISE), file_format, **FORMATS[file_format])
    path = tmp_path / "holiday.jpg"
    path.write_bytes(data[: len(data) * tenth // 10])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with refused(ImageError, "holiday.jpg"):
            load_image(path)
    assert told == []  # Pillow's warnings would stand above the sentence
    if file_format != "compressed TIFF":  # its decoder, libtiff, writes a line of its own
        assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_the_content_counts_and_not_the_extension(tmp_path, file_format):
    path = tmp_path / "picture.gif"
    path.write_bytes(encoded(Image.new("RGB", (20, 16), "red"), file_format))
    np.testing.assert_allclose(load_image(path)[8, 8], (1, 0, 0), atol=0.02)
    other = tmp_path / "picture"  # none at all
    path.rename(other)
    assert load_image(other).shape == (16, 20, 3)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>Log in", "is a web page"),
        (b'\xef\xbb\xbf\n <html lang="de">', "is a web page"),
        (b"<svg xmlns='a'></svg>", "SVG"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypmsf1\x00\x00", "HEIC"),
        (b"no image at all", "is not an image"),
    ],
)
def test_what_is_no_image_is_named_with_the_next_step(tmp_path, content, says):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with refused(ImageError, "holiday.jpg", says):
        load_image(path)


def test_an_avif_picture_is_named_where_pillow_does_not_read_it(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "READ_FORMATS", ("PNG", "JPEG"))
    path = tmp_path / "holiday.avif"
    Image.new("RGB", (20, 16)).save(path)
    with refused(ImageError, "is an AVIF picture", "pip install -U pillow"):
        load_image(path)


def test_what_cannot_be_opened_is_named_with_near_names(tmp_path):
    save_image(np.zeros((16, 16, 3), np.float32), tmp_path / "Holiday.png")
    for misspelled in ("holidai.png", "HOLIDAY.png", "holiday.jpg"):
        with refused(ImageError, "did you mean Holiday.png"):
            load_image(tmp_path / misspelled)
    for path in (tmp_path, tmp_path / "zebra.gif", tmp_path / "nowhere" / "a.png", "a\0.png", "x" * 5000):
        with refused(ImageError, f"{str(path):.300}", "check the path"):
            load_image(path)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1), (15, 400)])
def test_too_few_pixels_are_counted(tmp_path, height, width):
    path = tmp_path / "thin.png"
    Image.new("RGB", (width, height)).save(path)
    with refused(ImageError, f"thin.png has {width} × {height} pixels", "16 at least"):
        load_image(path)


def test_a_long_thin_picture_that_is_large_enough_is_taken(tmp_path):
    path = tmp_path / "thin.png"
    Image.new("RGB", (5000, 16)).save(path)
    assert load_image(path).shape == (16, 5000, 3)


# ----- Claims of a header, with nothing behind them -----


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"x\x9c") + chunk(b"IEND", b"")


def gif(width, height):
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02L\x01\x00;"


def jpeg(width, height):
    data = encoded(Image.fromarray(NOISE), "JPEG")
    place = data.index(b"\xff\xc0") + 5
    # what remains are a few rows of blocks, and no mark of the end
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 : len(data) * 2 // 3]


def webp(width, height):
    data = encoded(Image.fromarray(NOISE), "WEBP")
    place = data.index(b"VP8 ") + 14
    return data[:place] + struct.pack("<HH", width, height) + data[place + 4 :]


def tiff(width, height):
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, height), (279, 4, width * height)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<I", 16) + bytes(8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def bmp(width, height):
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 64, 0, 0, 54) + header + bytes(10)


@pytest.mark.parametrize("claim", [png, gif, jpeg, tiff, bmp])
def test_twenty_thousand_pixels_a_side_in_a_header_are_refused_before_decoding(claim, monkeypatch):
    data = claim(20_000, 20_000)
    assert len(data) < 10_000
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with refused(ImageError, "megapixels; shrink it"):
        load_image(data)


CLAIMS = """
import resource, sys
from PIL import Image
from nst_utils import ImageError, load_image
load_image(Image.new("RGB", (16, 16)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load_image(sys.stdin.buffer.read())
except ImageError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts the memory as Linux does")
@pytest.mark.parametrize("claim", [png, gif, jpeg, webp, tiff, bmp])
def test_a_claim_just_below_the_limit_with_nothing_behind_it_takes_little_memory(claim):
    done = subprocess.run(
        [sys.executable, "-c", CLAIMS], input=claim(9_400, 9_400), capture_output=True, timeout=100
    )
    message, megabytes = done.stdout.decode().splitlines()
    check_message(message)
    assert "damaged or incomplete" in message
    assert int(megabytes) < 500  # decoded and as floats it would be 2200
    assert done.stderr == b""


def test_too_little_memory_for_an_image_is_a_sentence(tmp_path, monkeypatch):
    def exhausted(*_, **__):
        raise MemoryError

    path = save_image(np.zeros((16, 16, 3), np.float32), tmp_path / "large.png")
    monkeypatch.setattr(files, "_to_array", exhausted)
    with refused(MemoryError, "large.png does not fit into memory"):
        load_image(path)


# ----- Arrays -----


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.full((16, 16, 3), np.nan), "NaN"),
        (np.full((16, 16, 3), np.inf), "infinite"),
        (np.ones((16, 16, 3), np.int64), 'astype("uint8")'),
        (np.ones((3, 16, 20)), "transpose(1, 2, 0)"),
        (np.ones((2, 16, 20, 3)), "batch[0]"),
        (np.ones((2, 3, 16, 20)), "batch[0]"),
        (np.ones((16, 20, 2)), "(16, 20, 2)"),
        (np.ones(16), "(16,)"),
        (np.ones((0, 20, 3)), "(0, 20, 3)"),
        (np.full((16, 16, 3), 200.0), "divide by 255"),
        (np.ones((16, 16, 3), complex), "give an array"),
        (None, "load_image"),
        ([[1.0], [1.0, 2.0]], "Give a NumPy array"),
    ],
)
def test_arrays_that_are_no_pictures_are_told_what_to_do(array, says):
    with refused(ImageError, says):
        load_image(array)


def test_a_tensor_that_refuses_to_be_an_array_passes_on_its_advice():
    class NeedsGrad:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach() first.")

    with refused(ImageError, "Use tensor.detach() first. Give a NumPy array."):
        load_image(NeedsGrad())


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_in_every_wrapping_are_an_image(kind):
    assert load_image(kind(encoded(Image.new("RGB", (20, 16)), "PNG"))).shape == (16, 20, 3)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("photo.jpg", "load_image"),
        (None, "load_image"),
        (np.zeros((20, 20), np.float32), "load_image"),
        (np.zeros((20, 20, 4), np.float32), "load_image"),
        (np.zeros((20, 20, 3), np.uint8), "load_image(array)"),
        (np.zeros((1, 20, 20, 3), np.float32), "batch[0]"),
    ],
)
def test_what_stylize_is_given_instead_of_a_picture_leads_to_load_image(given, says):
    with refused(ImageError, "content", says):
        nst_utils.stylize(given, np.zeros((20, 20, 3), np.float32))


@pytest.mark.parametrize(
    ("values", "says"), [(np.array([np.nan]), "NaN"), (np.array([1, 2]), "int64"), (np.array(["a"]), "<U1")]
)
def test_8_bits_of_anything_but_floats_are_refused(values, says):
    with refused(ImageError, says):
        nst_utils.to_uint8(values)
    with refused(ImageError, "use load_image"):
        nst_utils.from_uint8(values)


# ----- Names of files -----

NAMES = ["with spaces.png", "Übung – 北斎 🎨.png", "a'b & d.png", "-dash.png", "%20.png", "x" * 200 + ".png"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_file_is_written_and_read(tmp_path, name):
    picture = np.full((16, 20, 3), 0.4, np.float32)
    folder = tmp_path / "Ordner mit Umlauten äöü"
    folder.mkdir()
    assert load_image(save_image(picture, folder / name)).shape == (16, 20, 3)
    assert [path.name for path in folder.iterdir()] == [name]


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert save_image(np.zeros((16, 16, 3), np.float32), "~/mine.png") == tmp_path / "mine.png"
    assert load_image("~/mine.png").shape == (16, 16, 3)


def test_a_name_of_thousands_of_characters_is_shortened_in_the_message():
    with refused(ImageError, "data:image/png;base64,AAAA"):
        load_image("data:image/png;base64," + "A" * 100_000)


def test_a_folder_without_the_right_to_write_is_a_sentence(tmp_path, monkeypatch):
    def forbidden(path, mode="r", *rest, **named):
        if "x" in mode:
            raise PermissionError(13, "Permission denied", str(path))
        return builtins.open(path, mode, *rest, **named)

    if os.name == "posix" and os.geteuid() != 0:
        tmp_path.chmod(0o500)
    else:  # the administrator may write anywhere
        monkeypatch.setattr(files, "open", forbidden, raising=False)
    with refused(ImageError, "Permission denied", "choose another folder"):
        save_image(np.zeros((16, 16, 3), np.float32), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


# ----- From the web -----


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        page = self.path.strip("/").removesuffix(".png")
        if page == "silent":
            self.server.closing.wait(20)
        elif page == "good":
            self.answer(200, encoded(Image.new("RGB", (20, 16), "red"), "PNG"))
        elif page == "loop":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()
        elif page == "large":
            self.answer(200, b"x" * 1000, length=5 * 10**9)
        elif page == "endless":
            self.send_response(200)
            self.end_headers()
            while not self.server.closing.is_set():
                self.wfile.write(b"x" * 10**6)
        elif page == "login":
            self.answer(200, b"<html>Log in")
        else:
            self.answer(404, b"")

    def answer(self, code, body, length=None):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):  # the client leaves in the middle of what is too large
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        server.closing = threading.Event()
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.closing.set()
        server.shutdown()


BAD_PAGES = {
    "loop": (DownloadError, "HTTP error 302"),
    "missing": (DownloadError, "HTTP error 404"),
    "large": (DownloadError, "larger than the 50,000,000 bytes"),
    "endless": (DownloadError, "larger than the 50,000,000 bytes"),
    "login": (ImageError, "is a web page"),
}


def test_an_image_from_the_web(address):
    assert load_image(f"{address}/good.png", size=40).shape == (32, 40, 3)


@pytest.mark.parametrize("page", BAD_PAGES)
def test_a_bad_address_is_a_sentence(address, page):
    kind, says = BAD_PAGES[page]
    with refused(kind, says):
        load_image(f"{address}/{page}.png")


def test_a_server_that_never_answers_is_given_up_after_five_seconds(address):
    with refused(DownloadError, "no response within 5 s"):
        load_image(f"{address}/silent.png")


@pytest.mark.parametrize("page", BAD_PAGES)
def test_the_command_line_tells_of_a_bad_address_and_writes_nothing(
    address, page, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    command = ["stylize", "astronaut", f"{address}/{page}.png", "--size", "32", "-o", "out.png"]
    assert command_line.main(command) == 1
    message = capsys.readouterr().err.strip()
    assert BAD_PAGES[page][1] in message
    check_message(message.removeprefix("Error: "))
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_a_server_is_told_without_the_number_of_the_error():
    with refused(DownloadError, "127.0.0.1:9 could not be read"):
        load_image("http://127.0.0.1:9/a.png")
