"""Requirements, explanations of failed imports, the doctor, and what is installed in Colab.

The whole of Colab runs in `make test-colab`.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from nst_utils import SetupError
from nst_utils.setup import doctor, notebook
from nst_utils.setup.installation import explain, requirements

ROOT = Path(__file__).resolve().parents[2]
REQUIRES = ["numpy>=2.0,<3", "tqdm<4", "opencv-another-build>=4", "surely-absent>=1,<2", "absent-here",
            'also-absent; extra == "test"', 'absent-on-windows; sys_platform == "win32"']  # fmt: skip


@pytest.fixture
def requires(monkeypatch):
    """Requirements of which two are missing, one has a wrong version, and one another name."""
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: REQUIRES)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("nst_utils.setup.installation._MODULES", {"opencv-another-build": "cv2"})


def explained(error):
    """Raise an error as an import would, and return what the learner gets in its place."""
    try:
        raise error
    except Exception as caught:
        return explain(caught)


# ----- A failed import -----


def test_every_missing_requirement_is_named_with_its_pip_command():
    modules = {"opencv-python-headless": "cv2", "pillow": "PIL", "scikit-image": "skimage",
               "scikit-learn": "sklearn"}  # fmt: skip
    for requirement in requirements():
        module = modules.get(requirement.name, requirement.name.replace("-", "_"))
        error = explained(ModuleNotFoundError(f"No module named {module!r}", name=module))
        assert isinstance(error, SetupError)
        assert f"pip install '{requirement}'" in str(error)


WITHOUT_TENSORFLOW = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name=name)
sys.meta_path.insert(0, Blocked())
import nst_utils as nst
from nst_utils.__main__ import main
"""


@pytest.mark.parametrize(
    "use",
    ["nst.stylize", "nst.start_notebook()", "sys.exit(main(['stylize', 'coffee', 'ink', '-o', 'out.png']))"],
)
def test_the_explanation_reaches_notebooks_and_the_command_line(tmp_path, use):
    result = run_python(f"{WITHOUT_TENSORFLOW}{use}", tmp_path)
    assert result.returncode == 1
    assert re.search("Error: .*pip install 'tensorflow<", result.stderr.split("\n")[-2])
    assert list(tmp_path.iterdir()) == []


def run_python(code, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=120)


@pytest.mark.parametrize(("name", "use"), [("random", "nst.photo"), ("tensorflow", "nst.stylize")])
def test_a_learners_file_in_place_of_a_module_is_named(tmp_path, name, use):
    (tmp_path / f"{name}.py").write_text("x = 1\n")
    result = run_python(f"import nst_utils as nst; {use}", tmp_path)
    assert f"SetupError: Your file {name}.py is imported in place of" in result.stderr.split("\n")[-2]


def test_a_wrong_version_is_named_with_the_error_that_it_causes(requires):
    error = explained(AttributeError("module 'tqdm' has no attribute 'rich'"))
    assert isinstance(error, SetupError)
    assert "pip install 'tqdm<4'" in str(error)
    assert "has no attribute 'rich'" in str(error)


@pytest.mark.parametrize(
    "error",
    [ImportError("libGL.so.1: cannot open shared object file"), ValueError("3"), SetupError("known.")],
)
def test_any_other_error_stays_as_it_is(error):
    assert explained(error) is error


# ----- The doctor -----


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """What other programs leave free is no matter of these tests."""
    monkeypatch.setattr("nst_utils.base.hardware.free_memory", lambda: 2**33)


def test_all_is_well_on_this_computer():
    findings = doctor.diagnose()
    assert [finding.text for finding in findings if not finding.good] == []
    assert {requirement.name for requirement in requirements()} < {f.text.split()[0] for f in findings}


def test_the_doctor_names_what_is_missing_or_does_not_fit(requires):
    bad = [finding.text for finding in doctor.diagnose() if not finding.good]
    assert len(bad) == 3
    for text, name in zip(bad, ["tqdm", "surely-absent", "absent-here"], strict=True):
        assert text.startswith(name)
        assert f"pip install '{name}" in text


@pytest.mark.parametrize(
    ("installed", "starts", "good"),
    [
        ({"opencv-python": "4.12", "opencv-python-headless": "5.0"}, True, False),
        ({"opencv-python": "4.14", "opencv-contrib-python": "4.14"}, True, True),  # Colab
        ({"opencv-python-headless": "5.0"}, False, False),
    ],
)
def test_opencv_distributions_that_broke_each_other_are_to_be_replaced(monkeypatch, installed, starts, good):
    listed = [types.SimpleNamespace(metadata={"Name": n}, version=v) for n, v in installed.items()]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: listed)
    if not starts:
        monkeypatch.setitem(sys.modules, "cv2", None)
    finding = doctor._check_opencv()
    assert finding.good == good
    assert good or f"pip uninstall -y {' '.join(installed)}; pip install" in finding.text


def test_missing_weights_are_to_be_fetched(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_CACHE", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    *_, vgg19, magenta = doctor.diagnose()
    for finding in (vgg19, magenta):
        assert not finding.good
        assert "python -m nst_utils fetch" in finding.text


def test_a_check_that_fails_itself_is_a_line_of_the_report(monkeypatch):
    def broken():
        raise ModuleNotFoundError("No module named 'tqdm'", name="tqdm")

    monkeypatch.setattr(doctor, "_check_vgg19", broken)
    *_, vgg19, magenta = doctor.diagnose()
    assert not vgg19.good
    assert "pip install 'tqdm" in vgg19.text
    assert magenta.good


# ----- Colab -----


@pytest.fixture
def pip(monkeypatch):
    """Stands in for pip: what it was called with, and which versions it was told to keep."""
    calls = types.SimpleNamespace(commands=[], kept="", returncode=0, stderr="")

    def run(command, **_options):
        calls.commands.append(command)
        calls.kept = Path(command[command.index("-c") + 1]).read_text().split("\n")
        return subprocess.CompletedProcess(command, calls.returncode, "", calls.stderr)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_missing_requirements_are_installed_and_nothing_else_is_changed(requires, pip, capsys):
    notebook.install_missing()
    [command] = pip.commands
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[-2:] == ["surely-absent<2,>=1", "absent-here"]
    for name in ("tensorflow", "keras", "numpy", "protobuf"):
        assert f"{name}=={importlib.metadata.version(name)}" in pip.kept
    assert "surely-absent<2,>=1" in capsys.readouterr().out


def test_a_failure_is_shown_in_the_words_of_pip(requires, pip, capsys):
    pip.returncode, pip.stderr = 1, "ERROR: No matching distribution found"
    notebook.install_missing()
    assert pip.stderr in capsys.readouterr().out


@pytest.mark.parametrize("in_colab", [True, False])
def test_only_a_notebook_in_colab_installs_anything(in_colab, requires, pip, monkeypatch, capsys):
    if in_colab:
        monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    notebook.start_notebook()
    assert len(pip.commands) == in_colab
    assert "VGG19: " in capsys.readouterr().out.split("\n")[-2]
