"""Write the project's public address where readers meet it: badges and set-up cells.

The address lives in one place, ``[project.urls] Repository`` of pyproject.toml. This script gives every
notebook the same set-up cell, and each notebook and the README a badge "Open in Colab", which is taken away
when there is no address. Nothing else in the files changes; a second run changes nothing. ::

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

# A notebook that came alone cannot import what it is about to install: so this stands in each of them.
# "from None", because Colab's IPython 7 fails on an exit inside another exception. The quotes, because an
# upload may be called "nst_utils-0.1.0 (1).whl", and what follows ! goes to a shell.
SETUP = """\
try:
    import nst_utils as nst
except ModuleNotFoundError:  # Colab opens a notebook alone
    import glob
    import shlex
    import sys

    source = max(glob.glob("nst_utils-*.whl"), default="{address}")
    if not source or "google.colab" not in sys.modules:
        raise SystemExit("nst_utils is not here. In Colab: upload its wheel, which `make wheel` builds, and"
                         " run this cell again, or set the project's address as README.md says. Elsewhere:"
                         " choose the kernel of the course's .venv.") from None
    !pip install -q --no-deps {{shlex.quote(source)}}
    import nst_utils as nst"""
_SETUP_FOUND = re.compile(
    r"^(import nst_utils as nst|try:\n    import nst_utils as nst\n.*?\n    import nst_utils as nst)$\n*",
    re.MULTILINE | re.DOTALL,
)
_BADGE_FOUND = re.compile(r"\n\n\[!\[Open in Colab\].*")


def public_address(pyproject):
    """Read the address from the text of pyproject.toml: ``https://host/owner/name``, or None."""
    address = tomllib.loads(pyproject)["project"].get("urls", {}).get("Repository")
    return address.rstrip("/").removesuffix(".git") if address else None


def setup_code(address):
    """Return the lines that bring the package into a notebook."""
    return SETUP.format(address=f"git+{address}" if address else "")


def badge(address, notebook):
    """Return the badge of one notebook; empty if Colab cannot open it, which reads GitHub only."""
    if not address or not address.startswith("https://github.com/"):
        return ""
    colab = "https://colab.research.google.com"
    page = f"{colab}/github/{address.removeprefix('https://github.com/')}/blob/{BRANCH}/notebooks/{notebook}"
    return f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({page})"


def stamp_markdown(text, address, notebook):
    """Put the badge below the title, the first paragraph; an older badge goes."""
    title, _, rest = _BADGE_FOUND.sub("", text).partition("\n\n")
    return "\n\n".join(part for part in (title, badge(address, notebook), rest) if part)


def stamp_code(text, address):
    """Put the set-up lines in the place of ``import nst_utils as nst``, or of older set-up lines."""
    if len(_SETUP_FOUND.findall(text)) != 1:
        raise ValueError("A notebook's first code cell needs the line `import nst_utils as nst`, once.")
    return _SETUP_FOUND.sub(lambda _: setup_code(address) + "\n\n", text)


def stamp_notebook(text, address, name):
    """Stamp a notebook, given and returned as the text of its file."""
    notebook = json.loads(text)
    code_cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    title, setup = notebook["cells"][0], next(code_cells)
    for cell, stamped in (
        (title, stamp_markdown("".join(title["source"]), address, name)),
        (setup, stamp_code("".join(setup["source"]), address)),
    ):
        cell["source"] = stamped.splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def stamp_all(root):
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


def main():
    """Stamp this project."""
    for path in stamp_all(ROOT):
        print(f"stamped {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
