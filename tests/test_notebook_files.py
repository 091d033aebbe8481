"""One set of files for JupyterLab, Notebook 7, VS Code and Colab: nothing in them belongs to one of these."""

import json
import re
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
        # "slides" is what publish/slides.py reads, "cellView" folds a solution in Colab; nobody else minds
        assert cell["metadata"].keys() <= {"tags", "jupyter", "slideshow", "slides", "cellView"}, cell["id"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cell_ids_are_unique(path):
    ids = [cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_solution_is_folded_away_and_leaves_the_learners_function_alone(path):
    """Whoever presses Shift+Enter after a wrong answer runs the solution, too."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    stubs, solutions = [
        [c for c in cells if tag in c["metadata"].get("tags", [])] for tag in ("exercise", "solution")
    ]
    assert len(stubs) == len(solutions) > 0
    for number, (stub, solution) in enumerate(zip(stubs, solutions, strict=True), 1):
        [learners] = re.findall(r"^def (\w+)", "".join(stub["source"]), re.MULTILINE)
        source = "".join(solution["source"])
        assert source.startswith(f"# Solution {number}: click to unfold\ndef {learners}_solution(")
        assert not re.search(rf"\b{learners}\b", source)
        assert solution["metadata"]["jupyter"] == {"source_hidden": True}
        assert solution["outputs"] == []  # JupyterLab unfolds them when the cell runs
        assert solution["metadata"]["cellView"] == "form"
