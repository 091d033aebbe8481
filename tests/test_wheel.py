"""The wheel that is uploaded to Colab holds the whole package."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of a copy that has one more subpackage, as names and metadata."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for folder in ("nst_utils", "tests"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "nst_utils" / "fresh").mkdir()
    (source / "nst_utils" / "fresh" / "__init__.py").touch()
    pip_wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip_wheel, "-w", source, source], check=True)
    [path] = source.glob("nst_utils-*-py3-none-any.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        [metadata] = [archive.read(name).decode() for name in names if name.endswith("/METADATA")]
    return {name for name in names if ".dist-info/" not in name}, metadata


def test_wheel_holds_every_file_new_subpackages_too_and_nothing_else(wheel):
    paths = [path for path in (ROOT / "nst_utils").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    files = {path.relative_to(ROOT).as_posix() for path in paths}
    assert "nst_utils/pictures/paintings/swirls_0.jpg" in files
    assert wheel[0] == files | {"nst_utils/fresh/__init__.py"}


def test_wheel_names_its_requirements(wheel):
    assert "Requires-Dist: onnx<2,>=1.18\n" in wheel[1]
