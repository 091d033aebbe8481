"""What a check answers: right, wrong with the usual cause, or not solved yet.

A check takes the learner's answer and returns a :class:`Verdict`, which a notebook shows as one line. An
unsolved stub (the value ``...`` or ``None``) is told apart from a wrong answer.
"""

from dataclasses import dataclass

import numpy as np


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


def call(function, *arguments):
    """Call a learner's function on copies, so that one that works in place cannot spoil the comparison."""
    return function(*(np.array(a) if isinstance(a, np.ndarray) else a for a in arguments))


def show(array):
    """Write numbers for a verdict, on one line."""
    return np.array2string(np.asarray(array), precision=3, separator=" ").replace("\n", "")


def hint_for(answer, mistakes):
    """Return the hint of the first of ``(value, hint)`` that equals the answer, or None."""
    for value, hint in mistakes:
        if np.allclose(answer, value, rtol=1e-4):
            return hint
    return None
