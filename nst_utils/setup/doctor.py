"""What this computer has: the notebooks' first line and the command line's ``doctor``."""

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import NamedTuple

from ..base.hardware import device_name
from ..base.printing import replace_unknown_letters
from .installation import SERVER_SIDE, explain, outdated, requirements

OPENCV_DISTRIBUTIONS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
PACKAGES = ("tensorflow", "keras", "numpy", "matplotlib", "pillow", "scikit-image", "tensorflow-hub", "onnx")
CHECKED_APART = {"opencv-python-headless", "setuptools", "tf_keras", *SERVER_SIDE}
NEEDED_GIBIBYTES = 3.0  # a 512 px run stays below this; measured with /usr/bin/time


class Finding(NamedTuple):
    """One line of the doctor's report."""

    good: bool
    text: str


def version(distribution):
    """Version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _check_python():
    good = (3, 11) <= sys.version_info < (3, 14)
    return Finding(
        good, f"Python {platform.python_version()}" + ("" if good else ": needs 3.11, 3.12 or 3.13")
    )


def _check_packages():
    for name in PACKAGES:
        found = version(name) or (version("tensorflow-cpu") if name == "tensorflow" else None)
        advice = f"{name} is missing: install the course with `pip install -e .` in its folder"
        yield Finding(found is not None, f"{name} {found}" if found else advice)
    for name, text in requirements().items():  # the rest is no news unless it is missing
        if name not in CHECKED_APART.union(PACKAGES) and version(name) is None:
            yield Finding(False, f"{name} is missing: `pip install '{text}'`")


def _check_hub_needs():
    setuptools = version("setuptools")
    if setuptools is None or int(setuptools.split(".")[0]) >= 81:
        yield Finding(False, f"setuptools {setuptools}: tensorflow-hub needs `pip install 'setuptools<81'`")
    tensorflow, tf_keras = version("tensorflow"), version("tf_keras")
    if tensorflow and (tf_keras or "").split(".")[:2] != tensorflow.split(".")[:2]:
        minor = ".".join(tensorflow.split(".")[:2])
        yield Finding(
            False, f"tf_keras {tf_keras} beside TensorFlow {tensorflow}: `pip install 'tf_keras=={minor}.*'`"
        )


def _check_opencv():
    found = [name for name in OPENCV_DISTRIBUTIONS if version(name)]
    if found and not _opencv_starts():  # after one of two was uninstalled, it took files of the other along
        return Finding(
            False,
            f"{found[-1]} does not start: `pip uninstall -y {' '.join(found)}`, then"
            " `pip install opencv-python-headless`",
        )
    if len({version(name) for name in found}) == 1:  # Colab has three, of one version: that works
        return Finding(True, f"{', '.join(found)} {version(found[0])}")
    if not found:
        return Finding(False, "OpenCV is missing: `pip install opencv-python-headless`")
    return Finding(
        False,
        f"{len(found)} OpenCV packages overwrite each other ({', '.join(found)}):"
        f" `pip uninstall -y {' '.join(found)}`, then `pip install opencv-python-headless`",
    )


def _opencv_starts():
    try:
        import cv2  # noqa: F401
    except ImportError:  # not there, half there, or without a library of the system
        return False
    return True


def _check_versions():
    for sentence in outdated():
        if not sentence.startswith(("setuptools ", "tf_keras ")):  # they have checks of their own
            yield Finding(False, sentence)


def _check_memory():
    from ..base.hardware import free_memory

    free = free_memory() / 2**30
    text = f"{free:.1f} GiB of memory free"
    good = free >= NEEDED_GIBIBYTES
    return Finding(good, text if good else f"{text}: close programs, or keep to pictures of 256 px")


def _check_weights():
    from ..models import vgg_weights

    file = vgg_weights.find_weights("vgg19")
    if file:
        home = Path(os.path.expanduser("~"))  # written as ~: reports are shown and sent around
        path = Path("~") / file.path.relative_to(home) if file.path.is_relative_to(home) else file.path
        return Finding(True, f"VGG19: {file.source} ({path})")
    return Finding(False, f"VGG19 weights are not in {vgg_weights.cache_folder()}: `python -m nst_utils fetch`")


def _check_magenta():
    from ..models import fetching, magenta_weights

    if magenta_weights.find_saved_model():
        return Finding(True, f"Magenta: {magenta_weights.SOURCE}")
    advice = f"Magenta's model is not in {fetching.cache_folder()}: `python -m nst_utils fetch`"
    return Finding(False, advice)


def _check_device():
    return Finding(True, f"computes on: {device_name()}")


def diagnose():
    """Check this computer; one :class:`Finding` a line, in the order of a reader's questions."""
    checks = (_check_python, _check_packages, _check_versions, _check_hub_needs, _check_opencv, _check_device,
              _check_memory, _check_weights, _check_magenta)  # fmt: skip
    return [finding for check in checks for finding in _found_by(check)]


def _found_by(check):
    """Run one check, which may itself need something that is broken here."""
    try:
        found = check()
        return [found] if isinstance(found, Finding) else list(found)
    except Exception as error:  # an installation can be broken in any way at all
        return [Finding(False, str(explain(error)))]


def start_notebook():
    """Prepare a notebook: TensorFlow without chatter, readable figures; prints one line.

    Safe to call twice. The line names the versions, the device and where the trained weights come from,
    which are fetched when they are not there yet. In Colab, what Colab lacks is installed first.
    """
    from . import colab

    if colab.in_colab():
        colab.install_missing()
    from .. import plots
    from ..models import vgg_weights

    replace_unknown_letters()
    plots.use_course_style()
    words = [f"Python {platform.python_version()}", f"TensorFlow {version('tensorflow')}", device_name()]
    print(" · ".join([*words, f"VGG19: {vgg_weights.fetch_weights('vgg19').source}"]))
