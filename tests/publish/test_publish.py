"""Slides: what the metadata shows, figures, and that nothing comes from elsewhere."""

import base64
import io
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from publish import deck, thumbnails, vendor
from publish.notebooks import read_lesson
from publish.outputs import describe_figures, figure_texts, make_static
from publish.render import TEMPLATES
from publish.slides import SlideError, deck_notebook, statement

TITLE = (
    "# 07 · A title\n\n![a strip](attachment:strip.png)\n\nOne sentence. Another.\n\n"
    "**Time:** reading 5 minutes; computing\nabout 1 s."
)
CODE = "import numpy\n\n\ndef double(x):\n    return 2 * x\n\n\nprint(double(4))"


def picture(kind="jpeg", size=(60, 40), color="red"):
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def figure(**metadata):
    output = new_output("display_data", {"image/jpeg": picture(), "text/plain": "<Figure>"})
    return new_code_cell("plot()", outputs=[output], metadata=metadata)


def fold(text):
    return f"<details><summary>Figure in words</summary>\n\n{text}\n\n</details>"


def shown(kind, text=None, **plan):
    plan = {"text": text, **plan} if text else plan
    return {"slideshow": {"slide_type": kind}, "slides": plan}


@pytest.fixture
def lesson(tmp_path):
    """A small notebook with every kind of cell."""
    cells = [
        new_markdown_cell(TITLE, attachments={"strip.png": {"image/png": picture("png")}},
                          metadata=shown("slide", "# A title\n\nFew words.")),
        new_markdown_cell("## A section\n\nLong prose about $x^2$, see [08](08_next.ipynb#part)."),
        figure(**shown("slide", "## The finding", thumbnail=[0, 0, 0.5, 1])),
        new_markdown_cell(
            f"{fold('All red, with `code`.')}\n\n<details><summary>Why?</summary>\n\nSo.\n</details>"
        ),
        new_code_cell(CODE, metadata=shown("subslide", code="def double"),
                      outputs=[new_output("stream", name="stdout", text="8\n")]),
        new_code_cell("secret = 42", metadata={"tags": ["solution"]}),
    ]  # fmt: skip
    path = tmp_path / "07_title.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return read_lesson(path)


@pytest.fixture
def vendored(monkeypatch):
    """Stand-ins for reveal.js and MathJax: these tests need no network."""
    monkeypatch.setattr(vendor, "read", lambda name: f"/* {name} */")


def test_text_replaces_a_cell_and_the_cell_becomes_notes(lesson):
    cells = deck_notebook(lesson.notebook).cells
    assert [c.metadata.slideshow.slide_type for c in cells] == ["slide", "notes", "slide", "-", "subslide"]
    assert cells[0].source == "# A title\n\nFew words."
    assert cells[1].source == TITLE
    assert cells[3].metadata.transient.remove_source
    assert cells[4].source == "def double(x):\n    return 2 * x"


def test_in_the_notes_folds_are_open_and_links_to_other_files_are_text():
    saw = fold("Red.") + "\n\n<details><summary>What we saw</summary>\n\nMuch.\n\n</details>"
    saw += "\n\nSee [03](03_loss.ipynb) and [the paper](https://arxiv.org/abs/1)."
    first = new_markdown_cell("# One", metadata=shown("slide"))
    cells = [first, new_markdown_cell(saw, metadata=shown("notes"))]
    [_, notes] = deck_notebook(new_notebook(cells=cells)).cells
    opened = "**Figure in words.** Red.\n\n**What we saw.** Much."
    assert notes.source == f"{opened}\n\nSee 03 and [the paper](https://arxiv.org/abs/1)."


def test_a_rule_in_the_text_begins_a_slide():
    cell = new_markdown_cell("prose", metadata=shown("slide", "# One\n---\n# Two"))
    cells = deck_notebook(new_notebook(cells=[cell])).cells
    assert [(c.source, c.metadata.slideshow.slide_type) for c in cells] == [
        ("# One", "slide"), ("prose", "notes"), ("# Two", "slide")]  # fmt: skip


def test_parts_of_a_figure_are_shown_alone_with_what_is_said_about_them():
    cell = figure(**shown("slide", "## Two", parts=[[0, 0, 0.5, 1], [0.5, 0, 1, 1]], notes="Ask first."))
    heading, parts, notes = deck_notebook(new_notebook(cells=[cell])).cells
    sizes = [Image.open(io.BytesIO(base64.b64decode(o.data["image/jpeg"]))).size for o in parts.outputs]
    assert sizes == [(30, 40), (30, 40)]
    assert (notes.source, notes.metadata.slideshow.slide_type) == ("Ask first.", "notes")


