"""The learner's copies: nothing told before it is asked, nothing overwritten."""

import json

import pytest

from nst_utils.setup.copies import COURSE, make_copies


@pytest.fixture
def course(tmp_path):
    """A course of one notebook with one solution, executed."""
    write(tmp_path / "course", "Text.")
    return tmp_path / "course"


def write(folder, text):
    output = [{"output_type": "stream", "name": "stdout", "text": "42"}]
    code = {"cell_type": "code", "execution_count": 3, "outputs": output, "source": "print(42)"}
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text}]
    cells += [{**code, "metadata": {"tags": ["exercise"]}}, {**code, "metadata": {"tags": ["solution"]}}]
    folder.mkdir(exist_ok=True)
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "00_one.ipynb").write_text(json.dumps(notebook))


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def edit(path):
    """What a learner leaves: a changed cell, and an output."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][1].update(source="print(43)", outputs=[{"output_type": "stream", "text": "43"}])
    path.write_text(json.dumps(notebook))


def test_copies_have_no_outputs_and_a_teachers_have_no_solutions(course, tmp_path):
    assert make_copies(tmp_path / "work", course=course) == []
    text, exercise, solution = cells(tmp_path / "work/00_one.ipynb")
    assert (text["source"], exercise["outputs"], solution["execution_count"]) == ("Text.", [], None)
    make_copies(tmp_path / "students", solutions=False, course=course)
    assert [c["source"] for c in cells(tmp_path / "students/00_one.ipynb")] == ["Text.", "print(42)"]


def test_what_a_learner_wrote_stays_and_a_newer_course_comes_beside_it(course, tmp_path):
    mine, newer = tmp_path / "work/00_one.ipynb", tmp_path / "work/00_one_2.ipynb"
    make_copies(tmp_path / "work", course=course)
    edit(mine)
    before = mine.read_bytes()
    assert make_copies(tmp_path / "work", course=course) == []
    assert not newer.exists()
    write(course, "Better text.")
    [line] = make_copies(tmp_path / "work", course=course)
    assert str(newer) in line
    assert make_copies(tmp_path / "work", course=course) == []
    assert (mine.read_bytes(), cells(newer)[0]["source"]) == (before, "Better text.")


def test_a_copy_that_nobody_touched_follows_the_course(course, tmp_path):
    make_copies(tmp_path / "work", course=course)
    write(course, "Better text.")
    assert make_copies(tmp_path / "work", course=course) == []
    assert cells(tmp_path / "work/00_one.ipynb")[0]["source"] == "Better text."
    assert len(list((tmp_path / "work").iterdir())) == 1


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"metadata": {"nst_utils": 1}}'])
def test_another_file_of_that_name_stays(content, course, tmp_path):
    (tmp_path / "00_one.ipynb").write_text(content)
    make_copies(tmp_path, course=course)
    assert (tmp_path / "00_one.ipynb").read_text() == content
    assert (tmp_path / "00_one_2.ipynb").exists()


def test_without_the_course_beside_it_the_package_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="clone of the course"):
        make_copies(tmp_path / "work", course=tmp_path)
    assert not (tmp_path / "work").exists()


def test_the_course_is_found():
    assert (COURSE / "00_start_here.ipynb").is_file()
