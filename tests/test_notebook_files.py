"""One set of files for JupyterLab, Notebook 7, VS Code and Colab: nothing in them belongs to one of these."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_metadata_is_neutral(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    metadata = notebook["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    # No "widgets" (GitHub rejects it without its state), "colab", "accelerator", "vscode" or others
    assert metadata.keys() <= {"kernelspec", "language_info"}
    assert notebook["nbformat"] == 4
    for cell in notebook["cells"]:
        # "slides" is what publish/slides.py reads; nobody else minds it
        assert cell["metadata"].keys() <= {"tags", "jupyter", "slideshow", "slides"}, cell["id"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cell_ids_are_unique(path):
    ids = [cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert len(set(ids)) == len(ids)
