"""What Colab needs beside the package itself: the few requirements that it does not bring.

Colab's own packages are never touched. A TensorFlow exchanged under a running kernel would need a restart,
and would no longer fit the GPU's driver.
"""

import importlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.requirements import Requirement

from .installation import SERVER_SIDE, module_of


def in_colab():
    """Whether this kernel is Colab's, which has imported ``google.colab`` before the first cell."""
    return "google.colab" in sys.modules


def missing_requirements(distribution="nst-utils"):
    """Name the requirements of an installed distribution that cannot be imported here.

    Whatever can be imported counts as there, under any distribution's name and in any version: Colab has
    three OpenCV packages, and a fourth would break them all.

    Returns
    -------
    list of str
        As in pyproject.toml, ``["onnx<2,>=1.18"]`` for example.
    """
    wanted = [Requirement(text) for text in importlib.metadata.requires(distribution) or ()]
    return [
        str(requirement)
        for requirement in wanted
        if requirement.name not in SERVER_SIDE
        and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
        and importlib.util.find_spec(module_of(requirement.name)) is None
    ]


def install_missing():
    """Install what :func:`missing_requirements` names, and leave all that is installed as it is.

    Not with ``--no-deps``: the newest onnx does not start on Colab's older protobuf. With every installed
    version as a constraint, pip takes the newest onnx that fits.
    """
    missing = missing_requirements()
    if not missing:
        return
    print(f"Installing what Colab lacks: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "installed.txt"
        constraints.write_text("\n".join(_installed_versions()))
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-input", "--only-binary=:all:",
                   "--disable-pip-version-check", "--root-user-action=ignore", "-c", constraints,
                   *missing]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True)
    importlib.invalidate_caches()
    if result.returncode:
        reason = next((line for line in result.stderr.split("\n") if line.startswith("ERROR")), result.stderr)
        print(f"That failed ({reason.strip()}). The notebook goes on; what needs it will say so.")


def _installed_versions():
    """``name==version`` of everything installed, as far as pip can read it."""
    for installed in importlib.metadata.distributions():
        line = f"{installed.metadata['Name']}=={installed.version}"
        try:
            yield str(Requirement(line))
        except ValueError:  # Debian's own packages have versions of another form
            continue
