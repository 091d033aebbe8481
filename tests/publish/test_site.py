"""The website: what Sphinx is told about a notebook, and what a card shows of it."""

import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
sys.path.append(str(ROOT / "docs" / "site"))
import lessons  # noqa: E402
import uses  # noqa: E402

FOLD = "<details><summary>{}</summary>\n\n{}\n\n</details>"


def read(*cells):
    return lessons.read_notebook(nbformat.writes(new_notebook(cells=cells))).cells


def test_a_figure_has_the_text_that_stands_below_it():
    figure = new_code_cell("plot()", outputs=[new_output("display_data", {"image/png": "iVBORw0KGgo="})])
    drawn, _ = read(figure, new_markdown_cell(FOLD.format("Figure in words", "A *red* square.")))
    assert drawn.metadata.mystnb.image.alt == "A red square."


def test_a_solution_is_folded_and_keeps_its_tags():
    hidden = {"jupyter": {"source_hidden": True}, "tags": ["solution"]}
    answer = new_code_cell("# Solution 1: click to unfold\nx = 1", metadata=hidden)
    solution, code = read(answer, new_code_cell("x = 2"))
    assert solution.source == "# Solution 1\nx = 1"
    assert solution.metadata.tags == ["solution", "hide-input"]
    assert solution.metadata.mystnb.code_prompt_show == "Solution"
    assert "tags" not in code.metadata


def test_names_of_functions_are_linked():
    [cell] = read(new_markdown_cell("`nst.stylize`, `nst.photo()`, ``nst.x``"))
    assert "{py:obj}`nst.stylize <nst_utils.stylize>`, {py:obj}`nst.photo <nst_utils.photo>`" in cell.source
    assert "``nst.x``" in cell.source


def test_a_page_of_reference_leads_to_the_notebooks_that_use_the_function():
    lines = []
    uses.add_uses(None, "function", "nst_utils.stylize_film", None, None, lines)
    link = ":doc:`07 · Take control </notebooks/07_take_control>`."
    assert lines == ["", ".. rubric:: In the course", "", link]
    uses.add_uses(None, "function", "nst_utils.losses.add_terms", None, None, lines)
    assert len(lines) == 4


def test_an_attached_picture_is_in_the_page():
    cell = new_markdown_cell(
        "![strip](attachment:a.png)", attachments={"a.png": {"image/png": "iVBORw0KGgo="}}
    )
    assert read(cell)[0].source == "![strip](data:image/png;base64,iVBORw0KGgo=)"


def test_a_page_asks_no_other_server_for_a_badge():
    [cell] = read(new_markdown_cell("# One\n\n[![Open in Colab](https://a/b.svg)](https://c)\n\nText."))
    assert cell.source == "# One\n\nText."


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_has_what_its_card_shows(path):
    notebook = nbformat.read(path, as_version=4)
    assert 10 < len(lessons.summary_of(notebook)) < 160
    assert re.search(r"about \d+", lessons.time_of(notebook))


@pytest.mark.parametrize("size", [(300, 400), (480, 300), (900, 100)])
def test_cards_are_of_one_size(size):
    assert lessons.card(Image.new("RGB", size)).size == lessons.CARD
