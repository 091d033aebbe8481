"""The table of faults is true: every row names tests that exist, and every test of a fault stands in it."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (TESTS / "faults.md").read_text().split("\n")
    if line.startswith("| ") and not line.startswith(("| mishap", "|--"))
]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def functions_in(path):
    tree = ast.parse(path.read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_every_row_has_a_promise_and_tests_that_exist(row):
    mishap, promise, tests = row
    assert mishap
    assert promise
    named = NAMED.findall(tests)
    assert named, "no test is named as `file.py::test_name`"
    for path, name in named:
        assert name.startswith("test_")
        function = functions_in(TESTS / path)[name]
        marks = [ast.unparse(decorator) for decorator in function.decorator_list]
        all_are = "\npytestmark = pytest.mark.slow\n" in (TESTS / path).read_text()
        is_slow = all_are or "pytest.mark.slow" in marks
        assert is_slow == (f"`{path}::{name}` (slow)" in tests), f"{name}: the word (slow) is wrong"


def test_every_test_of_a_fault_stands_in_the_table():
    in_table = {name for row in ROWS for _, name in NAMED.findall(row[2])}
    own = {Path(__file__).name}
    for path in (TESTS / "faults").glob("test_*.py"):
        if path.name not in own:
            missing = {name for name in functions_in(path) if name.startswith("test_")} - in_table
            assert not missing, f"{path.name}: {missing} is in no row of faults.md"
