"""The wheel that is uploaded to Colab holds the whole package."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from scripts.release import wheel_complaints

ROOT = Path(__file__).resolve().parent.parent


def test_a_wheel_holds_every_file_of_the_package_and_nothing_else(tmp_path):
    """Of a copy that has one more subpackage: nobody needs to list it."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("nst_utils", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "nst_utils" / "fresh").mkdir()
    (tmp_path / "nst_utils" / "fresh" / "__init__.py").touch()
    paths = [path for path in (tmp_path / "nst_utils").rglob("*") if path.is_file()]
    files = {path.relative_to(tmp_path).as_posix() for path in paths}

    pip_wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip_wheel, "-w", tmp_path, tmp_path], check=True)
    [path] = tmp_path.glob("nst_utils-*-py3-none-any.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        [metadata] = [wheel.read(name).decode() for name in names if name.endswith("/METADATA")]
    assert list(wheel_complaints(path, files)) == []
    assert "Requires-Dist: onnx<2,>=1.18\n" in metadata
