"""The HTML edition: a page per notebook and a contents page, in one folder that works from a disk."""

import re
import shutil

from . import vendor
from .links import rewrite_links
from .render import TEMPLATES, cells_to_html, fill
from .thumbnails import thumbnail

_HEADING = re.compile(r'<h2 id="([^"]*)"[^>]*>(.*?)</h2>', re.DOTALL)


def build_site(lessons, folder, decks, picture=None):
    """Write the website.

    Parameters
    ----------
    lessons : list of publish.notebooks.Lesson
    folder : pathlib.Path
        Replaced as a whole.
    decks : pathlib.Path
        Folder of the slide decks; those that are there are copied and linked.
    picture : pathlib.Path, optional
        A picture for the top of the contents page.

    Returns
    -------
    pathlib.Path
        The contents page.
    """
    shutil.rmtree(folder, ignore_errors=True)
    assets = folder / "assets"
    assets.mkdir(parents=True)
    (assets / "mathjax.js").write_text(vendor.read("mathjax.js"), encoding="utf-8")
    shutil.copy(TEMPLATES / "site.css", assets)
    if picture:
        shutil.copy(picture, assets)
    with_deck = _copy_decks(lessons, decks, folder / "slides")
    for lesson in lessons:
        page = notebook_page(lesson, lessons, has_deck=lesson.name in with_deck)
        (folder / f"{lesson.name}.html").write_text(page, encoding="utf-8")
        if jpeg := thumbnail(lesson.notebook):
            (assets / f"{lesson.name}.jpg").write_bytes(jpeg)
    contents = fill("index.html", lessons=lessons, with_deck=with_deck, picture=picture and picture.name)
    (folder / "index.html").write_text(contents, encoding="utf-8")
    return folder / "index.html"


def notebook_page(lesson, lessons, has_deck):
    """Return the page of a notebook, with links to its neighbors among ``lessons``."""
    names = [other.name for other in lessons]
    place = names.index(lesson.name)
    body = rewrite_links(cells_to_html(lesson.notebook), names)
    # In a notebook a fold keeps the answer until the cell has run; here all cells have
    body = body.replace("<details><summary>What we saw", "<details open><summary>What we saw")
    return fill(
        "page.html",
        lesson=lesson,
        body=body,
        headings=[(anchor, re.sub(r"<[^>]*>", "", text)) for anchor, text in _HEADING.findall(body)],
        before=lessons[place - 1] if place else None,
        after=lessons[place + 1] if place + 1 < len(lessons) else None,
        has_deck=has_deck,
    )


def _copy_decks(lessons, source, target):
    """Copy the decks that were built; return the names of their notebooks."""
    built = [lesson.name for lesson in lessons if (source / f"{lesson.name}.html").is_file()]
    for name in built:
        target.mkdir(exist_ok=True)
        shutil.copy(source / f"{name}.html", target)
    return built
