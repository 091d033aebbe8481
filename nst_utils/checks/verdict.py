"""What a check answers: right, wrong with the usual cause, or not solved yet.

A check takes the learner's answer and returns a :class:`Verdict`, which a notebook shows as one line. An
unsolved stub (the value ``...`` or ``None``) is told apart from a wrong answer.
"""

import functools
import traceback
from dataclasses import dataclass

import numpy as np

from ..base.arguments import describe_value


@dataclass(frozen=True, repr=False)
class Verdict:
    """The outcome of a check; a notebook shows its text."""

    passed: bool
    text: str

    def __repr__(self):
        return self.text


def right(text="correct"):
    """Build the verdict on a right answer."""
    return Verdict(True, f"✅ {text}")


def wrong(expected, found, hint):
    """Build the verdict on a wrong answer; ``hint`` is a sentence on what usually causes it."""
    return Verdict(False, f"❌ expected {expected}, found {found}. {hint}")


NOT_SOLVED = Verdict(False, "⬜ not solved yet: replace the ... and run the cell again")


def is_unsolved(answer):
    """Whether an answer is still the stub's."""
    return answer is None or answer is Ellipsis


class AnswerError(Exception):
    """An answer that cannot be compared with the right one; carries the verdict on it."""

    def __init__(self, verdict):
        super().__init__(verdict.text)
        self.verdict = verdict


def check(judge):
    """Make a check of a function that judges a learner's one: whatever comes in, a verdict comes out."""

    @functools.wraps(judge)
    def judge_anything(function):
        if is_unsolved(function):
            return NOT_SOLVED
        if not callable(function):
            return wrong("a function", _name(function), "Give its name alone, without calling it.")
        try:
            return judge(function)
        except AnswerError as error:
            return error.verdict

    return judge_anything


def call(function, *arguments):
    """Call a learner's function on copies, so that one that works in place cannot spoil the comparison.

    Raises
    ------
    AnswerError
        When the function fails (its own error is the cause), or answers with something else than numbers.
    """
    copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        answer = function(*copies)
    except Exception as error:
        raise AnswerError(wrong("an answer", f"{_in_one_line(error)}{_place(error)}", _HINT)) from error
    if is_unsolved(answer):
        return answer
    if isinstance(answer, dict):
        raise AnswerError(wrong("one number or array", "a dict", "Add its values, or return one of them."))
    if not _is_numeric(answer):
        raise AnswerError(wrong("numbers", _name(answer), "Return one number, or one array of numbers."))
    return answer


def call_for_number(function, *arguments):
    """Call a learner's function as :func:`call` does, and take nothing but one number."""
    answer = call(function, *arguments)
    if is_unsolved(answer) or np.size(answer) == 1:
        return answer if is_unsolved(answer) else np.asarray(answer).item()
    raise AnswerError(wrong("one number", f"the shape {np.shape(answer)}", "Return one number at a time."))


_HINT = "Call your function on values of your own: the traceback then shows what led to it."


def _in_one_line(error):
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) < 200 else f"{text[:200]}…"


def _place(error):
    """Where in the learner's own lines, the last ones before any library, an error arose."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first is call() itself
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    return f" in line {own[-1].lineno}" + (f" ({own[-1].line})" if own[-1].line else "") if own else ""


def _is_numeric(answer):
    try:
        return np.asarray(answer).dtype.kind in "biuf"
    except Exception:  # whatever a learner's object raises, it is no number
        return False


def _name(value):
    words = describe_value(value)
    return f"something {words}" if words.startswith("of type") else words


def show(array):
    """Write numbers for a verdict, on one line."""
    return np.array2string(np.asarray(array), precision=3, separator=" ").replace("\n", "")


def hint_for(answer, mistakes):
    """Return the hint of the first of ``(value, hint)`` that equals the answer, or None."""
    for value, hint in mistakes:
        if np.allclose(answer, value, rtol=1e-4):
            return hint
    return None
