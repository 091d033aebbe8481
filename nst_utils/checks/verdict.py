"""The verdict of a check: right, wrong with the usual cause, or not solved yet.

A check takes the learner's function and returns a :class:`Verdict`, which a notebook shows as one line. An
unsolved stub (the value ``...`` or ``None``) is distinguished from a wrong answer.
"""

import functools
import traceback
from collections.abc import Callable
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


def check(judge: Callable[[Callable], Verdict]) -> Callable[[Callable | None], Verdict]:
    """Decorate a function that judges a learner's function: whatever it is given, it returns a verdict."""

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
        When the function fails (its own error is the cause), returns something that is not numeric, or is
        unsolved.
    """
    copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in arguments]
    try:
        answer = function(*copies)
    except Exception as error:
        raise AnswerError(wrong("an answer", f"{_in_one_line(error)}{_location(error)}", _HINT)) from error
    if is_unsolved(answer):
        raise AnswerError(NOT_SOLVED)
    if isinstance(answer, dict):
        raise AnswerError(wrong("one number or array", "a dict", "Add its values, or return one of them."))
    if not _is_numeric(answer):
        raise AnswerError(wrong("numbers", _name(answer), "Return one number, or one array of numbers."))
    return np.asarray(answer)


def call_for_numbers(function, *inputs):
    """Call a learner's function on each tuple of arguments; return its numbers as an array."""
    answers = [call(function, *arguments) for arguments in inputs]
    for answer in answers:
        if answer.size != 1:
            hint = "Return one number at a time."
            raise AnswerError(wrong("one number", f"the shape {answer.shape}", hint))
    return np.array([answer.item() for answer in answers])


def compare(found, expected, mistakes, praise, *, otherwise, shape_hint="Keep the shape.", atol=1e-8):
    """Judge an array or a number by comparison.

    Parameters
    ----------
    found, expected : array
    mistakes : sequence of (array, str)
        What the usual mistakes lead to, with the hint for each.
    praise : str
        What follows "correct: ".
    shape_hint, otherwise : str
        Hints for another shape, and for a value that is none of the usual mistakes.
    atol : float
        Absolute tolerance, beside a relative one of 1e-4.
    """
    expected = np.asarray(expected)
    if found.shape != expected.shape and not expected.size == found.size == 1:
        shape = f"the shape {expected.shape}" if expected.ndim else "one number"
        return wrong(shape, f"the shape {found.shape}", shape_hint)

    def equals(value):
        return np.shape(value) in ((), expected.shape) and np.allclose(found, value, rtol=1e-4, atol=atol)

    if equals(expected):
        return right(f"correct: {praise}")
    hint = next((hint for value, hint in mistakes if equals(value)), otherwise)
    return wrong(show(expected), show(found.reshape(expected.shape)), hint)


def show(array):
    """Format an array or a number for a verdict, on one line; of a picture or a batch the first vector."""
    array = np.asarray(array)
    array = array[(0,) * (array.ndim - 1)] if array.ndim > 2 else array
    text = np.array2string(array, precision=3 if array.ndim else 4, threshold=20, edgeitems=2)
    return text.replace("\n", "")


_HINT = "Call your function on values of your own: the traceback then shows what led to it."


def _in_one_line(error):
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) < 200 else f"{text[:200]}…"


def _location(error):
    """Where in the learner's own lines, the last ones before any library, an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)[1:]  # the first is call() itself
    own = [frame for frame in frames if frame.filename == frames[0].filename]
    return f" in line {own[-1].lineno}" + (f" ({own[-1].line})" if own[-1].line else "") if own else ""


def _is_numeric(answer):
    try:
        return np.asarray(answer).dtype.kind in "biuf"
    except Exception:  # whatever a learner's object raises, it is not a number
        return False


def _name(value):
    text = describe_value(value)
    return f"something {text}" if text.startswith("of type") else text
