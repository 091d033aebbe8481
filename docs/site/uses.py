"""Where the course uses a function: links from its page of reference to the notebooks."""

import functools
import re
from pathlib import Path

from publish.notebooks import read_lesson

NOTEBOOKS = Path(__file__).resolve().parent.parent.parent / "notebooks"


@functools.cache
def uses():
    """Return by public name the notebooks that use it: their titles by path, without extension."""
    found = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        lesson = read_lesson(path)
        code = "\n".join(cell.source for cell in lesson.notebook.cells if cell.cell_type == "code")
        for name in set(re.findall(r"\bnst\.(\w+)", code)):
            found.setdefault(name, {})[f"/notebooks/{path.stem}"] = lesson.title
    return found


def add_uses(app, what, name, thing, options, lines):
    """Name the notebooks at the end of a page; for Sphinx's ``autodoc-process-docstring``."""
    if titles := uses().get(name.removeprefix("nst_utils.")):
        links = ", ".join(f":doc:`{title} <{path}>`" for path, title in titles.items())
        lines += ["", ".. rubric:: In the course", "", f"{links}."]


def setup(app):
    """Connect this module to Sphinx."""
    app.connect("autodoc-process-docstring", add_uses, priority=950)  # below the examples
    return {"parallel_read_safe": True, "parallel_write_safe": True}
