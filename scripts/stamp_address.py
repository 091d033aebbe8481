"""Write the project's public address where readers meet it: badges and set-up cells.

The address lives in one place, ``[project.urls] Repository`` of pyproject.toml. This script gives every
notebook the same set-up cell, and each notebook and the README a badge "Open in Colab", which is removed when
there is no address. Nothing else in the files changes; a second run changes nothing. ::

    python scripts/stamp_address.py
"""

import json
import re
import sys
import tomllib
from pathlib import Path

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
_BADGE = re.compile(r"\n\n\[!\[Open in Colab\].*")


def public_address(pyproject: str) -> str | None:
    """Read the address from the text of pyproject.toml: ``https://host/owner/name``, or None."""
    address = tomllib.loads(pyproject)["project"].get("urls", {}).get("Repository")
    return address.rstrip("/").removesuffix(".git") if address else None


def setup_cell(address: str | None) -> str:
    """Return the first code cell of every notebook."""
    if address:
        return SETUP.format(comment="Colab opens a notebook alone", source=f"git+{address}")
    return SETUP.format(comment="upload the course's wheel first, see README.md", source=UPLOADED_WHEEL)


def badge(address: str | None, notebook: str) -> str:
    """Return the badge of one notebook; empty if Colab cannot open it, which reads GitHub only."""
    if not address or not address.startswith("https://github.com/"):
        return ""
    colab = "https://colab.research.google.com"
    page = f"{colab}/github/{address.removeprefix('https://github.com/')}/blob/{BRANCH}/notebooks/{notebook}"
    return f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({page})"


def stamp_markdown(text: str, address: str | None, notebook: str) -> str:
    """Put the badge below the title, the first paragraph, in place of an older badge."""
    title, _, rest = _BADGE.sub("", text).partition("\n\n")
    return "\n\n".join(part for part in (title, badge(address, notebook), rest) if part)


def stamp_notebook(text: str, address: str | None, name: str) -> str:
    """Stamp a notebook, given and returned as the text of its file."""
    notebook = json.loads(text)
    title = notebook["cells"][0]
    setup = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    if "nst.start_notebook()" not in "".join(setup["source"]):
        raise ValueError(f"{name}: the first code cell is not a set-up cell with nst.start_notebook().")
    title["source"] = stamp_markdown("".join(title["source"]), address, name).splitlines(keepends=True)
    setup["source"] = setup_cell(address).splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def stamp_all(root: Path) -> list[Path]:
    """Stamp README and notebooks below a folder; returns the paths of the files that changed."""
    address = public_address((root / "pyproject.toml").read_text(encoding="utf-8"))
    changed = []
    for path in [root / "README.md", *sorted((root / "notebooks").glob("*.ipynb"))]:
        old = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            new = stamp_markdown(old, address, FIRST_NOTEBOOK)
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
