"""Colab, replayed: its Python and its exact versions, each notebook alone with the uploaded wheel.

`make test-colab` builds the environment and runs this file in it; `make test` leaves it out.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from kernels import COLAB_KERNEL, errors, execute, printed, setup_cell, with_setup_run_twice

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WHEELS = sorted((ROOT / "dist").glob("nst_utils-*.whl"))
OURS = {"nst-utils", "onnx"}  # what may come on top of Colab's own packages


def installed():
    command = [sys.executable, "-m", "pip", "list", "--format=json"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return {package["name"].replace("_", "-"): package["version"] for package in listed}


@pytest.fixture(scope="session")
def fetched(tmp_path_factory):
    """A cache that is empty at first: the first notebook fetches the weights, as in a new Colab session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def colab(tmp_path, fetched, monkeypatch):
    """An empty folder on a new Colab machine; returns the folder."""
    command = [sys.executable, "-m", "pip", "uninstall", "-q", "-y", *OURS]
    subprocess.run(command, check=True, capture_output=True)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(HERE / "stand_in"))
    monkeypatch.setenv("NST_CACHE", str(fetched))
    monkeypatch.setenv("PIP_ROOT_USER_ACTION", "ignore")
    for name in ("NST_PROGRESS", "MPLBACKEND"):  # tests/conftest.py sets them for the other tests
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def read(path):
    return nbformat.read(path, as_version=4)


def only_setup(notebook):
    return nbformat.from_dict({**notebook, "cells": [setup_cell(notebook)]})


def test_this_is_colabs_environment():
    assert sys.version_info[:2] == (3, 13)
    for line in (HERE / "colab-requirements.txt").read_text().splitlines():
        if "==" in line:
            name, version = line.split("==")
            assert importlib.metadata.version(name) == version, name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_alone_with_the_uploaded_wheel(path, colab):
    [wheel] = WHEELS
    shutil.copy(wheel, colab)
    before = installed()
    assert not OURS & before.keys()

    notebook = with_setup_run_twice(read(path))
    notebook.cells.append(nbformat.v4.new_code_cell("import tensorflow; print(tensorflow.__version__)"))
    ran = execute(notebook, colab, COLAB_KERNEL)

    after = installed()
    assert after.items() >= before.items()
    assert after.keys() - before.keys() == OURS
    first, second = [cell for cell in ran.cells if cell.cell_type == "code"][:2]
    assert "Installing what Colab lacks: onnx" in printed(first)
    assert "TensorFlow 2.20.0" in printed(first)
    assert "nstalling" not in printed(second)
    assert "TensorFlow 2.20.0" in printed(second)
    assert printed(ran.cells[-1]).strip() == "2.20.0"
    noise = {cell.id: printed(cell, "stderr") for cell in ran.cells if cell.cell_type == "code"}
    assert {key: text for key, text in noise.items() if text} == {}


@pytest.mark.parametrize("kernel", [COLAB_KERNEL, []], ids=["Colab, no wheel", "elsewhere"])
def test_where_the_package_cannot_come_from_anywhere_python_says_so(colab, kernel):
    """In Colab after pip, whose words name the missing wheel; elsewhere nothing is installed."""
    if not kernel:
        shutil.copy(*WHEELS, colab)
    before = installed()
    ran = execute(only_setup(read(NOTEBOOKS[0])), colab, kernel, allow_errors=True)
    assert errors(ran.cells[0]) == ["ModuleNotFoundError: No module named 'nst_utils'"]
    assert ("nst_utils-*-none-any.whl" in printed(ran.cells[0])) == bool(kernel)
    assert installed() == before


@pytest.fixture
def address(tmp_path):
    """The last commit on a web server of this computer: files, the plainest form that Git can read."""
    subprocess.run(["git", "clone", "-q", "--bare", ROOT, tmp_path / "web" / "course"], check=True)
    subprocess.run(["git", "update-server-info"], cwd=tmp_path / "web" / "course", check=True)
    files = partial(SimpleHTTPRequestHandler, directory=tmp_path / "web")
    with ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/course"
        server.shutdown()


def test_a_stamped_address_is_installed_from(colab, address):
    sys.path.insert(0, str(ROOT / "scripts"))
    import stamp_address

    text = stamp_address.stamp_notebook(NOTEBOOKS[0].read_text(), address, NOTEBOOKS[0].name)
    ran = execute(only_setup(nbformat.reads(text, as_version=4)), colab, COLAB_KERNEL)
    assert "TensorFlow 2.20.0" in printed(ran.cells[0])
    assert installed()["nst-utils"]
