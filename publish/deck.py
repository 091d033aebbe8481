"""One slide deck per notebook: a single file that opens anywhere, without a network."""

import base64

from . import vendor
from .render import deck_to_html, fill
from .slides import deck_notebook
from .thumbnails import cover


def build_deck(lesson, folder):
    """Write the deck of a notebook.

    Parameters
    ----------
    lesson : publish.notebooks.Lesson
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    publish.slides.SlideError
        When the notebook's slide metadata is missing or does not fit.
    """
    page = fill(
        "deck.html",
        title=lesson.title,
        sections=deck_to_html(deck_notebook(lesson.notebook)),
        cover=base64.b64encode(cover(lesson.notebook)).decode(),
        vendored={name: vendor.read(name) for name in vendor.FILES},
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson.name}.html"
    path.write_text(page, encoding="utf-8")
    return path
