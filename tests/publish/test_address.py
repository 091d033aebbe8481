"""The project's address: one place, and all that the stamping script makes of it."""

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = "https://github.com/somebody/style-course"
COMMENTED = '# [project.urls]\n# Repository = "https://github.com/OWNER/REPOSITORY"\n'

specification = importlib.util.spec_from_file_location("stamp_address", ROOT / "scripts" / "stamp_address.py")
stamp_address = importlib.util.module_from_spec(specification)
specification.loader.exec_module(stamp_address)


@pytest.fixture
def project(tmp_path):
    """A copy of what the script reads and writes."""
    for name in ("pyproject.toml", "README.md", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, tmp_path / "notebooks")
    return tmp_path


def set_address(project, address, website=None):
    text = (ROOT / "pyproject.toml").read_text()
    old = stamp_address.public_address(text)
    assert old or COMMENTED in text
    table = f'[project.urls]\nRepository = "{address}"\n'
    text = text.replace(old, address) if old else text.replace(COMMENTED, table)
    if website:
        text = text.replace(f'"{address}"', f'"{address}"\nDocumentation = "{website}"')
    (project / "pyproject.toml").write_text(text)


def contents(project):
    paths = [project / "README.md", project / "CITATION.cff", *project.glob("notebooks/*")]
    return {path: path.read_bytes() for path in paths}


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


def first_code(path):
    return next(source(cell) for cell in cells(path) if cell["cell_type"] == "code")


def test_every_file_says_what_pyproject_says(project):
    assert len(contents(project)) > 6
    assert stamp_address.stamp_all(project) == [], "run: python scripts/stamp_address.py"


def test_an_address_reaches_title_and_setup_cell_and_changes_nothing_else(project):
    before = {path: cells(path) for path in project.glob("notebooks/*.ipynb")}
    set_address(project, ADDRESS)
    assert set(stamp_address.stamp_all(project)) == set(contents(project))
    for path, old in before.items():
        assert f"!pip install -q --no-deps git+{ADDRESS}\n" in first_code(path)
        title, badge, *_ = source(cells(path)[0]).split("\n\n")
        assert title.startswith("# ")
        assert badge.startswith("[![Open in Colab](https://")
        assert badge.endswith(f"/github/somebody/style-course/blob/main/notebooks/{path.name})")
        changed = [i for i, (a, b) in enumerate(zip(old, cells(path), strict=True)) if a != b]
        assert changed == [0, next(i for i, cell in enumerate(old) if cell["cell_type"] == "code")]
        for i in changed:
            assert {**old[i], "source": ""} == {**cells(path)[i], "source": ""}
    [_, badges, *rest] = (project / "README.md").read_text().split("\n\n")
    colab, binder = badges.split(" [![Binder]")
    assert colab.endswith("/blob/main/notebooks/00_start_here.ipynb)")
    assert binder.endswith(
        "(https://mybinder.org/v2/git/https%3A%2F%2Fgithub.com%2Fsomebody%2Fstyle-course/main"
        "?urlpath=lab/tree/work/00_start_here.ipynb)"
    )
    assert rest == (ROOT / "README.md").read_text().split("\n\n")[1:]
    citation = (ROOT / "CITATION.cff").read_text()
    assert (project / "CITATION.cff").read_text() == f'{citation}repository-code: "{ADDRESS}"\n'


def test_the_link_to_the_website_leads_there_once_it_has_an_address(project):
    """Before that, to the section that says how it is built."""
    page, _, anchor = stamp_address.HOW_TO_BUILD.partition("#")
    assert f"\n## {anchor.capitalize().replace('-', ' ')}\n" in (ROOT / page).read_text()
    old = (project / "README.md").read_text()
    assert old.count(f"[website]({stamp_address.HOW_TO_BUILD})") >= 1
    set_address(project, ADDRESS, website="https://somebody.github.io/style-course")
    stamp_address.stamp_all(project)
    new = (project / "README.md").read_text()
    assert "[website](https://somebody.github.io/style-course)" in new
    assert stamp_address.HOW_TO_BUILD not in new


def test_stamping_can_be_repeated_changed_and_undone(project):
    before = contents(project)
    set_address(project, ADDRESS)
    assert stamp_address.stamp_all(project)
    assert stamp_address.stamp_all(project) == []
    set_address(project, "https://github.com/else/where")
    stamp_address.stamp_all(project)
    for path, data in contents(project).items():
        assert b"somebody/style-course" not in data, path
        assert b"else/where" in data, path
    shutil.copy(ROOT / "pyproject.toml", project)
    stamp_address.stamp_all(project)
    assert contents(project) == before


def test_colab_opens_github_only_but_installs_from_anywhere(project):
    set_address(project, "https://git.example.org/somebody/course.git")
    stamp_address.stamp_all(project)
    path = project / "notebooks" / "00_start_here.ipynb"
    assert "Open in Colab" not in source(cells(path)[0])
    assert (project / "README.md").read_text().split("\n\n")[1].startswith("[![Binder]")
    assert "git+https://git.example.org/somebody/course\n" in first_code(path)


def test_a_notebook_without_a_setup_cell_is_an_error():
    notebook = {"cells": [{"cell_type": "code", "source": ["import numpy as np\n"]}]}
    with pytest.raises(ValueError, match="start_notebook"):
        stamp_address.stamp_notebook(json.dumps(notebook), None, "06.ipynb")


@pytest.mark.parametrize("address", [None, ADDRESS])
def test_the_setup_cell_is_short(address):
    lines = stamp_address.setup_cell(address).split("\n")
    assert len([line for line in lines if line]) <= 6
    assert max(map(len, lines)) <= 110


@pytest.mark.skipif(os.name != "posix", reason="Colab's shell is one of POSIX")
def test_the_names_of_uploads_reach_pip_as_they_are_and_a_second_copy_is_left_out(tmp_path):
    """Colab calls a second upload "… (1).whl", which is no wheel's name; the shell runs nothing of a name."""
    wheel, odd = "nst_utils-0.1.0-py3-none-any.whl", "nst_utils-$(touch ran);touch ran -none-any.whl"
    for name in (wheel, odd, "nst_utils-0.1.0-py3-none-any (1).whl"):
        (tmp_path / name).touch()
    pip = tmp_path / "pip"
    pip.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    pip.chmod(0o755)
    [line] = [part for part in stamp_address.setup_cell(None).split("\n") if "!pip" in part]
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", "-c", line.strip().removeprefix("!")]
    given = subprocess.check_output(command, cwd=tmp_path, env=environment, text=True).splitlines()
    assert given[:3] == ["install", "-q", "--no-deps"]
    assert set(given[3:]) == {wheel, odd}
    assert not (tmp_path / "ran").exists()
