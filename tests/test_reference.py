"""Every public name is a page of reference: a summary, its parameters as they are, an example that runs."""

import importlib
import inspect
import re
from pathlib import Path

import nst_utils

ROOT = Path(__file__).resolve().parent.parent

COURSE = ("features", "gram", "losses", "loop", "lbfgs", "fast", "magenta", "painter", "train", "control",
          "film", "tiles", "statistics")  # fmt: skip
# What the modules of the course share with each other, and no reader calls
INNER = {
    "gram.check_features", "losses.weigh_target", "losses.add_terms", "losses.extract_features",
    "losses.shrink_to_layers", "loop.by_name", "fast.paint_each", "fast.check_content", "fast.fetch_magenta",
    "painter.Convolution", "control.adapt_paintings", "control.starting_picture", "tiles.choose_tile",
    "tiles.is_larger", "statistics.Statistic", "statistics.find_statistic",
}  # fmt: skip


def public_things():
    """Functions and classes by name: those of the package, and those of the modules of the course."""
    things = {name: getattr(nst_utils, name) for name in nst_utils.__all__}
    for module in COURSE:
        for name, thing in vars(importlib.import_module(f"nst_utils.{module}")).items():
            is_own = getattr(thing, "__module__", None) == f"nst_utils.{module}" and name[0] != "_"
            if is_own and f"{module}.{name}" not in INNER and thing not in things.values():
                things[f"{module}.{name}"] = thing
    return {n: t for n, t in things.items() if inspect.isclass(t) or inspect.isfunction(t)}


def methods_of(thing):
    found = vars(thing).items() if inspect.isclass(thing) else ()
    return {name: m for name, m in found if callable(m) and (name == "__call__" or name[0] != "_")}


def check_docstring(thing):
    """Check summary and parameters; returns the sections of a docstring by their titles."""
    text = inspect.getdoc(thing)
    summary, *pieces = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", text, flags=re.MULTILINE)
    assert re.match(r"[A-Z0-9].*\.$", summary.split("\n\n")[0].strip(), re.DOTALL), "a sentence as summary"
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return sections
    entries = re.findall(r"^\S.*(?:\n .*)*", sections.get("Parameters", sections.get("Attributes", "")), re.M)
    assert all(re.match(r"\S.* : \S.*\n    \S", entry) for entry in entries), "a type and words for each"
    names = ", ".join(entry.partition(" : ")[0] for entry in entries).replace("*", "")
    assert names == ", ".join(name for name in inspect.signature(thing).parameters if name != "self")
    return sections


def test_every_public_name_is_a_page_of_reference():
    faults = []
    for name, thing in public_things().items():
        is_error = inspect.isclass(thing) and issubclass(thing, Exception)
        returns = None if inspect.isclass(thing) else inspect.signature(thing).return_annotation
        try:
            sections = check_docstring(thing)
            assert is_error or ">>>" in sections.get("Examples", ""), "an example"
            assert returns is None or "Returns" in sections or "Yields" in sections, "what is returned"
            for method in methods_of(thing).values():
                check_docstring(method)
        except AssertionError as error:
            faults.append(f"{name}: {error}")
    assert not faults, "\n".join(faults)


def test_the_reference_lists_what_is_documented():
    text = (ROOT / "docs/reference.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^    ~nst_utils\.([\w.]+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(public_things())
