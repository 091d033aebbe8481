"""What learners do in notebooks: cells run twice, and a run stopped in the middle."""

import copy
import threading
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from kernels import errors, execute

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("NST_PROGRESS", "0")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def said(cell):
    """All text of a cell, however the kernel has cut it into pieces."""
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    values = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return "".join(streams) + "".join(values)


def test_every_cell_run_twice_says_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", str(ROOT / "tests" / "quick" / "fewer_steps.py"))
    notebook = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4)
    twice = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            twice += [cell, copy.deepcopy(cell) | {"id": f"{cell.id}-again"}]
    ran = execute(nbformat.from_dict({**notebook, "cells": twice}), tmp_path, allow_errors=True)
    for first, second in zip(ran.cells[::2], ran.cells[1::2], strict=True):
        assert errors(first) == errors(second) == []
        assert said(first) == said(second), first.source


@pytest.fixture
def kernel(tmp_path):
    """A new kernel in an empty folder; called with source it returns what that shows, or its error."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))

    def run(source, *stop_after):
        printed = []

        def listen(message):
            content = message["content"]
            printed.append(content.get("text") or content.get("data", {}).get("text/plain", ""))

        for seconds in stop_after:
            threading.Timer(seconds, manager.interrupt_kernel).start()
        reply = client.execute_interactive(source, timeout=300, output_hook=listen)["content"]
        return f"{reply['ename']}: {reply['evalue']}" if reply["status"] == "error" else "".join(printed)

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_a_transfer_that_is_stopped_leaves_a_picture_and_a_kernel_that_goes_on(kernel):
    kernel("import nst_utils as nst; photo, painting = nst.photo('chelsea', 64), nst.painting('ink', 64)")
    assert "Error" not in kernel("run = nst.stylize(photo, painting, steps=50000)", 15)
    assert kernel(
        "print(run.interrupted, run.picture.shape == photo.shape, len(run.history['total']) > 0)"
    ) == ("True True True\n")
    assert kernel("print(nst.resume(run, photo, painting, callback=lambda _: 1 / 0, every=1))").startswith(
        "Zero"
    )
    assert kernel("print(nst.stylize(photo, painting, steps=2).interrupted)") == "False\n"


def test_a_cell_of_many_runs_is_stopped_by_two_presses(kernel):
    kernel("import nst_utils as nst; photo, painting = nst.photo('chelsea', 64), nst.painting('ink', 64)")
    kernel("nst.stylize(photo, painting, steps=1)")
    cell = "runs = []\nfor _ in range(6):\n    runs.append(nst.stylize(photo, painting, steps=50000))"
    assert kernel(cell, 6, 12).startswith("KeyboardInterrupt")
    kernel("import sys; run = sys.last_value.run")
    assert kernel("print(len(runs), runs[0].interrupted, run.interrupted)") == "1 True True\n"
