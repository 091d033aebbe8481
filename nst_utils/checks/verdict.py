"""The verdict of a check: right, wrong with the usual cause, or not solved yet.

A check takes the learner's function and returns a :class:`Verdict`, which a notebook shows. A stub, which
returns ``...``, is not solved yet; a function that returns None probably lacks a ``return``.
"""

import copy
import functools
import html
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..base.arguments import describe_value

# White on these can be read in light and in dark themes, and on a projector.
_COLORS = {"correct": "#1a7f37", "wrong": "#cf222e", "open": "#57606a"}
_WORD = "color: #fff; padding: 0.1em 0.5em; border-radius: 0.3em; background-color:"
_MATRIX = "display: inline-block; vertical-align: middle; white-space: pre; padding: 0 0.4em;"


@dataclass(frozen=True, repr=False)
class Verdict:
    """The outcome of a check: a word, "correct", "wrong" or "open", and what follows it.

    A notebook shows the word in color and matrices over several lines; everything else shows one line.
    """

    word: str
    text: str

    @property
    def passed(self):
        """Whether the answer was right."""
        return self.word == "correct"

    def __repr__(self):
        return f"{self.word}: {_in_one_line(self.text)}"

    def _repr_html_(self):
        rows = r"\[\[[^]]*\](?:\n[^]]*\])*\]"
        text = re.sub(rows, rf'<code style="{_MATRIX}">\g<0></code>', html.escape(self.text))
        text = re.sub("`(.+?)`", r"<code>\1</code>", text)
        return f'<p><strong style="{_WORD} {_COLORS[self.word]}">{self.word}</strong> {text}</p>'


def right(praise):
    """Build the verdict on a right answer."""
    return Verdict("correct", praise)


def wrong(expected, found, hint):
    """Build the verdict on a wrong answer; ``hint`` is a sentence on what usually causes it."""
    return Verdict("wrong", f"expected {expected}, found {found}. {hint}")


NOT_SOLVED = Verdict("open", "not solved yet, replace the ... and run the cell again")


class AnswerError(Exception):
    """An answer that cannot be compared with the right one; carries the verdict on it."""

    def __init__(self, verdict):
        super().__init__(repr(verdict))
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
_ONE_ARRAY = "Return one number, or one array of numbers."


def call(
    function, *arguments,
    none=_NO_RETURN, failing=_HINT, no_index=_HINT, no_type=_HINT, no_numbers=_ONE_ARRAY,
):  # fmt: skip
    """Call a learner's function on copies, so that one that works in place cannot spoil the comparison.

    The hints are for an answer None, a ValueError, an IndexError, a TypeError, and for what is not numeric.

    Raises
    ------
    AnswerError
        When the function fails (its own error is the cause), returns something that is not numeric, or is
        unsolved.
    """
    hints = (ValueError, failing), (IndexError, no_index), (TypeError, no_type)
    try:
        answer = function(*copy.deepcopy(arguments))
    except Exception as error:
        place = _location(error)  # none where the number of arguments is wrong, a TypeError as well
        hint = next((hint for kind, hint in hints if place and isinstance(error, kind)), _HINT)
        raise AnswerError(wrong("an answer", f"{_describe(error)}{place}", hint)) from error
    if answer is ...:
        raise AnswerError(NOT_SOLVED)
    if answer is None:
        raise AnswerError(wrong("an answer", "None", none))
    if isinstance(answer, dict):
        raise AnswerError(wrong("one number or array", "a dict", "Add its values, or return one of them."))
    if not _is_numeric(answer):
        raise AnswerError(wrong("numbers", _name(answer), no_numbers))
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
        What a right answer is told.
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
        return right(praise)
    hint = next((hint for value, hint in mistakes if equals(value)), None)
    if found.shape != expected.shape:
        shape = f"the shape {expected.shape}" if expected.ndim else "one number"
        return wrong(shape, f"the shape {found.shape}", hint or shape_hint)
    place = [int(i) for i in np.unravel_index(np.abs(found - expected).argmax(), found.shape)]
    if hint is None:
        given = ", ".join(map(_brief, arguments[place[0]] if several else arguments))
        where = f"{getattr(function, '__name__', 'f')}({given}){place if place and not several else ''}"
        pair = "{} expected, {} found".format(*show_both(expected[*place], found[*place]))
        hint = f"No usual mistake gives this. The difference is largest in {where}: {pair}."
    if found.ndim < 3:
        return wrong(*show_both(expected, found), hint)
    *pixel, _ = place
    wanted, given = show_both(expected[*pixel], found[*pixel])
    return wrong(f"the channels {wanted} in row {pixel[-2]}, column {pixel[-1]}", given, hint)


def _numbers(function, inputs):
    """Call a learner's function on each tuple of arguments; return its numbers as an array."""
    answers = [call(function, *arguments) for arguments in inputs]
    for answer in answers:
        if answer.size != 1:
            hint = "Return one number at a time."
            raise AnswerError(wrong("one number", f"the shape {answer.shape}", hint))
    return np.array([answer.item() for answer in answers])


def show_both(expected, found):
    """Format what was expected and what was found with as few decimals as tell them apart."""
    pairs = [(show(expected, decimals), show(found, decimals)) for decimals in range(2, 8)]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])


def show(values, decimals=2):
    """Format a number, a vector or a matrix for a verdict; a matrix has a line for each row.

    >>> print(show(2 / 3), show(0.00321), show(7.0), show(np.array([0.5, 2])))
    0.67 0.0032 7 [0.50 2.00]
    """
    whole = np.all(values == np.rint(values))

    def number(value):
        if whole or not 0.1 <= abs(value) < 1e6:
            return f"{value:.{7 if whole else decimals}g}"
        return f"{value:.{decimals}f}"

    if np.ndim(values) == 0:
        return number(float(values))
    width = max(len(number(value)) for value in values.flat) if np.ndim(values) > 1 else 0
    aligned = {"all": lambda value: number(value).rjust(width)}
    return np.array2string(values, threshold=20, edgeitems=2, max_line_width=1000, formatter=aligned)


def _brief(value):
    """Format an argument for a verdict; of a large array, its shape."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_brief(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_brief, value))}]"
    if not isinstance(value, np.ndarray):
        return repr(value)
    return _in_one_line(show(value)) if value.size < 7 else f"array {value.shape}"


def _in_one_line(text):
    return " ".join(text.split()).replace("[ ", "[")


def _describe(error):
    text = _in_one_line(f"{type(error).__name__}: {error}")
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
