"""The verdict of a check: right, wrong with the usual cause, or not solved yet.

A check takes the learner's function and returns a :class:`Verdict`, which a notebook shows as one line. A
stub, which returns ``...``, is not solved yet; a function that returns None probably lacks a ``return``.
"""

import copy
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


class AnswerError(Exception):
    """An answer that cannot be compared with the right one; carries the verdict on it."""

    def __init__(self, verdict):
        super().__init__(verdict.text)
        self.verdict = verdict


def check(judge: Callable[[Callable], Verdict]) -> Callable[[Callable | None], Verdict]:
    """Decorate a function that judges a learner's function: whatever it is given, it returns a verdict."""

    @functools.wraps(judge)
    def judge_anything(function):
        if function is None or function is ...:
            return NOT_SOLVED
        if not callable(function):
            return wrong("a function", _name(function), "Give its name alone, without calling it.")
        try:
            return judge(function)
        except AnswerError as error:
            return error.verdict

    return judge_anything


_HINT = "Call your function on values of your own: the traceback then shows what led to it."
_NO_RETURN = "Your function returned None: is a `return` missing?"


def call(function, *arguments, none=_NO_RETURN, failing=_HINT):
    """Call a learner's function on copies, so that one that works in place cannot spoil the comparison.

    ``none`` and ``failing`` are the hints for an answer None and for a ValueError.

    Raises
    ------
    AnswerError
        When the function fails (its own error is the cause), returns something that is not numeric, or is
        unsolved.
    """
    try:
        answer = function(*copy.deepcopy(arguments))
    except Exception as error:
        hint = failing if isinstance(error, ValueError) else _HINT
        raise AnswerError(wrong("an answer", f"{_in_one_line(error)}{_location(error)}", hint)) from error
    if answer is ...:
        raise AnswerError(NOT_SOLVED)
    if answer is None:
        raise AnswerError(wrong("an answer", "None", none))
    if isinstance(answer, dict):
        raise AnswerError(wrong("one number or array", "a dict", "Add its values, or return one of them."))
    if not _is_numeric(answer):
        raise AnswerError(wrong("numbers", _name(answer), "Return one number, or one array of numbers."))
    return np.asarray(answer)


def compare(
    function, arguments, expected, mistakes, praise, *, shape_hint="Keep the shape.", atol=1e-8, **hints
):
    """Call a learner's function, and judge the array or the number that it returns.

    Parameters
    ----------
    arguments : tuple or list of tuples
        What to call it with; with a list, each call gives one number.
    expected : array
    mistakes : sequence of (array, str)
        What the usual mistakes lead to, with the hint for each.
    praise : str
        What follows "correct: ".
    shape_hint : str
        Hint for another shape that is none of the usual mistakes.
    atol : float
        Absolute tolerance, beside a relative one of 1e-4.
    **hints
        Those of :func:`call`.
    """
    expected, several = np.asarray(expected), isinstance(arguments, list)
    found = _numbers(function, arguments) if several else call(function, *arguments, **hints)
    if expected.size == found.size == 1:
        found = found.reshape(expected.shape)

    def equals(value):
        return np.shape(value) == found.shape and np.allclose(found, value, 1e-4, atol, equal_nan=True)

    if equals(expected):
        return right(f"correct: {praise}")
    hint = next((hint for value, hint in mistakes if equals(value)), None)
    if found.shape != expected.shape:
        shape = f"the shape {expected.shape}" if expected.ndim else "one number"
        return wrong(shape, f"the shape {found.shape}", hint or shape_hint)
    place = [int(i) for i in np.unravel_index(np.abs(found - expected).argmax(), found.shape)]
    if hint is None:
        given = ", ".join(map(_brief, arguments[place[0]] if several else arguments))
        where = f"{getattr(function, '__name__', 'f')}({given}){place if place and not several else ''}"
        pair = f"{show(expected[*place])} expected, {show(found[*place])} found"
        hint = f"No usual mistake gives this. The difference is largest in {where}: {pair}."
    if found.ndim < 3:
        return wrong(show(expected), show(found), hint)
    *pixel, _ = place
    channels = f"the channels {show(expected[*pixel])} in row {pixel[-2]}, column {pixel[-1]}"
    return wrong(channels, show(found[*pixel]), hint)


def _numbers(function, inputs):
    """Call a learner's function on each tuple of arguments; return its numbers as an array."""
    answers = [call(function, *arguments) for arguments in inputs]
    for answer in answers:
        if answer.size != 1:
            hint = "Return one number at a time."
            raise AnswerError(wrong("one number", f"the shape {answer.shape}", hint))
    return np.array([answer.item() for answer in answers])


def show(array):
    """Format a number, a vector or a matrix for a verdict, on one line."""
    if np.ndim(array) == 0:
        return f"{float(array):.4g}"
    return np.array2string(array, precision=3, threshold=20, edgeitems=2).replace("\n", "")


def _brief(value):
    """Format an argument for a verdict; of a large array, its shape."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_brief(entry)}" for name, entry in value.items()) + "}"
    if not isinstance(value, np.ndarray):
        return repr(value)
    return show(value) if value.size < 7 else f"array {value.shape}"


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
