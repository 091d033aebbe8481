"""What is installed in Colab, and what is left alone. The whole of it runs in `make test-colab`."""

import importlib.metadata
import subprocess
import sys
import types
from pathlib import Path

import pytest

from nst_utils.setup import colab, doctor

REQUIRES = ["numpy>=2.0,<3", "onnx>=1.18,<2", "opencv-python-headless>=4.10", "tensorflow>=99",
            "surely-absent>=1,<2", "jupyterlab>=4.2", 'also-absent; extra == "test"',
            'absent-on-windows; sys_platform == "win32"', "absent-here"]  # fmt: skip


@pytest.fixture
def requires(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda _name: REQUIRES)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.fixture
def pip(monkeypatch):
    """Stands in for pip: what it was asked, and which versions it was told to keep."""
    calls = types.SimpleNamespace(commands=[], kept="", returncode=0, stderr="")

    def run(command, **_options):
        calls.commands.append(command)
        calls.kept = Path(command[command.index("-c") + 1]).read_text().split("\n")
        return subprocess.CompletedProcess(command, calls.returncode, "", calls.stderr)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_colab_is_recognized_by_the_module_that_its_kernel_imports(monkeypatch):
    assert not colab.in_colab()
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert colab.in_colab()


def test_missing_is_what_cannot_be_imported_whatever_its_version(requires):
    assert colab.missing_requirements() == ["surely-absent<2,>=1", "absent-here"]


def test_nothing_is_missing_where_the_course_is_installed():
    assert colab.missing_requirements() == []


def test_installed_versions_are_kept(requires, pip, capsys):
    colab.install_missing()
    [command] = pip.commands
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[-2:] == ["surely-absent<2,>=1", "absent-here"]
    for name in ("tensorflow", "keras", "numpy", "protobuf"):
        assert f"{name}=={importlib.metadata.version(name)}" in pip.kept
    assert capsys.readouterr().out.startswith("Installing what Colab lacks: surely-absent<2,>=1, absent-here")


def test_nothing_missing_asks_pip_nothing(pip, capsys):
    colab.install_missing()
    assert pip.commands == []
    assert capsys.readouterr().out == ""


def test_a_failure_is_a_sentence(requires, pip, capsys):
    pip.returncode, pip.stderr = 1, "WARNING: slow\nERROR: No matching distribution found\n"
    colab.install_missing()
    assert "That failed (ERROR: No matching distribution found). The notebook" in capsys.readouterr().out


@pytest.mark.parametrize("here", [True, False])
def test_only_a_notebook_in_colab_installs_anything(here, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(colab, "in_colab", lambda: here)
    monkeypatch.setattr(colab, "install_missing", lambda: asked.append("install"))
    doctor.start_notebook()
    assert asked == (["install"] if here else [])
    assert capsys.readouterr().out.count("\n") == 1
