"""What a message for the learner is held to: plain sentences that end with what to do next."""

import contextlib
import re

import pytest

# A next step is an order, or the value that would be right
NEXT_STEP = re.compile(
    r"\b(add|check|choose|close|convert|copy|create|crop|delete|divide|download|export|fetch|give|install|look"
    r"|move|must|needs?|pass|pip|remove|rename|rescale|restart|run|save|set|shrink|start|take|transpose|try"
    r"|uninstall|use|wait|write|did you mean)\b",
    re.IGNORECASE,
)
NOISE = re.compile(r"Traceback|object at 0x|<class |Errno|\bNone\b|{{|\[\[")


def check_message(message):
    """Assert that a message can be shown to a learner as it is."""
    assert message == message.strip(), f"blanks around it: {message!r}"
    assert message.endswith((".", "`", "?")), f"not a whole sentence: {message!r}"
    assert NEXT_STEP.search(message), f"no next step: {message!r}"
    assert not NOISE.search(message), f"a programmer's noise: {message!r}"
    assert len(message) < 1000, f"nobody reads so much: {message!r}"


@contextlib.contextmanager
def refused(kind, *parts):
    """Expect an error of this kind whose message is fit to be shown and contains these parts."""
    with pytest.raises(kind) as caught:
        yield
    message = str(caught.value)
    check_message(message)
    for part in parts:
        assert part in message, f"{part!r} is not in {message!r}"
