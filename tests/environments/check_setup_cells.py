"""The set-up cell of every notebook, run twice, where the package is installed already.

`make test-newest` runs this file with the newest versions that pyproject.toml allows.
"""

from pathlib import Path

import nbformat
import pytest
from kernels import execute, printed, with_setup_run_twice

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_setup_cell_prints_the_same_lines_each_time_and_no_warning(path, tmp_path):
    notebook = with_setup_run_twice(nbformat.read(path, as_version=4))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"][:2]
    ran = execute(nbformat.from_dict({**notebook, "cells": code}), tmp_path)
    first, second = (printed(cell) for cell in ran.cells)
    assert first.startswith("Python 3.")
    assert "TensorFlow 2." in first
    assert second.split("\n")[0] == first.split("\n")[0]
    assert [printed(cell, "stderr") for cell in ran.cells] == ["", ""]
