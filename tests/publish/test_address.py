"""The project's address: one place, and what the stamping script makes of it."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = "https://github.com/somebody/style-course"
COMMENTED = '# [project.urls]\n# Repository = "https://github.com/OWNER/REPOSITORY"\n'

specification = importlib.util.spec_from_file_location("stamp_address", ROOT / "scripts" / "stamp_address.py")
stamp_address = importlib.util.module_from_spec(specification)
specification.loader.exec_module(stamp_address)


@pytest.fixture
def project(tmp_path):
    """A copy of what the script reads and writes."""
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, tmp_path / "notebooks")
    return tmp_path


def set_address(project, address):
    text = (project / "pyproject.toml").read_text()
    if stamp_address.public_address(text):
        text = text.replace(stamp_address.public_address(text), address)
    else:
        assert COMMENTED in text
        text = text.replace(COMMENTED, f'[project.urls]\nRepository = "{address}"\n')
    (project / "pyproject.toml").write_text(text)


def contents(project):
    return {path: path.read_bytes() for path in [project / "README.md", *project.glob("notebooks/*")]}


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


def first_code(path):
    return next(source(cell) for cell in cells(path) if cell["cell_type"] == "code")


def test_every_file_says_what_pyproject_says(project):
    assert len(contents(project)) > 6
    assert stamp_address.stamp_all(project) == [], "run: python scripts/stamp_address.py"


def test_every_notebook_begins_with_the_same_setup_lines():
    address = stamp_address.public_address((ROOT / "pyproject.toml").read_text())
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        code = first_code(path)
        assert code.count(stamp_address.setup_code(address)) == 1, path.name
        assert "\nnst.start_notebook()" in code, path.name


def test_an_address_reaches_every_setup_cell_and_badge(project):
    set_address(project, ADDRESS)
    assert set(stamp_address.stamp_all(project)) == set(contents(project))
    for path in project.glob("notebooks/*.ipynb"):
        assert f'default="git+{ADDRESS}")' in first_code(path)
        link = f"(https://colab.research.google.com/github/somebody/style-course/blob/main/notebooks/{path.name})"
        title, badge, *_ = source(cells(path)[0]).split("\n\n")
        assert title.startswith("# ")
        assert badge.startswith("[![Open in Colab](https://")
        assert badge.endswith(f"]{link}")
    readme = (project / "README.md").read_text().split("\n\n")
    assert readme[1].endswith("/blob/main/notebooks/00_start_here.ipynb)")


def test_stamping_twice_changes_nothing(project):
    set_address(project, ADDRESS)
    assert stamp_address.stamp_all(project)
    assert stamp_address.stamp_all(project) == []


def test_a_changed_address_leaves_no_trace_of_the_old_one(project):
    set_address(project, ADDRESS)
    stamp_address.stamp_all(project)
    set_address(project, "https://github.com/else/where")
    stamp_address.stamp_all(project)
    for path, data in contents(project).items():
        assert b"somebody/style-course" not in data, path
        assert b"else/where" in data, path


def test_taking_the_address_away_restores_every_byte(project):
    before = contents(project)
    pyproject = (project / "pyproject.toml").read_text()
    set_address(project, ADDRESS)
    stamp_address.stamp_all(project)
    assert contents(project) != before
    (project / "pyproject.toml").write_text(pyproject)
    stamp_address.stamp_all(project)
    assert contents(project) == before


def test_only_the_title_and_the_setup_cell_change_and_no_output(project):
    before = {path: cells(path) for path in project.glob("notebooks/*.ipynb")}
    set_address(project, ADDRESS)
    stamp_address.stamp_all(project)
    for path, old in before.items():
        changed = [i for i, (a, b) in enumerate(zip(old, cells(path), strict=True)) if a != b]
        setup = next(i for i, cell in enumerate(old) if cell["cell_type"] == "code")
        assert changed == [0, setup]
        for i in changed:
            assert {**old[i], "source": ""} == {**cells(path)[i], "source": ""}


def test_colab_opens_github_only_but_installs_from_anywhere(project):
    set_address(project, "https://git.example.org/somebody/course.git")
    stamp_address.stamp_all(project)
    path = project / "notebooks" / "00_start_here.ipynb"
    assert "Open in Colab" not in source(cells(path)[0])
    assert 'default="git+https://git.example.org/somebody/course")' in first_code(path)


def test_plain_import_becomes_the_setup_lines():
    code = "import numpy as np\n\nimport nst_utils as nst\nfrom nst_utils.gram import gram_matrix\n"
    stamped = stamp_address.stamp_code(code, None)
    lines = stamp_address.setup_code(None)
    assert stamped == f"import numpy as np\n\n{lines}\n\nfrom nst_utils.gram import gram_matrix\n"
    assert stamp_address.stamp_code(stamped, None) == stamped


def test_a_notebook_without_the_import_is_an_error():
    with pytest.raises(ValueError, match="needs the line `import nst_utils as nst`"):
        stamp_address.stamp_code("import numpy as np\n", None)


@pytest.mark.parametrize("address", [None, ADDRESS])
def test_setup_lines_are_what_ipython_understands(address):
    code = stamp_address.setup_code(address)
    compile(TransformerManager().transform_cell(code), "set-up cell", "exec")
    assert max(len(line) for line in code.split("\n")) <= 110
