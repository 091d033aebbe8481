"""TF-Hub's module: used where it is available, and nothing in TF-Hub's cache is ever changed."""

import contextlib
import io
import os
import re
import shutil
import socket
import sys
import tarfile
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nst_utils.base.download import starts_with
from nst_utils.base.tensorflow import tf
from nst_utils.models import tfhub

PICTURE = tf.constant(np.random.default_rng(0).random((1, 16, 16, 3), np.float32))
MODULE = "f843094219bf78a99e8ea6c8d71f1bc74f07101a"  # TF-Hub's name for the folder of Magenta's module


class Negative(tf.Module):
    """Stands for Magenta's module, with its call; what it paints is easily recognized."""

    def __init__(self):
        super().__init__()
        self.one = tf.Variable(1.0)

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))] * 2)
    def __call__(self, content, style):
        return [self.one - content]


@pytest.fixture(scope="module")
def negative(tmp_path_factory):
    folder = tmp_path_factory.mktemp("negative") / "module"
    tf.saved_model.save(Negative(), str(folder))
    return folder


@pytest.fixture
def cache(without_tfhub):
    without_tfhub.mkdir()
    return without_tfhub


@pytest.fixture
def no_network(monkeypatch):
    """Every way out of this computer fails; returns the list of attempts."""
    attempts = []

    def attempt(*arguments, **_):
        attempts.append(arguments)
        raise OSError("the network was touched")

    monkeypatch.setattr(tfhub, "starts_with", attempt)
    monkeypatch.setattr(urllib.request, "urlopen", attempt)
    monkeypatch.setattr(socket, "getaddrinfo", attempt)
    monkeypatch.setattr(socket.socket, "connect", attempt)
    return attempts


def load():
    return tfhub.load(tfhub.MAGENTA_ADDRESS)


def assert_is_negative(module):
    np.testing.assert_allclose(module(PICTURE, PICTURE)[0], 1 - PICTURE, atol=1e-6)


def snapshot(folder):
    """Everything below a folder: content, and time of the last change."""
    return {
        path: (path.is_file() and path.read_bytes(), path.stat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


def test_a_module_in_the_cache_is_used_without_network(cache, negative, no_network):
    shutil.copytree(negative, cache / MODULE)
    before = snapshot(cache)
    assert_is_negative(load())
    assert (no_network, snapshot(cache)) == ([], before)


@pytest.mark.parametrize("damage", ["no graph", "half a graph", "half the variables"])
def test_a_broken_copy_is_named_and_left_alone(cache, negative, no_network, damage):
    folder = shutil.copytree(negative, cache / MODULE)
    if damage == "no graph":
        (folder / "saved_model.pb").unlink()
    elif damage == "half a graph":
        os.truncate(folder / "saved_model.pb", 1000)
    else:
        [variables] = (folder / "variables").glob("*.data*")
        os.truncate(variables, variables.stat().st_size // 2)
    before = snapshot(cache)
    with pytest.raises(tfhub.UnavailableError, match=f"delete {re.escape(str(folder))}"):
        load()
    assert (no_network, snapshot(cache)) == ([], before)


def test_a_good_copy_outlives_too_many_open_files(cache, negative, no_network):
    resource = pytest.importorskip("resource")
    folder = shutil.copytree(negative, cache / MODULE)
    tfhub._import_hub()
    before, limits = snapshot(cache), resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, limits[1]))
    try:
        with pytest.raises(tfhub.UnavailableError, match=re.escape(str(folder))):
            load()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert snapshot(cache) == before
    assert_is_negative(load())


def test_a_lock_is_named_and_neither_waited_for_nor_deleted(cache, no_network):
    lock = cache / f"{MODULE}.lock"
    lock.write_text("host.process.task")
    with pytest.raises(tfhub.UnavailableError, match=f"delete {re.escape(str(lock))}"):
        load()
    assert lock.read_text() == "host.process.task"
    assert no_network == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no owners of files here")
def test_a_module_that_another_user_left_among_the_temporary_files_is_not_run(
    cache, negative, monkeypatch
):
    """The default cache lies where everybody may write, and a SavedModel can write files."""
    monkeypatch.delenv("TFHUB_CACHE_DIR")
    monkeypatch.setattr(tfhub.tempfile, "gettempdir", lambda: str(cache))
    shutil.copytree(negative, cache / "tfhub_modules" / MODULE)
    assert_is_negative(load())
    if os.getuid() == 0:  # root's own files may be used by all
        os.chown(cache / "tfhub_modules", 12345, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(tfhub.UnavailableError, match="TFHUB_CACHE_DIR"):
        load()


# ----- The server -----


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        self.server.asked.append(self.path)
        self.server.closing.wait(self.server.delay)
        code, body, announced = self.server.response
        self.send_response(code)
        self.send_header("Content-Length", str(announced or len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client has left
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(cache, monkeypatch):
    """A server in the place of TF-Hub's; the test sets its response."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.closing, server.delay = [], threading.Event(), 0
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setattr(tfhub, "MAGENTA_ADDRESS", f"http://127.0.0.1:{server.server_port}/magenta/2")
    monkeypatch.setattr(tfhub, "starts_with", starts_with)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def archive(negative):
    """The module as TF-Hub's server would send it."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        tar.add(negative, ".")
    return file.getvalue()


def test_a_server_that_has_the_module_sends_it_once(server, archive):
    server.response = 200, archive, None
    for _ in range(2):
        assert_is_negative(load())
    assert server.asked == ["/magenta/2?tf-hub-format=compressed"] * 2  # the first bytes, then hub.load


@pytest.mark.parametrize(("code", "body"), [(200, b"<html>Please log in.</html>"), (200, b""), (404, b"")])
def test_a_server_that_has_something_else_is_not_asked_again_at_once(server, code, body):
    server.response = code, body, None
    for _ in range(2):
        with pytest.raises(tfhub.UnavailableError, match=r"^TF-Hub: .*(page|404).*; a local model takes"):
            load()
    assert len(server.asked) == 1


def test_a_slow_server_counts_as_absent(server, archive, monkeypatch):
    monkeypatch.setattr(tfhub, "SERVER_TIMEOUT", 0.3)
    server.response, server.delay = (200, archive, None), 10
    with pytest.raises(tfhub.UnavailableError, match=r"0\.3 s"):
        load()


def test_a_download_that_breaks_off_leaves_nothing(server, cache, archive):
    server.response = 200, archive[: len(archive) // 2], len(archive)
    with pytest.raises(tfhub.UnavailableError, match="try again later"):
        load()
    assert list(cache.iterdir()) == []


# ----- No TF-Hub at all -----


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        ("pkg_resources", "pip install 'setuptools<81'"),
        ("tf_keras", f"pip install 'tf_keras=={'.'.join(tf.__version__.split('.')[:2])}.*'"),
        ("tensorflow_hub", "pip install 'tensorflow_hub'"),
    ],
)
def test_what_tensorflow_hub_lacks_is_named_with_the_command_that_installs_it(monkeypatch, missing, advice):
    for name in list(sys.modules):
        if name.split(".")[0] == "tensorflow_hub":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # what Python finds of a package that is not there
    with pytest.raises(ImportError, match=re.escape(advice)):
        load()
