"""What learners do in notebooks: every cell run twice."""

import copy
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "environments"))

from kernels import errors, execute  # noqa: E402


def said(cell):
    """All text of a cell, however the kernel has cut it into pieces."""
    streams = [output.text for output in cell.outputs if output.output_type == "stream"]
    values = [output.data.get("text/plain", "") for output in cell.outputs if "data" in output]
    return "".join(streams) + "".join(values)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["00_start_here", "05_tfhub_arbitrary_stylization"])
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
