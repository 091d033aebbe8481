"""The glossary and the page of questions: what they quote and what they point to is still there."""

import ast
import json
import pkgutil
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = {page: (ROOT / "docs" / f"{page}.md").read_text("utf-8") for page in ("glossary", "questions")}
LINK = re.compile(r"\[(?:\d\d, )?\*([^*]+)\*\]\(\.\./notebooks/([\w.]+)#([^\s)]+)\)")


def texts_of_package():
    """Every string of the package but the docstrings; … stands for a value that is put in."""
    for path in (ROOT / "nst_utils").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and node not in docstrings:
                yield str(node.value)


def headings(notebook):
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.findall(r"^##+ (.+)$", text, re.MULTILINE)


def test_messages_are_quoted_as_the_package_has_them():
    part = PAGES["questions"].split("\n## What the course's own messages mean\n")[1]
    rows = re.findall(r"^\| (?!message \|).+$", part, re.MULTILINE)
    assert len(rows) > 30
    texts = list(texts_of_package())
    for row in rows:
        quoted = re.match(r"\| (`+)(.+?)\1 \| .+ \| .+ \|$", row)
        assert quoted, row
        words = ".*".join(map(re.escape, quoted[2].split("…")))
        assert any(re.search(words, text, re.DOTALL) for text in texts), row


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_notebook_names_sections_that_it_has(page):
    links = LINK.findall(PAGES[page])
    assert len(links) == PAGES[page].count("](../notebooks/") > 50
    for section, notebook, anchor in links:
        assert section in headings(notebook), notebook
        assert anchor == section.replace("`", "").replace(" ", "-")  # Jupyter's, as lessons.heading_slug


def test_every_function_that_the_glossary_names_exists():
    names = re.findall(r"\{py:\w+\}`([\w.]+)`", PAGES["glossary"])
    assert len(names) > 30
    for name in names:
        pkgutil.resolve_name(name)
