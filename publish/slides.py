"""From a notebook's cells to the cells of its deck.

A cell says in its metadata what it is on the slides: ``slideshow.slide_type`` as everywhere in Jupyter
(slide, subslide, fragment, notes, skip; here a cell that says nothing is skipped), and ``slides`` what is
shown:

``text``
    Markdown that is shown instead of a text cell, or above the output of a code cell. A line ``---``
    begins the next slide. The text cell itself becomes the speaker notes.
``code``
    ``true`` shows a code cell's code, a text such as ``"def gram"`` the one statement in which a line
    begins like this. Otherwise only the output is shown.
``parts``
    ``[[left, top, right, bottom], …]``, fractions of the last figure: these parts alone are shown, large,
    three in a row.
``notes``
    What else the speaker says.
``thumbnail``
    ``[left, top, right, bottom]``, fractions of the figure: this part stands for the notebook on the
    website's contents page.
"""

import ast
import base64
import re

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from .outputs import cut, image_of, jpeg

_KEPT = "Figure in words|What we saw"
_FOLD = re.compile(rf"<details><summary>({_KEPT})</summary>\n\n(.*?)\n\n</details>", re.DOTALL)
_NEIGHBOR = re.compile(r"(?<!!)\[([^]]*)\]\((?![a-z]+:)[^)]*\)")


class SlideError(ValueError):
    """The slide metadata of a cell does not fit the cell; the message names it."""


def deck_notebook(notebook):
    """Return the notebook that is shown as slides.

    Parameters
    ----------
    notebook : nbformat.NotebookNode

    Returns
    -------
    nbformat.NotebookNode
        Every cell has a ``slide_type``; none is skipped.

    Raises
    ------
    SlideError
        When no cell has slide metadata, or when it does not fit the cell.
    """
    cells = [made for cell in notebook.cells for made in _cells_shown(cell)]
    if not cells:
        raise SlideError("no cell has slide metadata (View > Cell Toolbar > Slideshow, or `slideshow`)")
    deck = nbformat.from_dict({**notebook, "cells": []})
    deck.cells = cells
    return deck


def _cells_shown(cell):
    kind = cell.metadata.get("slideshow", {}).get("slide_type", "skip")
    if kind == "skip":
        return []
    if kind == "notes":
        return [_whole(cell, "notes")]
    plan = cell.metadata.get("slides", {})
    text = plan.get("text")
    notes = [_typed(new_markdown_cell(plan["notes"]), "notes")] if "notes" in plan else []
    if cell.cell_type == "code":
        above = [_typed(new_markdown_cell(text), kind)] if text else []
        return [*above, _typed(_code_shown(cell, plan), "-" if text else kind), *notes]
    if text is None:
        return [_whole(cell, kind), *notes]
    slides = [_typed(new_markdown_cell(part), kind) for part in re.split(r"\n---\n", text)]
    return [slides[0], _whole(cell, "notes"), *notes, *slides[1:]]


def _whole(cell, kind):
    """Take the cell with its folds open, and without links to files beside it, which a deck has not."""
    text = _NEIGHBOR.sub(r"\1", _FOLD.sub(r"**\1.** \2", cell.source))
    return _typed(new_markdown_cell(text, attachments=cell.get("attachments", {})), kind)


def _typed(cell, kind):
    cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


def _code_shown(cell, plan):
    code = plan.get("code", False)
    shown = new_code_cell(statement(cell.source, code) if isinstance(code, str) else cell.source)
    shown.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    if parts := plan.get("parts"):
        *_, figure = filter(image_of, shown.outputs)
        shown.outputs = [_part(figure, box) for box in parts]
    shown.metadata["alt"] = cell.metadata.get("alt", "")
    if not code:
        shown.metadata["transient"] = {"remove_source": True}  # nbconvert's own switch
    return shown


def _part(figure, box):
    return new_output("display_data", {"image/jpeg": base64.b64encode(jpeg(cut(figure, box), 92)).decode()})


def statement(source, start):
    """Return the one statement of a cell in which a line begins with ``start``.

    Parameters
    ----------
    source : str
        Python.
    start : str
        Such as ``"def gram_by_hand"``. A decorator and a comment above belong to the statement.

    Returns
    -------
    str

    Raises
    ------
    SlideError
        When there is no such statement.
    """
    lines, before = source.split("\n"), 0
    for node in ast.parse(source).body:
        taken = lines[before : node.end_lineno]
        if any(line.startswith(start) for line in taken):
            return "\n".join(taken).strip("\n")
        before = node.end_lineno
    raise SlideError(f"no statement begins with {start!r} in the cell that begins with {source[:60]!r}")
