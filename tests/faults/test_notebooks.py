"""What learners do in notebooks: cells run twice, in any order, stopped, or after a restart in the middle."""

import copy
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "environments"))

from kernels import errors, execute  # noqa: E402


def said(cell):
    """All text of a cell, however the kernel has cut it into pieces."""
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    values = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return "".join(streams) + "".join(values)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["00_start_here", "01_intermediate_layers", "05_tfhub_arbitrary_stylization"]
)
def test_every_cell_run_twice_says_the_same(name, tmp_path, monkeypatch):
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    twice = []
    for cell in notebook.cells:
        twice.append(cell)
        if cell.cell_type == "code":
            twice.append(copy.deepcopy(cell) | {"id": f"{cell.id}-again"})
    ran = execute(nbformat.from_dict({**notebook, "cells": twice}), tmp_path, allow_errors=True)
    code = [cell for cell in ran.cells if cell.cell_type == "code"]
    for first, second in zip(code[::2], code[1::2], strict=True):
        assert errors(first) == errors(second) == []
        assert said(first) == said(second), first.source


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A new kernel in an empty folder; called with source it returns what that shows, or its error."""
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))

    def run(source, stop_after=None):
        printed = []

        def listen(message):
            content = message["content"]
            printed.append(content.get("text") or content.get("data", {}).get("text/plain", ""))

        if stop_after:
            threading.Timer(stop_after, manager.interrupt_kernel).start()
        answer = client.execute_interactive(source, timeout=300, output_hook=listen)["content"]
        return f"{answer['ename']}: {answer['evalue']}" if answer["status"] == "error" else "".join(printed)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def start_here():
    """Sources of the code cells of notebook 00, by a word that stands in them."""
    cells = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    words = ("nst.start_notebook()", "photo = nst.photo", "run = nst.stylize(", "plot_history(run.history")
    return [next(source for source in sources if word in source) for word in words]


@pytest.mark.slow
def test_after_a_restart_in_the_middle_python_names_what_to_run_again(kernel, start_here):
    set_up, pictures, transfer, history = start_here
    assert kernel(history) == "NameError: name 'nst' is not defined"  # out of order: before the set-up cell
    assert "VGG19" in kernel(set_up)
    assert kernel(history) == "NameError: name 'run' is not defined"
    for source in (pictures, transfer, history, history, pictures, set_up, history):
        assert "Error" not in kernel(source)


@pytest.mark.slow
def test_a_transfer_that_is_stopped_leaves_a_picture_and_a_kernel_that_goes_on(kernel, start_here):
    set_up, pictures, transfer, history = start_here
    for source in (set_up, pictures):
        kernel(source)
    long = transfer.replace("steps=60", "steps=5000")
    assert long != transfer
    assert "Error" not in kernel(long, stop_after=12)
    assert kernel("print(run.interrupted, run.picture.shape, len(run.history['total']) > 0)") == (
        "True (256, 256, 3) True\n"
    )
    assert "Error" not in kernel(history)
    assert "Error" not in kernel(transfer)
    assert kernel("print(run.interrupted)") == "False\n"


@pytest.mark.slow
def test_an_exercise_that_is_not_solved_yet_says_so(kernel, start_here):
    assert "VGG19" in kernel(start_here[0])
    exercises = 0
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and "nst.checks." in cell.source and "return ..." in cell.source:
                assert "not solved yet: replace the ..." in kernel(cell.source), cell.source
                exercises += 1
    assert exercises == 20
