"""Notebook cells to HTML, by nbconvert, with the few templates beside this file."""

import re
from pathlib import Path

import jinja2
from nbconvert import SlidesExporter
from pygments.formatters import HtmlFormatter

from .notebooks import static_copy

TEMPLATES = Path(__file__).parent / "templates"
_ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>')  # the ¶ behind headings
# What MathJax is told before it starts: the course's $…$; no parts that it would load later; glyphs within
# each formula, so that reveal.js can show a copy of it in the window of the speaker notes.
MATHJAX_SETTINGS = """window.MathJax = {
  loader: {load: []},
  tex: {inlineMath: [["$", "$"], ["\\\\(", "\\\\)"]], processEscapes: true,
        packages: {"[-]": ["autoload", "require"]}},
  options: {enableMenu: false, skipHtmlTags: ["script", "style", "pre", "code", "textarea"]},
  svg: {fontCache: "local", scale: 0.95},
};"""


def deck_to_html(notebook):
    """Return the cells of a deck's notebook as reveal.js' ``<section>`` elements."""
    exporter = SlidesExporter(template_name="deck", extra_template_basedirs=[str(TEMPLATES)])
    return _ANCHOR.sub("", exporter.from_notebook_node(static_copy(notebook))[0])


def fill(template, **values):
    """Return a page from one of the page templates.

    Parameters
    ----------
    template : str
        File name in the folder of templates. What is HTML already is marked ``|safe`` there.
    **values
        What the template names.

    Returns
    -------
    str
    """
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)
    common = {"mathjax_settings": MATHJAX_SETTINGS, "code_css": code_css()}
    return environment.get_template(template).render(**common, **values)


def code_css():
    """Return the colors of code."""
    return HtmlFormatter(style="friendly").get_style_defs(".highlight")
