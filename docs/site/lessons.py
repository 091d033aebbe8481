"""The notebooks as pages of the website: figures described, solutions folded, decks linked."""

import re
import shutil
from pathlib import Path

import nbformat
from PIL import Image

from publish import vendor
from publish.notebooks import read_lesson
from publish.outputs import describe_figures, jpeg
from publish.thumbnails import scaled, striking_part
from scripts.stamp_address import stamp_markdown

ROOT = Path(__file__).resolve().parent.parent.parent
DECKS = ROOT / "build" / "slides"
CARD = (480, 300)
_FUNCTION = re.compile(r"(?<!`)`nst\.([\w.]+)(\(\))?`(?!`)")


def read_notebook(text):
    """Read a notebook from the text of its file, for MyST-NB."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    describe_figures(notebook)
    opening = notebook.cells[0]
    opening.source = stamp_markdown(opening.source, "")  # the badge comes from another server
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            source = _FUNCTION.sub(r"{py:obj}`nst.\1 <nst_utils.\1>`", cell.source)
            for name, data in cell.get("attachments", {}).items():
                [(kind, base64)] = data.items()
                source = source.replace(f"attachment:{name}", f"data:{kind};base64,{base64}")
            cell.source = source
        else:
            cell.source = re.sub(r": click to unfold$|  # fmt: skip$", "", cell.source, flags=re.MULTILINE)
            _tell_how_to_show(cell)
    return notebook


def _tell_how_to_show(cell):
    alt = cell.metadata.get("alt", "A figure; the text around it says what it shows.")
    cell.metadata["mystnb"] = {"image": {"alt": alt}}
    if cell.metadata.get("jupyter", {}).get("source_hidden"):
        if "solution" in cell.metadata.get("tags", []):
            cell.metadata["mystnb"] |= {"code_prompt_show": "Solution", "code_prompt_hide": "Solution"}
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]


def heading_slug(title):
    """Return the anchor that Jupyter gives a heading, so that links hold in both."""
    return title.replace(" ", "-")


def card(part):
    """Fill a card with a part of a figure that has nearly its shape; lay others on white."""
    across, down = CARD[0] / part.width, CARD[1] / part.height
    fills = 0.9 < part.width / part.height < 2.4
    part = scaled(part, max(across, down) if fills else min(across, down))
    picture = Image.new("RGB", CARD, "white")
    spare = CARD[1] - part.height  # negative where the part is cut: more below than above, for faces
    picture.paste(part, ((CARD[0] - part.width) // 2, spare // 5 if spare < 0 else spare // 2))
    return picture


def summary_of(notebook):
    """Return what the title slide says below the title: a sentence or two, plain text."""
    return _plain(notebook.cells[0].metadata["slides"]["text"].partition("\n")[2])


def time_of(notebook):
    """Return what a notebook says of reading and computing, plain text."""
    return _plain(re.search(r"^\*\*Time:\*\* (.*?)(?:\n\n|\Z)", notebook.cells[0].source, re.M | re.S)[1])


def _plain(markdown):
    """Return one line of text, without emphasis and link addresses."""
    return " ".join(re.sub(r"[*`]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)).split())


def _add_to_page(app, name, template, context, doctree):
    """Give the first page its cards, and the page of a notebook a button that leads to its deck."""
    if name.startswith("_modules/"):  # it would name a function by its module, and a page has one function
        context["body"] = re.sub(r'(viewcode-back" href="[^"#]+)#[^"]*', r"\1", context["body"])
    context["theme_logo_link"] = context["pathto"]("index")  # the theme would link the table of contents
    if name == "index":
        lessons = [read_lesson(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
        context["lessons"] = [
            {"name": x.name, "title": x.title, "summary": summary_of(x.notebook), "time": time_of(x.notebook)}
            for x in lessons
        ]
        context["decks"] = [path.stem for path in DECKS.glob("*.html")]
    deck = DECKS / f"{Path(name).name}.html"
    if name.startswith("notebooks/") and deck.is_file():
        button = {"url": f"../slides/{deck.name}", "icon": "fas fa-person-chalkboard", "label": "slides"}
        context["header_buttons"].append({"type": "link", "text": "Slides", "tooltip": "Slides", **button})


def _add_files(app, exception):
    """Write MathJax, the pictures of the cards and the decks beside the pages."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / "mathjax.js").write_text(vendor.read("mathjax.js"), encoding="utf-8")
    shutil.copy(ROOT / "docs" / "strip.jpg", static)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        picture = card(striking_part(read_lesson(path).notebook))
        (static / f"{path.stem}.jpg").write_bytes(jpeg(picture))
    if DECKS.is_dir():
        shutil.copytree(DECKS, Path(app.outdir) / "slides", dirs_exist_ok=True)


def setup(app):
    """Connect this module to Sphinx."""
    app.connect("html-page-context", _add_to_page, priority=900)  # after the theme has made its buttons
    app.connect("build-finished", _add_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
