"""What pyproject.toml requires, what of it is installed, and what is wrong when an import fails."""

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import SetupError

if TYPE_CHECKING:  # importlib.metadata and packaging are imported late: a learner's random.py breaks them
    from packaging.requirements import Requirement

_MODULES = {"opencv-python-headless": "cv2", "pillow": "PIL",
            "scikit-image": "skimage", "scikit-learn": "sklearn"}  # fmt: skip
_RESTART = "then restart the kernel"


def requirements() -> "list[Requirement]":
    """Read the requirements of the installed package, as they stand in pyproject.toml, without the extras."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(text) for text in requires("nst-utils") or ()]
    except PackageNotFoundError:  # imported from its folder without being installed
        return []
    return [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]


def module_of(requirement: "Requirement") -> str:
    """Name that a requirement is imported by."""
    return _MODULES.get(requirement.name, requirement.name.replace("-", "_"))


def installed_version(requirement: "Requirement") -> str | None:
    """Version of a requirement: None if it is missing, "" if another distribution has its module.

    Colab has three OpenCV distributions, for instance, and a fourth would break them all.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(requirement.name)
    except PackageNotFoundError:
        return "" if importlib.util.find_spec(module_of(requirement)) else None


def problem_with(requirement: "Requirement") -> str | None:
    """Say that a requirement is missing or has a version outside its range, and the command that helps."""
    found = installed_version(requirement)
    if found is None:
        return f"{requirement.name} is missing: pip install '{requirement}'"
    if found and not requirement.specifier.contains(found, prereleases=True):
        return f"{requirement.name} {found} does not fit: pip install '{requirement}'"
    return None


def explain(error: Exception) -> Exception:
    """Return a :class:`SetupError` that says why an import failed; the error itself if nothing is known."""
    if isinstance(error, SetupError) or not isinstance(error, (ImportError, AttributeError, TypeError)):
        return error
    hiding = _file_in_place_of(sys.stdlib_module_names) or _file_in_place_of(map(module_of, requirements()))
    if hiding:
        return SetupError(
            f"Your file {hiding.name} is imported in place of the module {hiding.stem} ({error}):"
            f" rename it, {_RESTART}."
        )
    for requirement in requirements():
        if isinstance(error, ModuleNotFoundError) and error.name == module_of(requirement):
            return SetupError(f"{error}: pip install '{requirement}', {_RESTART}.")
    for sentence in filter(None, map(problem_with, requirements())):
        return SetupError(f"{sentence}, then restart the kernel ({error}).")
    return error


@contextmanager
def explained_imports() -> Iterator[None]:
    """Raise what :func:`explain` returns for an error of the imports inside the ``with`` block."""
    try:
        yield
    except Exception as error:
        explained = explain(error)
        if explained is error:
            raise
        raise explained from error


def _file_in_place_of(modules: Iterable[str]) -> Path | None:
    """Find a file in the current folder that was imported under one of these names."""
    for name in modules:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and Path(file).parent == Path.cwd():
            return Path(file)
    return None
