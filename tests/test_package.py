"""The package as a whole: instant import, its public names, environment files in step."""

import doctest
import importlib
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import nst_utils

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "docs" / "site"))
from examples import imports_of  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def run_python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_import_is_instant_and_loads_no_tensorflow():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        code = "import nst_utils, sys; sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
        assert run_python(code).returncode == 0
        bare = time.perf_counter()
        run_python("pass")
        seconds.append(bare - start - (time.perf_counter() - bare))
    assert min(seconds) < 0.3


def test_every_public_name_exists_and_no_inner_name_is_shown():
    for name in nst_utils.__all__:
        assert getattr(nst_utils, name) is not None
    assert dir(nst_utils) == sorted(nst_utils.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'styleize'"):
        _ = nst_utils.styleize


EXAMPLES = [path for path in sorted(ROOT.glob("nst_utils/**/*.py")) if ">>>" in path.read_text()]


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_examples_of_the_docstrings_hold(path, request):
    if path == ROOT / "nst_utils/fast.py":
        request.getfixturevalue("without_tfhub")  # else an example would depend on the network
    nst_utils.fast.local_module()  # prints when it is loaded, which an example cannot foresee
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        test.globs = {"__name__": "__main__"}  # as copied from a page of reference, with its imports
        exec("\n".join(imports_of(test.docstring, module)), test.globs)
        assert runner.run(test).failed == 0, test.name


def pins(file):
    lines = (ROOT / file).read_text().split("\n")
    return {_normal(name): version for name, version in (line.split("==") for line in lines if "==" in line)}


def requirements(*extras):
    """What the package and some of its extras need, without references among the extras."""
    texts = [*PROJECT["dependencies"], *sum((PROJECT["optional-dependencies"][e] for e in extras), [])]
    return {_normal(r.name): r for r in map(Requirement, texts) if not r.extras}


def _normal(name):
    return name.lower().replace("_", "-")


def test_constraints_pin_a_tested_version_within_every_range():
    tested = pins("constraints.txt")
    for name, requirement in requirements(*PROJECT["optional-dependencies"]).items():
        assert requirement.specifier.contains(tested[name]), requirement


def test_the_pages_name_the_tested_tensorflow_for_a_gpu():
    for page in ("README.md", "docs/install.md"):
        [named] = re.findall(r"tensorflow\[and-cuda\]==([\d.]+)", (ROOT / page).read_text())
        assert named == pins("constraints.txt")["tensorflow"], page


def test_ranges_admit_the_versions_that_colab_has():
    colab = pins("tests/environments/colab-requirements.txt")
    assert requirements().keys() - colab.keys() == {"onnx"}  # nst_utils.setup.notebook installs it
    for name in requirements().keys() & colab.keys():
        assert requirements()[name].specifier.contains(colab[name]), name


def test_conda_environment_installs_this_package_with_the_same_limits():
    text = (ROOT / "environment.yml").read_text()
    assert "- -e .[lab]" in text
    assert "- -c constraints.txt" in text
    assert f"- setuptools{re.search('<[0-9]+', str(requirements()['setuptools'])).group()}" in text
    python = re.search(r"python=([\d.]+)", text).group(1)
    assert SpecifierSet(PROJECT["requires-python"]).contains(python)
