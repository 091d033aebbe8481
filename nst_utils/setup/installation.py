"""What the course needs to be installed, and in plain words what is wrong when an import fails."""

import os
import re
import sys
from pathlib import Path

from ..base import SetupError

# Modules of the standard library that a learner's random.py would break are imported where they are used.

MODULES = {  # what a requirement is imported as, where that is not its name
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-image": "skimage",
}
SERVER_SIDE = {"jupyterlab", "nbconvert"}  # what shows notebooks; Colab, for one, does that by itself


def module_of(distribution):
    """Name that a distribution is imported by."""
    return MODULES.get(distribution, distribution.replace("-", "_"))


def requirements(distribution="nst-utils"):
    """Read the requirements of an installed distribution as in pyproject.toml, without its extras.

    Returns
    -------
    dict of str to str
        Name of each to its whole text, ``{"onnx": "onnx<2,>=1.18"}`` for example; empty if the
        distribution is not installed.
    """
    import importlib.metadata

    try:
        texts = importlib.metadata.requires(distribution) or ()
    except importlib.metadata.PackageNotFoundError:
        return {}
    return {re.match(r"[\w.-]+", text).group(): text for text in texts if "extra ==" not in text}


def outdated():
    """Sentences on the requirements that are installed in a version which the course does not run with."""
    import importlib.metadata

    from packaging.requirements import Requirement

    for name, text in requirements().items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if not Requirement(text).specifier.contains(found, prereleases=True):
            yield f"{name} {found} is not a version that the course runs with: pip install '{text}'"


def raise_explained(error):
    """Raise an error in words, from inside the ``except`` block that has caught it; see :func:`explain`."""
    explained = explain(error)
    if explained is error:
        raise error
    raise explained from error


def explain(error):
    """Say what is wrong with this Python when a module of the course cannot be imported.

    Parameters
    ----------
    error : Exception
        As the import raised it.

    Returns
    -------
    Exception
        A :class:`SetupError` to raise in its place, or the error itself if nothing is known about it.
    """
    if isinstance(error, SetupError):
        return error
    if isinstance(error, ModuleNotFoundError):
        for name, text in requirements().items():
            if error.name == module_of(name):
                return SetupError(
                    f"{name} is missing ({error}): pip install '{text}', then restart the kernel."
                )
    hiding = _hiding_file(sys.stdlib_module_names) or _hiding_file(map(module_of, requirements()))
    if hiding:
        return SetupError(
            f"Your file {hiding.name} is imported in place of the module {hiding.stem} that the course needs"
            f" ({error}). Rename your file, then restart the kernel."
        )
    if _comes_from_keras_settings(error):
        return SetupError(
            f"Keras cannot use its settings ({error}). Delete the file keras.json in the folder"
            f" {os.environ.get('KERAS_HOME') or '~/.keras'}, then restart the kernel."
        )
    if not isinstance(error, (ImportError, AttributeError, TypeError)):
        return error  # not what an unfit version raises
    for sentence in outdated():
        return SetupError(f"{sentence}, then restart the kernel.")
    if isinstance(error, ImportError):
        return SetupError(
            f"An installed package is broken ({error}). Run `python -m nst_utils doctor`; if that finds"
            " nothing, delete the environment and install the course anew."
        )
    return error


def _hiding_file(modules):
    """Find a learner's own file in the current folder that was imported in place of one of these modules."""
    here = Path(os.path.abspath(""))
    for name in modules:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and Path(file).parent == here:
            return Path(file)
    return None


def _comes_from_keras_settings(error):
    """Whether an error arose where Keras reads its settings, which are read at import."""
    place = error.__traceback__
    while place.tb_next:
        place = place.tb_next
    return Path(place.tb_frame.f_code.co_filename).parts[-4:] == ("keras", "src", "backend", "config.py")
