"""Odd settings of Keras and TensorFlow, and surroundings that learners really have.

Broken installations are in ``tests/setup``, terminals in ``tests/test_command_line.py``.
"""

import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from nst_utils import SetupError

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments, cwd=ROOT, before=(), **settings):
    """Run Python as a learner would; a setting of None is taken out of the environment."""
    wanted = {**os.environ, "PYTHONPATH": str(ROOT), "NST_PROGRESS": "0", **settings}
    environment = {name: value for name, value in wanted.items() if value is not None}
    command = [*before, sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, cwd=cwd, env=environment, timeout=120)


# ----- The start of TensorFlow, with stand-ins for it and Keras -----


@pytest.fixture
def start_tensorflow(monkeypatch):
    """Run the module that starts TensorFlow, where Keras has the given backend."""
    source = ROOT / "nst_utils" / "base" / "tensorflow.py"

    def start(backend="tensorflow"):
        stand_in = types.SimpleNamespace(
            backend=types.SimpleNamespace(backend=lambda: backend),
            config=types.SimpleNamespace(
                list_physical_devices=lambda kind=None: [] if kind else os.write(2, b"chatter\n"),
                experimental=types.SimpleNamespace(enable_tensor_float_32_execution=lambda _: None),
                set_floatx=lambda _: None,
                set_image_data_format=lambda _: None,
            ),
        )
        monkeypatch.setitem(sys.modules, "keras", stand_in)
        monkeypatch.setitem(sys.modules, "tensorflow", stand_in)
        monkeypatch.setenv("KERAS_BACKEND", backend)
        namespace = {"__name__": "x", "__package__": "nst_utils.base"}
        exec(compile(source.read_text(), str(source), "exec"), namespace)

    return start


def test_keras_that_was_imported_with_another_backend_wants_a_new_kernel(start_tensorflow):
    with pytest.raises(SetupError, match=r"torch .*Restart the kernel"):
        start_tensorflow(backend="torch")


def test_tensorflow_starts_quietly_and_where_there_is_no_error_output(start_tensorflow, capfd, monkeypatch):
    start_tensorflow()
    assert capfd.readouterr().err == ""

    def closed(_):
        raise OSError(9, "Bad file descriptor")

    with monkeypatch.context() as patch:
        patch.setattr(os, "dup", closed)  # as under pythonw
        start_tensorflow()


SMALL_GRADIENT = """
import nst_utils as nst
nst.start_notebook()
import tensorflow as tf
extractor = nst.FeatureExtractor(["block1_conv1", "block2_conv1"])
picture = tf.constant(nst.photo("astronaut", 32)[None])
with tf.GradientTape() as tape:
    tape.watch(picture)
    features = extractor(picture)
    loss = 1e-12 * tf.reduce_mean(features["block2_conv1"])
print(*features["block2_conv1"].shape)
print(bool(tf.reduce_all(tape.gradient(loss, picture) != 0)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("keras_home", ["settings", "file"])
def test_whatever_keras_is_set_to_the_course_computes_in_float32_channels_last(tmp_path, keras_home):
    home = tmp_path / "keras"
    if keras_home == "settings":
        home.mkdir()
        wrong = '{"backend": "torch", "floatx": "float16", "image_data_format": "channels_first"}'
        (home / "keras.json").write_text(wrong)
    else:
        home.write_text("not a folder")
    result = python("-c", SMALL_GRADIENT, KERAS_HOME=str(home), KERAS_BACKEND="jax", TF_USE_LEGACY_KERAS="1")
    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout.decode().split("\n")[1:3] == ["1 16 16 128", "True"]


# ----- Locale, folders, displays -----


def without_privileges():
    """The start of a command that runs without root's right to ignore file modes."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root ignores file modes, and there is no setpriv to give that up")
    return ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]


BEGINNING = """
import sys
import nst_utils as nst
nst.start_notebook()
photo = nst.photo("astronaut", 32)
print(type(nst.plots.show_pictures([photo], ["a photo"])).__name__)
target = nst.save_image(photo, sys.argv[1] + "/K\\u00e4the am K\\u00fchlturm \\u2013 1.png")
print(nst.load_image(target).shape)
"""


@pytest.mark.slow
def test_a_notebook_begins_in_the_poorest_surroundings(tmp_path):
    """C locale, no HOME, no display, no temporary files, and only one folder to write to."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "closed").chmod(0o555)
    result = python(
        "-O", "-c", BEGINNING, tmp_path / "open", cwd=tmp_path / "closed", before=without_privileges(),
        LC_ALL="C", HOME=None, DISPLAY=None, MPLBACKEND="TkAgg", TMPDIR=str(tmp_path / "missing"),
        CUDA_VISIBLE_DEVICES="7,nonsense",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr.decode()
    first, figure, shape, _ = result.stdout.decode().split("\n")
    assert "VGG19: " in first
    assert (figure, shape) == ("Figure", "(32, 32, 3)")
    assert len(list((tmp_path / "open").iterdir())) == 1
