"""Runs a notebook as Jupyter and Colab do, alone in a folder, and reads what its cells printed."""

import copy

import nbformat
from nbclient import NotebookClient

COLAB_KERNEL = ["--IPKernelApp.exec_lines=import google.colab"]  # Colab's kernel begins with that


def setup_cell(notebook):
    """The first code cell, which every notebook begins with."""
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "nst.start_notebook()" in cell.source
    return cell


def with_setup_run_twice(notebook):
    """The notebook with its set-up cell a second time, right after the first."""
    first = notebook.cells.index(setup_cell(notebook))
    second = copy.deepcopy(notebook.cells[first])
    second.id = "set-up-again"
    cells = [*notebook.cells[: first + 1], second, *notebook.cells[first + 1 :]]
    return nbformat.from_dict({**notebook, "cells": cells})


def execute(notebook, folder, kernel_arguments=(), allow_errors=False):
    """Run all cells in the folder; a cell that fails raises, unless errors are allowed."""
    client = NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=list(kernel_arguments),
        allow_errors=allow_errors,
    )
    return client.execute()


def printed(cell, stream="stdout"):
    """What a cell wrote to a stream."""
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def errors(cell):
    """The exceptions that a cell ended with, ``Name: message``."""
    return [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]
