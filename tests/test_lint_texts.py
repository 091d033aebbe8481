"""The lint of messages sees those that leave a learner alone."""

import pytest

from scripts.lint_texts import complaints


@pytest.mark.parametrize(
    "message",
    [
        "Look.",
        "Please check.",
        "The value of size that you gave is wrong.",
        "size is -3, give the longer side in pixels",
        "[Errno 2] No such file; give the name of a file.",
        " The size is negative; give the longer side in pixels.",
    ],
)
def test_a_message_without_a_sentence_or_a_next_step_is_refused(message):
    assert list(complaints(message))


@pytest.mark.parametrize(
    "message", ["size is -3; give the longer side in pixels.", "No layer b1; did you mean block1?"]
)
def test_a_whole_sentence_with_a_next_step_passes(message):
    assert not list(complaints(message))
