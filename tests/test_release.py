"""What a release is checked for, and the line that says when the notebooks last ran."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts import last_run
from scripts.release import complaints

PACKAGE = ["nst_utils/__init__.py", "nst_utils/py.typed"]
LICENSE = "nst_utils-1.2.0.dist-info/licenses/LICENSE"


@pytest.fixture
def project(tmp_path):
    """A small clone that is ready: one commit, its texts, its wheel."""
    write(tmp_path, ".gitignore", "dist/\n")
    write(tmp_path, "CHANGELOG.md", "# Changelog\n\n## [1.2.0] - 2026-11-26\n")
    write(tmp_path, "CITATION.cff", "cff-version: 1.2.0\nversion: 1.2.0\n")
    for name in PACKAGE:
        write(tmp_path, name, "")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    pack(tmp_path, [*PACKAGE, LICENSE])
    return tmp_path


def write(project, name, text):
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text(text)


def git(project, *words):
    subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@b", *words], cwd=project, check=True)


def commit(project):
    git(project, "add", ".")
    git(project, "commit", "-qm", "More", "--allow-empty")


def pack(project, names):
    (project / "dist").mkdir(exist_ok=True)
    with zipfile.ZipFile(project / "dist" / "nst_utils-1.2.0-py3-none-any.whl", "w") as wheel:
        for name in names:
            wheel.writestr(name, "")


def no_date(project):
    write(project, "CHANGELOG.md", "## [1.2.0] - unreleased\n\n## [1.1.0] - 2026-11-22\n")
    commit(project)


def other_version(project):
    write(project, "CITATION.cff", "cff-version: 1.2.0\nversion: 1.2.0.1\n")
    commit(project)


def older_tag(project):
    git(project, "tag", "-a", "v1.2.0", "-m", "A release")
    commit(project)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda project: write(project, "notes.txt", ""), "working tree"),
        (older_tag, "tag v1.2.0"),
        (no_date, "## [1.2.0] - YYYY-MM-DD"),
        (other_version, "CITATION.cff"),
        (lambda project: pack(project, [*PACKAGE, "tests/test_a.py", LICENSE]), "tests/test_a.py"),
        (lambda project: pack(project, [PACKAGE[0], LICENSE]), "lacks nst_utils/py.typed"),
        (lambda project: pack(project, PACKAGE), "lacks LICENSE"),
        (lambda project: (project / "dist/nst_utils-1.2.0-py3-none-any.whl").unlink(), "make wheel"),
    ],
)
def test_what_stands_against_a_release_is_named(project, spoil, word):
    assert list(complaints(project, "1.2.0")) == []
    spoil(project)
    [complaint] = complaints(project, "1.2.0")
    assert word in complaint


def test_a_tag_on_this_commit_is_no_hindrance(project):
    git(project, "tag", "-a", "v1.2.0", "-m", "A release")
    assert list(complaints(project, "1.2.0")) == []


def test_the_readme_says_when_all_notebooks_last_ran_and_with_what(tmp_path, capsys):
    """A part of them is told, and not written down."""
    (tmp_path / "notebooks").mkdir()
    ran = [str(tmp_path / "notebooks" / f"0{n}.ipynb") for n in range(2)]
    for path in ran:
        Path(path).touch()
    empty = "Above <!-- last run --><!-- /last run --> below\n"
    write(tmp_path, "README.md", empty)
    last_run.main(ran[:1], tmp_path)
    assert capsys.readouterr().out.startswith("1 notebooks ran on 20")
    assert (tmp_path / "README.md").read_text() == empty
    for _ in range(2):
        last_run.main(ran, tmp_path)
        [line] = (tmp_path / "README.md").read_text().splitlines()
        assert line.startswith("Above <!-- last run --> All 2 notebooks ran on 20")
        assert line.endswith(".<!-- /last run --> below")
        assert ", TensorFlow 2." in line


def test_the_readme_has_the_place_for_that_line():
    assert len(last_run.PLACE.findall((last_run.ROOT / "README.md").read_text())) == 1
