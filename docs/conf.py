"""Settings of the website, for Sphinx: ``make site``. What is special of notebooks: ``site/lessons.py``."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(HERE / "site"), str(ROOT)]

import nst_utils  # noqa: E402
from scripts.stamp_address import BRANCH, public_address  # noqa: E402

project = "Neural style transfer, understood"
author = "the authors of nst-utils"
copyright = f"{author}. Code: MIT. Text and figures: CC BY 4.0"
version = release = nst_utils.__version__

# The source folder is the repository: links between notebooks and pages hold here as they do there.
root_doc = "docs/contents"
include_patterns = ["docs/**.md", "docs/**.rst", "notebooks/*.ipynb", "benchmarks/RESULTS.md", "*.md"]
exclude_patterns = ["README.md", "docs/site", ".*", "build", "dist", "work", "tests", "nst_utils"]
extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_codeautolink",
    "sphinx_copybutton",
    "examples",
    "lessons",
    "uses",
]

nb_execution_mode = "off"  # figures and numbers are those that the notebooks were committed with
nb_custom_formats = {".ipynb": ["lessons.read_notebook", {}, False]}
nb_ipywidgets_js = {}  # it would be asked of another server
nb_mime_priority_overrides = [("html", "image/gif", 5)]
nb_merge_streams = True
nb_code_prompt_show, nb_code_prompt_hide = "Show the code", "Hide the code"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
myst_heading_slug_func = "lessons.heading_slug"

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc gives the types, with shapes
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
codeautolink_concat_default = True
suppress_warnings = ["codeautolink.match_block"]  # Sphinx has taken "# doctest: …" out of an example
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "sphinx_book_theme"
html_title = project
html_favicon = "site/static/favicon.png"
html_static_path = ["site/static"]
html_css_files = ["course.css"]
html_js_files = [("course.js", {"priority": 900})]
templates_path = [str(HERE / "site" / "templates")]  # autosummary takes relative ones from the source folder
html_additional_pages = {"index": "home.html"}
html_context = {"default_mode": "auto"}
html_show_sphinx = False
mathjax_path = "mathjax.js"
mathjax3_config = {
    "loader": {"load": []},
    "tex": {"packages": {"[-]": ["autoload", "require"]}},
    "options": {"enableMenu": False},
}
html_theme_options = {
    "logo": {"text": project},
    "show_toc_level": 2,
    "use_fullscreen_button": False,
    "footer_content_items": ["copyright.html", "extra-footer.html"],
    "extra_footer": "Formulas by MathJax 3.2.2 (Apache License 2.0).",
    "navbar_persistent": [],  # the side bar has the search
    "search_bar_text": "Search the course …",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if address := public_address((ROOT / "pyproject.toml").read_text(encoding="utf-8")):
    html_theme_options |= {
        "repository_url": address,
        "repository_branch": BRANCH,
        "use_repository_button": True,
        "launch_buttons": {
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
        },
    }
