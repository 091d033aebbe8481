"""Read an executed notebook: its title, and its cells made static."""

from dataclasses import dataclass
from pathlib import Path

import nbformat

from .outputs import describe_figures, make_static


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    name: str  # file name without suffix, such as 00_start_here
    title: str  # plain text
    notebook: nbformat.NotebookNode  # as read, its figures described


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
    describe_figures(notebook)
    title = notebook.cells[0].source.partition("\n")[0]
    return Lesson(name=Path(path).stem, title=title.lstrip("# ").strip(), notebook=notebook)


def static_copy(notebook):
    """Return a copy of a notebook whose outputs a page without a kernel can show."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            make_static(cell)
    return copy
