"""Read an executed notebook: its cells made static, its title, first sentence and times."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from .outputs import describe_figures, make_static


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    name: str  # file name without suffix, such as 00_start_here
    title: str  # plain text
    summary: str  # one sentence or two, plain text
    time: str  # what it says about reading and computing
    notebook: nbformat.NotebookNode  # its outputs static


def read_lesson(path):
    """Read a notebook file.

    Parameters
    ----------
    path : str or pathlib.Path

    Returns
    -------
    Lesson
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    describe_figures(notebook)
    opening = notebook.cells[0].source
    title, _, rest = opening.partition("\n")
    time = re.search(r"^\*\*Time:\*\* (.*?)(?:\n\n|\Z)", opening, re.MULTILINE | re.DOTALL)
    return Lesson(
        name=Path(path).stem,
        title=title.lstrip("# ").strip(),
        summary=_summary(notebook.cells[0], rest),
        time=_plain(time[1]) if time else "",
        notebook=notebook,
    )


def static_copy(notebook):
    """Return a copy of a notebook whose outputs a page without a kernel can show."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            make_static(cell)
    return copy


def _summary(cell, rest):
    """Take what the title slide says below the title or, without one, the notebook's first sentence."""
    said = cell.metadata.get("slides", {}).get("text", "").partition("\n")[2].strip()
    first = re.match(r".*?[.!?](?=\s|$)", rest.strip(), re.DOTALL)
    return _plain(said or (first[0] if first else ""))


def _plain(markdown):
    """One line of text, without emphasis and link addresses."""
    return " ".join(re.sub(r"[*`]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)).split())
