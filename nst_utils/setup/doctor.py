"""What this computer has: ``nst.diagnose()``, on the command line ``python -m nst_utils doctor``."""

import importlib.metadata
import platform
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from .installation import explain, installed_version, problem_with, requirements

NEEDED_GIBIBYTES = 3.0  # a 512 px run stays below this; measured with /usr/bin/time


class Finding(NamedTuple):
    """One line of the doctor's report."""

    good: bool
    text: str


def diagnose() -> list[Finding]:
    """Check this computer: requirements, device, memory, trained weights.

    Nothing is fetched or changed. ``python -m nst_utils doctor`` prints the same.

    Returns
    -------
    list of Finding
        Each with ``good``, whether all is well, and ``text``, a sentence; where it is not well, with the
        command that helps.

    Examples
    --------
    >>> findings = diagnose()
    >>> print(findings[0].good, findings[0].text.split()[0])
    True Python
    """
    checks: list[Callable[[], Finding]] = [partial(_check_requirement, r) for r in requirements()]
    checks += [_check_opencv, _check_device, _check_memory, _check_vgg19, _check_magenta]
    return [Finding(True, f"Python {platform.python_version()}"), *map(_finding, checks)]


def _finding(check: Callable[[], Finding]) -> Finding:
    """Run one check, which may itself need something that is broken here."""
    try:
        return check()
    except Exception as error:
        return Finding(False, str(explain(error)))


def _check_requirement(requirement):
    problem = problem_with(requirement)
    version = installed_version(requirement) or "of another distribution"
    return Finding(problem is None, problem or f"{requirement.name} {version}")


def _check_opencv():
    """Two OpenCV distributions overwrite each other's files, which is harmless if they are of one version."""
    found = {d.metadata["Name"]: d.version for d in importlib.metadata.distributions()}
    versions = {name: version for name, version in found.items() if name.startswith("opencv-")}
    remedy = f"pip uninstall -y {' '.join(versions)}; pip install opencv-python-headless"
    try:
        import cv2
    except ImportError as error:  # the uninstallation of one has removed files of the other
        return Finding(False, f"OpenCV does not start ({error}): {remedy}")
    if len(set(versions.values())) > 1:
        return Finding(False, f"{' and '.join(versions)} overwrite each other: {remedy}")
    return Finding(True, f"OpenCV {cv2.__version__} starts")


def _check_device():
    from ..base.hardware import device_name

    return Finding(True, f"computes on: {device_name()}")


def _check_memory():
    from ..base.hardware import free_memory

    free = free_memory() / 2**30
    good = free >= NEEDED_GIBIBYTES
    advice = "" if good else ": close programs, or keep to pictures of 256 px"
    return Finding(good, f"{free:.1f} GiB of memory free{advice}")


def _check_vgg19():
    from ..models import vgg_weights

    file = vgg_weights.find_weights("vgg19")
    return Finding(file is not None, f"VGG19: {file.source}" if file else _not_fetched("VGG19"))


def _check_magenta():
    from ..models import magenta_weights

    found = magenta_weights.find_saved_model() is not None
    return Finding(found, f"Magenta: {magenta_weights.SOURCE}" if found else _not_fetched("Magenta's model"))


def _not_fetched(model):
    from ..models.fetching import cache_folder

    return f"{model} is not in {cache_folder()}: python -m nst_utils fetch"
