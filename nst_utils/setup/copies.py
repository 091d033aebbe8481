"""The learner's own copies of the notebooks: without outputs, and never overwritten."""

import hashlib
import json
import os
from pathlib import Path

from .. import __file__ as _package

COURSE = Path(_package).resolve().parents[1] / "notebooks"
LAB_SETTINGS = Path(__file__).parent / "lab"


def make_copies(folder: str | Path, solutions: bool = True, course: Path = COURSE) -> list[str]:
    """Copy the notebooks of the course without their outputs into a folder; returns what to tell the learner.

    A copy in which somebody has written or run anything stays as it is. If the course has a newer text, that
    comes beside it, with a number: ``02_gram_matrices_2.ipynb``.

    Parameters
    ----------
    folder : path
        Made if it is missing.
    solutions : bool
        Whether the solutions of the exercises are copied, too.
    course : path
        The folder of notebooks to copy.

    Raises
    ------
    FileNotFoundError
        When there is no notebook to copy.
    """
    folder, names = Path(folder), sorted(course.glob("*.ipynb"))
    if not names:
        raise FileNotFoundError(f"No notebooks in {course}: use the package in a clone of the course.")
    folder.mkdir(parents=True, exist_ok=True)
    told = (_copy(name, folder, solutions) for name in names)
    return [line for line in told if line]


def start_lab(folder: str | Path) -> None:
    """Open JupyterLab in a folder, at its first notebook, without the question about news.

    Raises
    ------
    ImportError
        When JupyterLab is not installed.
    """
    try:
        from jupyterlab.labapp import main
    except ImportError as error:
        words = f"JupyterLab is missing: pip install jupyterlab, or open the notebooks in {folder} elsewhere."
        raise ImportError(words) from error
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    settings = [f"--ServerApp.root_dir={Path(folder).resolve()}", f"--LabApp.app_settings_dir={LAB_SETTINGS}"]
    page = ["--LabApp.default_url=/lab/tree/00_start_here.ipynb", "--log-level=WARN"]
    main([*settings, *page, *["--allow-root"] * is_root])


def _copy(original, folder, solutions):
    """Copy one notebook, if no copy of its present text is there."""
    notebook = json.loads(original.read_text(encoding="utf-8"))
    notebook["cells"] = [c for c in notebook["cells"] if solutions or "solution" not in _tags(c)]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    notebook["metadata"]["nst_utils"] = {"copy_of": _digest(notebook)}

    path, number = folder / original.name, 1
    while path.exists():
        if _origin(path) == _digest(notebook):
            return None
        if _is_untouched(path):
            break
        number += 1
        path = folder / f"{original.stem}_{number}.ipynb"
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if number == 1:
        return None
    return f"{original.name} of the course is newer than your copy: it is {path} now, and your copy stays."


def _tags(cell):
    return cell["metadata"].get("tags", [])


def _digest(notebook):
    """Fingerprint of what the cells say."""
    said = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _origin(path):
    """Fingerprint of the text that a copy was made from; None in a file that is no copy."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"]["nst_utils"]["copy_of"]
    except (ValueError, KeyError, TypeError):  # half written, or another file of this name
        return None


def _is_untouched(path):
    """Whether nobody has written or run anything in a copy."""
    origin = _origin(path)
    if origin is None:
        return False
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return _digest(notebook) == origin and not any(cell.get("outputs") for cell in notebook["cells"])
