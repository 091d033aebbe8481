"""Every check accepts right answers, tells unsolved stubs apart, and names the usual mistakes."""

import re

import numpy as np
import pytest
from checks import control, fast, features, gram, loop, losses, pictures, statistics, train

from nst_utils import checks
from nst_utils.checks.verdict import right, show, show_both, wrong

ANSWERS = {}
for module in (pictures, features, gram, losses, loop, fast, train, control, statistics):
    ANSWERS |= module.ANSWERS
RIGHT = [(check, answer) for check, (right, _) in ANSWERS.items() for answer in right]
WRONG = [(check, *pair) for check, (_, wrong) in ANSWERS.items() for pair in wrong]
HINT_ON_STROKES = r"a stroke into (\w+) there \(rows (\d+) to (\d+), columns (\d+) to (\d+)\)"


def test_every_check_has_answers_here():
    assert {check.__name__ for check in ANSWERS} == set(checks.__all__) - {"Verdict"}


@pytest.mark.parametrize("check", ANSWERS)
def test_unsolved_stubs_are_neither_right_nor_wrong(check):
    for stub in (..., None, lambda *arguments: ...):
        verdict = check(stub)
        assert not verdict.passed
        assert repr(verdict) == "open: not solved yet, replace the ... and run the cell again"


@pytest.mark.parametrize("check", ANSWERS)
def test_a_forgotten_return_is_said(check):
    def forgotten(*arguments):
        arguments[0]

    verdict = check(forgotten)
    assert not verdict.passed
    assert repr(verdict).startswith("wrong: expected an answer, found None.")
    assert "a `return` missing?" in verdict.text


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, kind):
    def cast(value):
        if isinstance(value, dict):
            return {name: cast(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [cast(entry) for entry in value]
        return value.astype(kind) if getattr(value, "dtype", None) in (np.float32, np.float64) else value

    verdict = check(lambda *arguments: answer(*map(cast, arguments)))
    assert verdict.passed, verdict
    assert repr(verdict).startswith("correct: ")


@pytest.mark.parametrize(("check", "hint", "answer"), WRONG)
def test_usual_mistakes_are_named(check, hint, answer):
    verdict = check(answer)
    assert not verdict.passed
    assert repr(verdict).startswith("wrong: ")
    assert hint in repr(verdict)


@pytest.mark.parametrize("first", [(44, 54, 80, 90), (160, 180, 50, 100)])
def test_following_the_hints_on_strokes_leads_to_a_right_answer(first):
    strokes = np.zeros((2, 192, 192))
    control.draw(strokes[0], first)
    control.draw(strokes[1], (100, 104, 150, 180))  # on the table
    for _ in range(9):
        verdict = checks.check_strokes(lambda photo: strokes)
        if verdict.passed:
            return
        side, *place = re.search(HINT_ON_STROKES, verdict.text).groups()
        control.draw(strokes[("inside", "outside").index(side)], map(int, place))
    pytest.fail(repr(verdict))


@pytest.mark.parametrize("check", ANSWERS)
def test_any_other_answer_is_wrong(check):
    for answer in (np.nan, 123.0, np.ones((7, 7)), "text", {"a": 1}):
        assert repr(check(lambda *arguments, answer=answer: answer)).startswith("wrong: expected")
    assert "ZeroDivisionError" in repr(check(lambda *arguments: 1 / 0))
    assert "Give its name alone" in repr(check(3))


def test_numbers_have_two_decimals_or_as_many_as_tell_them_apart():
    assert [show(value) for value in (3.14159, 0.00321, 7.0, np.nan)] == ["3.14", "0.0032", "7", "nan"]
    assert show(np.array([[0.5, -2], [10, 0.25]])) == "[[ 0.50 -2.00]\n [10.00  0.25]]"
    assert show_both(3.14159, 3.1419) == ("3.1416", "3.1419")


def test_a_notebook_shows_a_word_in_color_prose_that_wraps_and_matrices_in_rows():
    matrix = np.array([[1, 10], [20, 2]])
    verdict = wrong(show(matrix), "a <b> & c", "Is a `return` missing?")
    shown = verdict._repr_html_()
    assert 'background-color: #cf222e">wrong</strong> expected <code' in shown
    assert ">[[ 1 10]\n [20  2]]</code>, found a &lt;b&gt; &amp; c. Is a <code>return</code>" in shown
    assert "pre>" not in shown
    plain = "wrong: expected [[1 10] [20 2]], found a <b> & c. Is a `return` missing?"
    assert repr(verdict) == plain
    assert ">correct</strong> well done</p>" in right("well done")._repr_html_()
