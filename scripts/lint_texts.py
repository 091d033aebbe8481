"""Looks over the texts that no linter of code reads: the package's error messages, and the table of faults.

``make lint`` runs it. It prints one line for each complaint, and fails if there is any.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "faults.md"
# Half sentences: whoever catches them puts them into a whole one. AttributeError is Python's own.
PARTS = {"StreamError", "OnnxError", "TimeoutError", "AttributeError"}
# A next step is an order to do something, or the value that would be right
NEXT_STEP = re.compile(
    r"\b(add|check|choose|close|convert|copy|create|crop|delete|divide|download|export|fetch|give|install|look"
    r"|move|must|needs?|pass|pip|remove|rename|rescale|restart|run|save|set|shrink|start|take|transpose|try"
    r"|uninstall|use|wait|write|did you mean)\b[ :]+[\w\"'`./(…~-]",
    re.IGNORECASE,
)
NOISE = re.compile(r"Traceback|object at 0x|<class |Errno|\bNone\b|{{|\[\[")
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`( \(slow\))?")


def complaints(message):
    """Yield what keeps a message from being shown to a learner: plain sentences that end with what to do.

    >>> list(complaints("Look."))
    ['not a whole sentence', 'no next step']
    >>> list(complaints("size is -3; give the longer side in pixels."))
    []
    """
    if message != message.strip() or len(re.findall(r"\w+|…", message)) < 5 or message[-1] not in ".`?":
        yield "not a whole sentence"
    if not NEXT_STEP.search(message):
        yield "no next step"
    if NOISE.search(message):
        yield "a programmer's noise"
    if len(message) >= 1000:
        yield "nobody reads so much"


def messages(path):
    """Yield line and text of every error that a module makes, with … for each value that is put in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("Error"):
            text = _text(node.args[0])
            if ast.unparse(node.func) not in PARTS and not text.rstrip(".").endswith(
                "…"
            ):  # its end is put in
                yield node.lineno, text


def _text(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def lint_messages():
    """Yield complaints on the errors of the package."""
    for path in sorted((ROOT / "nst_utils").rglob("*.py")):
        for line, text in messages(path):
            for complaint in complaints(text):
                yield f"{path.relative_to(ROOT)}:{line}: {complaint}: {text!r}"


def tests_of(path):
    """Names of the tests of a file, and whether each is slow."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    all_are = "\npytestmark = pytest.mark.slow\n" in text
    return {
        node.name: all_are or "pytest.mark.slow" in map(ast.unparse, node.decorator_list)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def lint_table():
    """Yield rows that name no test that exists, and tests of faults that stand in no row."""
    named = set()
    for number, row in enumerate(TABLE.read_text(encoding="utf-8").split("\n"), 1):
        if not row.startswith("| ") or row.startswith("| mishap"):
            continue
        tests = NAMED.findall(row.split(" | ")[-1])
        if len(row.split(" | ")) != 3 or not tests:
            yield f"tests/faults.md:{number}: a row is a mishap, a promise, and tests as `file.py::test_name`"
        for file, name, slow in tests:
            named.add(name)
            known = tests_of(ROOT / "tests" / file)
            if name not in known:
                yield f"tests/faults.md:{number}: {file} has no {name}"
            elif known[name] != bool(slow):
                yield f"tests/faults.md:{number}: {name}: the word (slow) is wrong"
    for path in sorted((ROOT / "tests" / "faults").glob("test_*.py")):
        for name in tests_of(path).keys() - named:
            yield f"{path.relative_to(ROOT)}: {name} is in no row of tests/faults.md"


def main():
    """Print all complaints; returns the exit status."""
    found = [*lint_messages(), *lint_table()]
    print(*found, sep="\n", end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
