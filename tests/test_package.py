"""The package as a whole: instant import, honest lists, environment files in step."""

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

import nst_utils

ROOT = Path(__file__).resolve().parent.parent


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_import_is_instant_and_loads_no_tensorflow():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        code = "import nst_utils, sys; sys.exit('tensorflow' in sys.modules or 'cv2' in sys.modules)"
        assert run_python(code).returncode == 0
        bare = time.perf_counter()
        run_python("pass")
        seconds.append(bare - start - (time.perf_counter() - bare))
    assert min(seconds) < 0.3


def test_tensorflow_starts_without_chatter():
    result = run_python("from nst_utils.base.tensorflow import tf; tf.constant(1.0) + 1")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_every_public_name_exists():
    for name in nst_utils.__all__:
        assert getattr(nst_utils, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'styleize'"):
        _ = nst_utils.styleize


def dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return {re.match(r"[\w-]+", w).group().lower().replace("_", "-"): w for w in wanted}


def test_constraints_pin_a_tested_version_within_every_range():
    from packaging.requirements import Requirement

    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().split("\n") if "==" in line
    )
    pins = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    for name, requirement in dependencies().items():
        assert Requirement(requirement).specifier.contains(pins[name]), requirement


def test_conda_environment_installs_this_package_with_the_same_limits():
    text = (ROOT / "environment.yml").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "- -e .[test]" in text
    assert "- -c constraints.txt" in text
    setuptools = next(w for w in project["dependencies"] if w.startswith("setuptools"))
    limit = re.search(r"<\d+", setuptools).group()
    assert f"- setuptools{limit}" in text
    from packaging.specifiers import SpecifierSet

    python = re.search(r"python=([\d.]+)", text).group(1)
    assert SpecifierSet(project["requires-python"]).contains(python)


def test_ranges_admit_the_versions_that_colab_brings():
    from packaging.requirements import Requirement

    lines = (ROOT / "tests" / "environments" / "colab-requirements.txt").read_text().split("\n")
    colab = dict(line.lower().replace("_", "-").split("==") for line in lines if "==" in line)
    not_there = {"onnx", "jupyterlab", "onnxruntime", "nbval", "hypothesis", "ruff"}
    assert dependencies().keys() - colab.keys() == not_there
    for name in dependencies().keys() & colab.keys():
        assert Requirement(dependencies()[name]).specifier.contains(colab[name]), name


def test_lower_floors_never_import_upper_ones():
    floors = [
        ["requirements", "printing", "interrupts"],
        ["arguments", "download", "tensorflow_quiet", "torch_stream", "onnx_weights", "architecture"],
        ["free_memory", "colab"],
        ["decode", "precision", "opponent", "magenta", "fetching", "hub_cache"],
        ["package_index"],
        ["images"],
        ["tensors"],
        ["gram"],
        ["samples", "weights", "local_magenta"],
        ["features", "losses", "initial", "levels", "animation"],
        ["evaluation", "memory", "record"],
        ["lbfgs"],
        ["descent"],
        ["loop"],
        ["optimize", "hub"],
        ["plots"],
        ["checks", "environment", "live", "widgets"],
        ["__main__", "__init__"],
    ]
    height = {module: floor for floor, modules in enumerate(floors) for module in modules}
    package = ROOT / "nst_utils"
    files = {p.stem: [p] for p in package.glob("*.py")}
    files |= {p.parent.name: list(p.parent.glob("*.py")) for p in package.glob("*/__init__.py")}
    assert files.keys() == height.keys()
    for module, paths in files.items():
        # inside a package one dot is the package itself, two dots are nst_utils
        dots = r"\.\." if paths[0].parent != package else r"\."
        for path in paths:
            for start, names in re.findall(rf"from {dots}(\w*) import ([^\n(]*)", path.read_text()):
                for imported in [start] if start else re.findall(r"\w+", names):
                    assert height[imported] < height[module], f"{path} imports {imported}"
