"""Every error that the package makes is plain sentences with a next step, also those no test provokes."""

import ast
from pathlib import Path

import pytest
from plain_words import check_message

PACKAGE = Path(__file__).resolve().parent.parent.parent / "nst_utils"
# Half sentences: whoever catches them puts them into a whole one. AttributeError is Python's own.
PARTS = {"StreamError", "TimeoutError", "AttributeError"}


def text_of(node):
    """The text of a string in the source, with … for each value that is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    return "…"


def messages():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("Error"):
                text = text_of(node.args[0])
                if ast.unparse(node.func) not in PARTS and text != "…":
                    yield pytest.param(text, id=f"{path.name}:{node.lineno}")


@pytest.mark.parametrize("message", list(messages()))
def test_every_message_is_a_sentence_with_a_next_step(message):
    if not message.rstrip(".").endswith("…"):  # its end is put in: the tests that provoke it look at that
        check_message(message)
