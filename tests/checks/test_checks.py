"""Every check accepts right answers, tells unsolved stubs apart, and names the usual mistakes."""

import numpy as np
import pytest
from checks import fast, features, gram, loop, losses, pictures

from nst_utils import checks

ANSWERS = {}
for module in (pictures, features, gram, losses, loop, fast):
    ANSWERS |= module.ANSWERS
RIGHT = [(check, answer) for check, (right, _) in ANSWERS.items() for answer in right]
WRONG = [(check, *pair) for check, (_, wrong) in ANSWERS.items() for pair in wrong]


def test_every_check_has_answers_here():
    assert {check.__name__ for check in ANSWERS} == set(checks.__all__) - {"Verdict"}


@pytest.mark.parametrize("check", ANSWERS)
def test_unsolved_stubs_are_neither_right_nor_wrong(check):
    for stub in (..., None, lambda *arguments: ...):
        verdict = check(stub)
        assert not verdict.passed
        assert verdict.text.startswith("⬜")


@pytest.mark.parametrize("check", ANSWERS)
def test_a_forgotten_return_is_said(check):
    def forgotten(*arguments):
        arguments[0]

    verdict = check(forgotten)
    assert not verdict.passed
    assert verdict.text.startswith("❌ expected an answer, found None.")
    assert "a `return` missing?" in verdict.text


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, kind):
    def cast(value):
        if isinstance(value, dict):
            return {name: cast(entry) for name, entry in value.items()}
        return value.astype(kind) if getattr(value, "dtype", None) in (np.float32, np.float64) else value

    verdict = check(lambda *arguments: answer(*map(cast, arguments)))
    assert verdict.passed, verdict
    assert repr(verdict).startswith("✅")


@pytest.mark.parametrize(("check", "hint", "answer"), WRONG)
def test_usual_mistakes_are_named(check, hint, answer):
    verdict = check(answer)
    assert not verdict.passed
    assert repr(verdict).startswith("❌")
    assert hint in repr(verdict)


@pytest.mark.parametrize("check", ANSWERS)
def test_any_other_answer_is_wrong(check):
    for answer in (np.nan, 123.0, np.ones((7, 7)), "text", {"a": 1}):
        assert repr(check(lambda *arguments, answer=answer: answer)).startswith("❌ expected")
    assert "ZeroDivisionError" in repr(check(lambda *arguments: 1 / 0))
    assert "Give its name alone" in repr(check(3))
