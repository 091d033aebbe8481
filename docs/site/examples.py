"""Examples of the reference, with the imports that a doctest takes from its module: they run as copied."""

import ast
import builtins
import doctest
import importlib
import inspect


def imports_of(docstring, module):
    """Return what an example needs beside its own lines, as lines of code.

    Parameters
    ----------
    docstring : str
        With examples, which may use every name of the module.
    module : module

    Returns
    -------
    list of str

    Examples
    --------
    >>> imports_of(">>> np.ones(2)", doctest)  # which has no np
    []
    >>> imports_of(">>> inspect.isclass(int)", doctest)
    ['import inspect']
    """
    examples = doctest.DocTestParser().get_examples(docstring)
    lines = set()
    for name in _names_from_outside("".join(example.source for example in examples)):
        if name not in vars(module):
            continue
        value = vars(module)[name]
        if inspect.ismodule(value):
            lines.add(f"import {value.__name__}" + (f" as {name}" if name != value.__name__ else ""))
        else:
            lines.add(f"from {_home_of(name, value, module)} import {name}")
    return sorted(lines)


def _names_from_outside(source):
    nodes = list(ast.walk(ast.parse(source)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    made = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    made |= {(alias.asname or alias.name).split(".")[0] for alias in nodes if isinstance(alias, ast.alias)}
    made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    made |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ExceptHandler))}
    return {name.id for name in names} - made - set(dir(builtins))


def _home_of(name, value, module):
    package = importlib.import_module("nst_utils")
    return "nst_utils" if name in package.__all__ else getattr(value, "__module__", None) or module.__name__


def add_imports(app, what, name, thing, options, lines):
    """Put the imports before the first line of the examples; for Sphinx's ``autodoc-process-docstring``."""
    first = next((number for number, line in enumerate(lines) if line.startswith(">>> ")), None)
    if first is not None and (module := inspect.getmodule(thing)):
        lines[first:first] = [f">>> {line}" for line in imports_of("\n".join(lines), module)]


def setup(app):
    """Connect this module to Sphinx."""
    app.connect("autodoc-process-docstring", add_imports, priority=900)  # after numpydoc
    return {"parallel_read_safe": True, "parallel_write_safe": True}
