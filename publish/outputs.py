"""Outputs of cells, made static: figures with alternative text."""

import base64
import io
import re

import nbformat
from PIL import Image

IMAGES = ("image/png", "image/jpeg", "image/gif")
_FOLD = re.compile(r"<details><summary>Figure in words</summary>\n\n(.*?)\n\n</details>", re.DOTALL)


def image_of(output):
    """Return ``(mime type, base64 text)`` of an output's picture, or None."""
    data = output.get("data", {})
    return next(((kind, data[kind].replace("\n", "")) for kind in IMAGES if kind in data), None)


def cut(output, box):
    """Return a part of an output's picture; ``box`` is left, top, right, bottom in fractions of its sides."""
    figure = Image.open(io.BytesIO(base64.b64decode(image_of(output)[1]))).convert("RGB")
    return figure.crop([round(fraction * side) for fraction, side in zip(box, figure.size * 2, strict=True)])


def jpeg(picture, quality=82):
    """Return the bytes of a picture's JPEG file."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def figure_texts(source):
    """Return what a markdown cell says about the figures before it, one text for each fold.

    Parameters
    ----------
    source : str
        Markdown.

    Returns
    -------
    list of str
        Plain text, without markup.
    """
    return [" ".join(re.sub(r"[*`$]", "", text).split()) for text in _FOLD.findall(source)]


def describe_figures(notebook):
    """Note in each code cell the text of its figures, as the next markdown cell that has one gives it.

    Changes ``cell.metadata.alt`` of the cells of ``notebook``.
    """
    waiting = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(image_of(output) for output in cell.outputs):
            waiting.append(cell)
        elif cell.cell_type == "markdown" and (texts := figure_texts(cell.source)):
            for drawn in waiting:
                drawn.metadata["alt"] = " ".join(texts)
            waiting = []


def make_static(cell):
    """Replace the outputs of a code cell by ones that a page without a kernel can show.

    Pictures become ``<img>`` with the cell's alternative text, and pieces of printed text are joined.
    """
    outputs = []
    for output in cell.outputs:
        if picture := image_of(output):
            kind, data = picture
            alt = cell.metadata.get("alt", "A figure; the text around it says what it shows.")
            alt = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            outputs.append(_html(f'<img src="data:{kind};base64,{data}" alt="{alt}">'))
        elif outputs and output.output_type == "stream" == outputs[-1].output_type:
            outputs[-1].text += output.text
        else:
            outputs.append(output)
    cell.outputs = outputs


def _html(text):
    return nbformat.v4.new_output("display_data", {"text/html": text})
