"""Broken installations, odd settings, and surroundings that learners really have."""

import os
import re
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import pytest
from plain_words import check_message, refused

from nst_utils import __main__ as command_line
from nst_utils.setup import doctor, installation
from nst_utils.setup.installation import SetupError, explain

ROOT = Path(__file__).resolve().parent.parent.parent


def python(*arguments, cwd=ROOT, before=(), timeout=120, **settings):
    """Run Python as a learner would; a setting of None is taken out of the environment."""
    wanted = {**os.environ, "PYTHONPATH": str(ROOT), "NST_PROGRESS": "0", **settings}
    return subprocess.run(
        [*before, sys.executable, *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env={name: value for name, value in wanted.items() if value is not None},
        timeout=timeout,
    )


def last_line(result):
    return result.stderr.decode().strip().split("\n")[-1]


# ----- Packages that are missing, wrong, or doubled -----


WITHOUT = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "{0}":
            raise ModuleNotFoundError("No module named {0!r}", name=name)
sys.meta_path.insert(0, Blocked())
import nst_utils as nst
"""


@pytest.mark.parametrize(
    ("module", "use", "advice"),
    [
        ("tensorflow", "nst.stylize", "tensorflow is missing .*pip install 'tensorflow<"),
        ("keras", "nst.FeatureExtractor", "keras is missing .*pip install 'keras<4"),
        ("keras", "nst.start_notebook()", "keras is missing .*pip install 'keras<4"),
        ("cv2", "nst.photo", "opencv-python-headless is missing .*pip install 'opencv-python-headless<"),
        ("PIL", "nst.load_image", "pillow is missing .*pip install 'pillow<"),
        ("matplotlib", "nst.start_notebook()", "matplotlib is missing .*pip install 'matplotlib<"),
        ("platformdirs", "nst.start_notebook()", "platformdirs is missing .*pip install 'platformdirs"),
        ("ipywidgets", "nst.widgets", "ipywidgets is missing .*pip install 'ipywidgets<"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_brings_it(module, use, advice):
    result = python("-c", f"{WITHOUT.format(module)}print('here', flush=True)\n{use}")
    assert result.stdout.decode().strip() == "here"  # the import of the package itself went well
    message = last_line(result).partition(": ")[2]
    check_message(message)
    assert re.search(advice, message)


def test_the_command_line_says_in_one_line_that_tensorflow_is_missing(tmp_path):
    command = ["stylize", "astronaut", "coffee", "--size", "64", "-o", str(tmp_path / "out.png")]
    code = f"{WITHOUT.format('tensorflow')}from nst_utils.__main__ import main\nsys.exit(main({command}))"
    result = python("-c", code)
    assert result.returncode == 1
    [line] = result.stderr.decode().splitlines()
    assert line.startswith("Error: tensorflow is missing (No module named 'tensorflow'): pip install")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_version_is_named_when_an_import_fails(monkeypatch):
    import importlib.metadata

    own = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda n: "2.15.0" if n == "keras" else own(n))
    error = explained(AttributeError("module 'keras' has no attribute 'config'"))
    assert str(error) == (
        "keras 2.15.0 is not a version that the course runs with: pip install 'keras<4,>=3.12', then restart"
        " the kernel."
    )
    texts = [finding.text for finding in doctor._found_by(doctor._check_versions)]
    assert len(texts) == 1
    assert "keras 2.15.0 is not a version" in texts[0]


def explained(error):
    """Raise an error as an import would, and return what the learner gets in its place."""
    try:
        raise error
    except Exception as caught:
        return explain(caught)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libGL.so.1: cannot open shared object file: No such file or directory"),
        ModuleNotFoundError("No module named 'h5py'", name="h5py"),
        ModuleNotFoundError("No module named"),
    ],
)
def test_any_other_broken_package_sends_to_the_doctor(error):
    answer = explained(error)
    assert isinstance(answer, SetupError)
    check_message(str(answer))
    assert str(error) in str(answer)
    assert "nst_utils doctor" in str(answer)


def test_an_error_that_has_nothing_to_do_with_the_installation_stays_as_it_is():
    error = ValueError("a mistake of the course itself")
    assert explained(error) is error
    known = SetupError("said already.")
    assert explained(known) is known


def test_where_the_course_is_not_installed_but_only_lies_there_nothing_is_known_and_nothing_fails():
    assert installation.requirements("no-such-distribution") == {}


def bad_lines(monkeypatch, **installed):
    monkeypatch.setattr(doctor, "device", lambda: "CPU, 2 cores")  # spares the start of TensorFlow
    own = doctor.version
    changed = {name.replace("_", "-"): found for name, found in installed.items()}
    monkeypatch.setattr(doctor, "version", lambda name: changed.get(name, own(name)))
    return [finding.text for finding in doctor.diagnose() if not finding.good]


def test_the_doctor_sees_that_there_is_no_opencv(monkeypatch):
    gone = dict.fromkeys(name.replace("-", "_") for name in doctor.OPENCV_DISTRIBUTIONS)
    assert bad_lines(monkeypatch, **gone) == ["OpenCV is missing: `pip install opencv-python-headless`"]


def test_the_doctor_sees_an_opencv_that_lost_its_files_to_the_uninstallation_of_another(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    [line] = bad_lines(monkeypatch)
    assert line == (
        "opencv-python-headless does not start: `pip uninstall -y opencv-python-headless`, then"
        " `pip install opencv-python-headless`"
    )


def test_the_doctor_names_what_is_missing_and_was_not_in_its_list(monkeypatch):
    assert bad_lines(monkeypatch, ipywidgets=None, tqdm=None) == [
        "tqdm is missing: `pip install 'tqdm>=4.66'`",
        "ipywidgets is missing: `pip install 'ipywidgets<9,>=7.7'`",
    ]


def test_the_doctor_goes_on_when_one_of_its_checks_is_broken_itself(monkeypatch, capsys):
    def broken():
        raise ModuleNotFoundError("No module named 'tqdm'", name="tqdm")

    monkeypatch.setattr(doctor, "device", lambda: "CPU, 2 cores")
    monkeypatch.setattr(doctor, "_check_weights", broken)
    assert command_line.main(["doctor"]) == 1
    *_, line, last = capsys.readouterr().out.splitlines()
    assert line.startswith("FAIL  tqdm is missing (No module named 'tqdm'): pip install 'tqdm>=4.66', then")
    assert "Magenta" in last


# ----- A learner's own files beside the notebooks -----


@pytest.mark.parametrize("name", ["random", "numpy", "tokenize"])
def test_a_file_that_hides_a_module_is_named(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("x = 1\n")
    result = python("-c", "import nst_utils as nst; nst.plots", cwd=tmp_path)
    message = last_line(result).partition(": ")[2]
    check_message(message)
    assert message.startswith(f"Your file {name}.py is imported in place of the module {name} that")
    assert message.endswith("Rename your file, then restart the kernel.")


def test_files_named_like_the_courses_own_modules_harm_nothing(tmp_path):
    for name in ("images", "weights", "gram", "plots", "style", "utils", "checks", "download", "memory"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file')\n")
    code = "import nst_utils as nst; nst.photo('astronaut', 32); nst.plots; nst.weights; print('fine')"
    result = python("-c", code, cwd=tmp_path)
    assert result.stdout.decode().split() == ["fine"], last_line(result)


# ----- Keras as others have set it up -----


@pytest.mark.parametrize("settings", ['{"floatx": "real"}', "[]"])
def test_settings_of_keras_that_are_none_are_to_be_deleted(tmp_path, settings):
    (tmp_path / "keras.json").write_text(settings)
    result = python("-c", "import nst_utils as nst; nst.stylize", KERAS_HOME=str(tmp_path))
    message = last_line(result).partition(": ")[2]
    check_message(message)
    assert message.endswith(f"Delete the file keras.json in the folder {tmp_path}, then restart the kernel.")


def test_a_keras_that_was_imported_with_another_backend_asks_for_a_fresh_kernel(monkeypatch):
    keras = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: "torch"))
    config = types.SimpleNamespace(list_physical_devices=lambda: [])
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, "tensorflow", types.SimpleNamespace(config=config))
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    code = (ROOT / "nst_utils" / "tensorflow_quiet.py").read_text()
    with refused(SetupError, "Keras computes with torch in this kernel", "Restart the kernel"):
        exec(compile(code, "tensorflow_quiet", "exec"), {"__name__": "x", "__package__": "nst_utils"})


SMALL_GRADIENT = """
import nst_utils as nst
from nst_utils.base.tensorflow import keras, tf
nst.start_notebook()
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


# ----- Terminals, folders, displays -----


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
    """C locale, ASCII output, no HOME, no display, no temporary files, and only one folder to write to."""
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "closed").chmod(0o555)
    result = python(
        "-O", "-c", BEGINNING, tmp_path / "open", cwd=tmp_path / "closed", before=without_privileges(),
        LC_ALL="C", PYTHONIOENCODING="ascii", HOME=None, DISPLAY=None, MPLBACKEND="TkAgg",
        TMPDIR=str(tmp_path / "missing"), CUDA_VISIBLE_DEVICES="7,nonsense",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr.decode()
    first, figure, shape, _ = result.stdout.decode("ascii").split("\n")
    assert " ? TensorFlow " in first
    assert "VGG19: " in first
    assert (figure, shape) == ("Figure", "(32, 32, 3)")
    assert len(list((tmp_path / "open").iterdir())) == 1


ASCII_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "ascii"}, ASCII_LOCALE])
def test_the_command_line_prints_where_letters_are_missing(settings):
    result = python("-m", "nst_utils", "samples", **settings)
    assert (result.returncode, result.stderr) == (0, b"")
    assert "astronaut" in result.stdout.decode("ascii")
    assert "Claude Monet (1840?1926)" in result.stdout.decode("ascii")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_has_seen_enough_is_no_error(unbuffered):
    command, pipe = [sys.executable, "-m", "nst_utils", "samples"], subprocess.PIPE
    settings = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    process = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, env=settings)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_closed_output_is_no_error(closed):
    command = f'"{sys.executable}" -m nst_utils samples {closed}'
    result = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_command_that_is_stopped_says_so_without_a_traceback(monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("nst_utils.models.vgg_weights.fetch_weights", stop)
    assert command_line.main(["fetch"]) == 128 + signal.SIGINT
    said = "Stopped before there was a result. Run the same command to begin again.\n"
    assert capsys.readouterr().err == said


@pytest.fixture
def tensorflow_quiet(monkeypatch):
    """The module without TensorFlow: how the start-up is kept quiet, and nothing else."""
    stand_in = types.SimpleNamespace(
        backend=types.SimpleNamespace(backend=lambda: "tensorflow"),
        config=types.SimpleNamespace(
            list_physical_devices=lambda: os.write(2, b"chatter\n"),
            set_floatx=lambda _: None,
            set_image_data_format=lambda _: None,
        ),
    )
    monkeypatch.setitem(sys.modules, "keras", stand_in)
    monkeypatch.setitem(sys.modules, "tensorflow", stand_in)
    code = (ROOT / "nst_utils" / "tensorflow_quiet.py").read_text()

    def load():
        exec(compile(code, "tensorflow_quiet", "exec"), {"__name__": "x", "__package__": "nst_utils"})

    return load


def test_tensorflow_starts_quietly_where_temporary_files_have_no_room(tensorflow_quiet, monkeypatch, capfd):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    tensorflow_quiet()
    assert capfd.readouterr().err == ""


def test_tensorflow_starts_where_there_is_no_error_output(tensorflow_quiet, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    tensorflow_quiet()
