"""The start of a notebook, which in Colab installs the few requirements that Colab does not have."""

import contextlib
import importlib
import importlib.metadata
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from .installation import explained_imports, installed_version, requirements


def start_notebook() -> None:
    """Prepare a notebook: TensorFlow without chatter, readable figures, trained weights; prints one line.

    Safe to call twice. The line names the versions, the device, and the source of VGG19's weights, which are
    fetched if they are not in the cache. In Colab, missing requirements are installed first.

    Raises
    ------
    nst_utils.SetupError
        When a package is missing or broken; the message says which command helps.
    nst_utils.WeightsError
        When no source has VGG19's weights.

    Examples
    --------
    >>> start_notebook()  # doctest: +ELLIPSIS
    Python 3... · TensorFlow 2... · VGG19: ...
    """
    if "google.colab" in sys.modules:  # Colab's kernel imports it before the first cell
        install_missing()
    with explained_imports():
        from ..base.hardware import device_name
        from ..base.tensorflow import tf
        from ..models.vgg_weights import fetch_weights
        from ..plots import use_course_style
    use_course_style()
    source = fetch_weights("vgg19").source
    versions = f"Python {platform.python_version()} · TensorFlow {tf.__version__}"
    print(f"{versions} · {device_name()} · VGG19: {source}")


def install_missing() -> None:
    """Install the requirements that are missing, and leave the version of everything else as it is.

    A TensorFlow exchanged under the running kernel would need a restart, and not fit Colab's GPU driver. With
    ``--no-deps`` pip would take the newest onnx, which does not start on Colab's older protobuf; with all
    installed versions as constraints, it takes the newest that fits.
    """
    missing = [str(r) for r in requirements() if installed_version(r) is None]
    if not missing:
        return
    print(f"Installing what Colab lacks: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "installed.txt"
        constraints.write_text("\n".join(_installed_versions()))
        pip_install = [sys.executable, "-m", "pip", "install", "-q", "--only-binary=:all:"]
        result = subprocess.run([*pip_install, "-c", constraints, *missing], capture_output=True, text=True)
    importlib.invalidate_caches()
    if result.returncode:  # the notebook goes on: few cells need what is missing
        print(result.stderr)


def _installed_versions() -> Iterator[str]:
    for installed in importlib.metadata.distributions():
        with contextlib.suppress(ValueError):  # Debian's own packages have versions of another form
            yield str(Requirement(f"{installed.metadata['Name']}=={installed.version}"))
