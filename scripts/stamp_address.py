"""Write the project's public address where readers meet it: badges, set-up cells, citation, link to the site.

The address lives in one place, ``[project.urls]`` of pyproject.toml: ``Repository``, and ``Documentation`` if
the site is on the web. This script gives every notebook the same set-up cell and the badge "Open in Colab",
the README that badge, another for Binder, and the target of its link "website", and CITATION.cff the line
``repository-code``. Without an address these are removed, and the link leads to how the site is built.
Nothing else in the files changes; a second run changes nothing. ::

    python scripts/stamp_address.py
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "main"
FIRST_NOTEBOOK = "00_start_here.ipynb"
UPLOADED_WHEEL = "nst_utils-*-none-any.whl"  # not "… (1).whl", which Colab makes of a second upload
SETUP = """\
import sys

if "google.colab" in sys.modules:  # {comment}
    !pip install -q --no-deps {source}

import numpy as np
import nst_utils as nst

nst.start_notebook()"""
HOW_TO_BUILD = "docs/install.md#the-website"
_BADGES = re.compile(r"\n\n\[!\[(Open in Colab|Binder)\].*")
_CITED = re.compile(r"^repository-code:.*\n", re.MULTILINE)
_WEBSITE = re.compile(r"\[website\]\([^)]*\)")


def public_address(pyproject: str) -> str | None:
    """Read the address from the text of pyproject.toml: ``https://host/owner/name``, or None."""
    address = _urls(pyproject).get("Repository")
    return address.rstrip("/").removesuffix(".git") if address else None


def _urls(pyproject):
    return tomllib.loads(pyproject)["project"].get("urls", {})


def setup_cell(address: str | None) -> str:
    """Return the first code cell of every notebook."""
    if address:
        return SETUP.format(comment="Colab opens a notebook alone", source=f"git+{address}")
    return SETUP.format(comment="upload the course's wheel first, see README.md", source=UPLOADED_WHEEL)


def colab_badge(address: str | None, notebook: str) -> str:
    """Return the badge of one notebook; empty if Colab cannot open it, which reads GitHub only."""
    if not address or not address.startswith("https://github.com/"):
        return ""
    colab = "https://colab.research.google.com"
    page = f"{colab}/github/{address.removeprefix('https://github.com/')}/blob/{BRANCH}/notebooks/{notebook}"
    return f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({page})"


def binder_badge(address: str | None) -> str:
    """Return the badge that opens the learner's copies, made by postBuild; Binder reads any Git server."""
    if not address:
        return ""
    binder = "https://mybinder.org"
    page = f"{binder}/v2/git/{quote(address, safe='')}/{BRANCH}?urlpath=lab/tree/work/{FIRST_NOTEBOOK}"
    return f"[![Binder]({binder}/badge_logo.svg)]({page})"


def stamp_markdown(text: str, badges: str) -> str:
    """Put the badges below the title, the first paragraph, in place of older ones."""
    title, _, rest = _BADGES.sub("", text).partition("\n\n")
    return "\n\n".join(part for part in (title, badges, rest) if part)


def stamp_readme(text: str, address: str | None, website: str | None) -> str:
    """Stamp the README with both badges and with the address of the site."""
    badges = f"{colab_badge(address, FIRST_NOTEBOOK)} {binder_badge(address)}".strip()
    return _WEBSITE.sub(lambda _: f"[website]({website or HOW_TO_BUILD})", stamp_markdown(text, badges))


def stamp_citation(text: str, address: str | None) -> str:
    """Put the address at the end of CITATION.cff, in place of an older one."""
    return _CITED.sub("", text) + (f'repository-code: "{address}"\n' if address else "")


def stamp_notebook(text: str, address: str | None, name: str) -> str:
    """Stamp a notebook, given and returned as the text of its file."""
    notebook = json.loads(text)
    title = notebook["cells"][0]
    setup = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    if "nst.start_notebook()" not in "".join(setup["source"]):
        raise ValueError(f"{name}: the first code cell is not a set-up cell with nst.start_notebook().")
    stamped = stamp_markdown("".join(title["source"]), colab_badge(address, name))
    title["source"] = stamped.splitlines(keepends=True)
    setup["source"] = setup_cell(address).splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def stamp_all(root: Path) -> list[Path]:
    """Stamp the files below a folder; returns the paths of those that changed."""
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    address, website = public_address(pyproject), _urls(pyproject).get("Documentation")
    changed = []
    for path in [root / "README.md", root / "CITATION.cff", *sorted((root / "notebooks").glob("*.ipynb"))]:
        old = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            new = stamp_readme(old, address, website)
        elif path.suffix == ".cff":
            new = stamp_citation(old, address)
        else:
            new = stamp_notebook(old, address, path.name)
        if new != old:
            path.write_text(new, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main() -> int:
    """Stamp this project."""
    for path in stamp_all(ROOT):
        print(f"stamped {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
