"""What a message that a test provokes is held to: what ``make lint`` asks of those in the source."""

import contextlib

import pytest

from scripts.lint_texts import NOISE, complaints

__all__ = ["NOISE", "check_message", "refused"]


def check_message(message):
    """Assert that a message can be shown to a learner as it is."""
    assert not [*complaints(message)], repr(message)


@contextlib.contextmanager
def refused(kind, *parts):
    """Expect an error of this kind whose message is fit to be shown and contains these parts."""
    with pytest.raises(kind) as caught:
        yield
    check_message(str(caught.value))
    for part in parts:
        assert part in str(caught.value)