def test_decorator_and_comment_belong_to_a_statement():
    source = "a = 1\n\n# why\n@cached\ndef f():\n    return a\n\n\nf()"
    assert statement(source, "def f") == "# why\n@cached\ndef f():\n    return a"
    with pytest.raises(SlideError, match="no statement begins with 'def g'"):
        statement(source, "def g")


def test_a_notebook_without_slide_metadata_has_no_deck():
    with pytest.raises(SlideError, match="no cell has slide metadata"):
        deck_notebook(new_notebook(cells=[new_markdown_cell("text")]))


def test_figures_get_the_text_below_them():
    source = fold("A *red* square\nand `code`.") + "\n\n**What we saw.** Much.\n\n" + fold("Two.")
    assert figure_texts(source) == ["A red square and code.", "Two."]
    cells = [figure(), new_markdown_cell("prose"), figure(), new_markdown_cell(fold("both.")), figure()]
    describe_figures(new_notebook(cells=cells))
    assert [c.metadata.get("alt") for c in cells if c.cell_type == "code"] == ["both.", "both.", None]


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif"])
def test_pictures_are_written_into_the_page(kind):
    output = new_output("display_data", {f"image/{kind}": picture(kind)})
    cell = new_code_cell(outputs=[output], metadata={"alt": 'a "b" <c>'})
    make_static(cell)
    html = cell.outputs[0].data["text/html"]
    assert html.startswith(f'<img src="data:image/{kind};base64,')
    assert 'alt="a &quot;b&quot; &lt;c>"' in html


def test_printed_pieces_are_joined():
    cell = new_code_cell(outputs=[new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n")])
    make_static(cell)
    assert [output.text for output in cell.outputs] == ["a\nb\n"]


def test_deck_is_one_file_that_loads_nothing(lesson, tmp_path, vendored):
    html = deck.build_deck(lesson, tmp_path).read_text()
    assert not [line for line in html.splitlines() if "<script src" in line or "<link" in line]
    assert html.count('<aside class="notes">') == 1
    assert "The finding" in html
    assert 'alt="All red, with code."' in html
    assert "secret" not in html
    assert "/* reveal.js */" in html


def test_the_part_of_a_figure_is_cut_out(lesson):
    assert thumbnails.striking_part(lesson.notebook).size == (30, 40)
    assert thumbnails.cover(new_notebook(cells=[new_markdown_cell("text")])) == b""


def test_a_missing_wheel_is_explained(monkeypatch):
    def unreachable(*_):
        raise vendor.DownloadError("no matching distribution")

    wheel = vendor.REVEAL._replace(name="absent.whl", transfer=unreachable)
    monkeypatch.setitem(vendor.FILES, "reveal.js", (wheel, *vendor.FILES["reveal.js"][1:]))
    with pytest.raises(vendor.DownloadError, match="absent.whl"):
        vendor.read("reveal.js")


def committed():
    """The course's notebooks, those with slides."""
    paths = sorted((TEMPLATES.parent.parent / "notebooks").glob("*.ipynb"))
    return [path for path in paths if '"slide_type": "slide"' in path.read_text()]


def slides_of(path):
    """The cells of each slide of a notebook's deck."""
    slides = []
    for cell in deck_notebook(nbformat.read(path, as_version=4)).cells:
        slides += [[]] if cell.metadata.slideshow.slide_type in ("slide", "subslide") else []
        slides[-1].append(cell)
    return slides


def is_note(cell):
    return cell.metadata.slideshow.slide_type == "notes"


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
def test_slides_of_the_course_hold_few_words(path):
    counts = []
    for cells in slides_of(path):
        shown = "\n".join(c.source for c in cells if c.cell_type == "markdown" and not is_note(c))
        prose = re.sub(r"```.*?```|\$\$.*?\$\$", "", shown, flags=re.DOTALL)  # no code, no formulas
        counts.append(len(re.findall(r"[^\W\d]\S*", prose)))
    assert 12 <= len(counts) <= 20
    assert max(counts) <= 28


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
def test_every_slide_of_the_course_has_notes_for_its_speaker(path):
    assert [cells[0].source for cells in slides_of(path) if not any(map(is_note, cells))] == []


@pytest.mark.parametrize("path", committed(), ids=lambda path: path.stem)
def test_no_figure_repeats_the_heading_of_its_slide(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and (text := cell.metadata.get("slides", {}).get("text")):
            assert text.removeprefix("## ") not in cell.source
