"""Checks of arguments before the work: numbers, names and lists; each error is one sentence."""

import math
import reprlib
from numbers import Integral

import numpy as np

MAX_PIXELS = 100_000_000  # a picture of this many takes 1.2 GB
STROKE_SIZES = 1 / 16, 16  # beyond, nothing is left of a painting, or too much to compute
MAX_VALUE = 1e30  # float32 ends at 3e38, and losses multiply and add what is given


def describe_value(value):
    """Name a value in a message: short as it is, anything else by its type and shape."""
    if value is None:
        return "missing"
    if isinstance(value, (str, int, float, complex, np.generic)):
        return reprlib.repr(value.item() if isinstance(value, np.generic) else value)
    if isinstance(value, (list, tuple)) and all(isinstance(v, (str, int, float)) for v in value):
        return reprlib.repr(value)
    kind, shape = f"of type {type(value).__name__}", getattr(value, "shape", None)
    return kind if shape is None or callable(shape) else f"{kind} and shape {shape}"


def check_int(name, value, least=1):
    """Raise ``ValueError`` unless a value is a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} is {describe_value(value)}; it must be a whole number of at least {least}.")


def check_number(name, value, must_be, holds):
    """Return a number as float, or raise ``ValueError``.

    Parameters
    ----------
    name : str
    value : float
        Anything that is one real number; no text, no truth value.
    must_be : str
        What the message asks for.
    holds : callable
        Whether a float is as it must be; what is not finite, or too large for float32, never is.
    """
    try:
        is_number = not isinstance(value, (str, bytes, bool, np.bool_)) and np.ndim(value) == 0
        number = float(value) if is_number else math.nan
    except (TypeError, ValueError, OverflowError):  # such as a ragged list, or 10 ** 400
        number = math.nan
    if MAX_VALUE <= abs(number) < math.inf:
        raise ValueError(f"{name} is {describe_value(value)}, too large; it must be {must_be}.")
    if not (abs(number) < MAX_VALUE and holds(number)):
        raise ValueError(f"{name} is {describe_value(value)}; it must be {must_be}.")
    return number


def check_bool(name, value):
    """Raise ``ValueError`` unless a value is True or False; the text ``"no"`` would count as true."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} is {describe_value(value)}; it must be True or False.")


def check_choice(name, value, known):
    """Raise ``ValueError`` with the known names unless a value is one of them."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} is {describe_value(value)}; choose one of {', '.join(known)}.")


def check_layers(name, layers):
    """Return layer names as a tuple, each once; raise ``ValueError`` for anything else.

    One name alone, as a string, is taken for a list of one.
    """
    example = "for instance ('block1_conv1', 'block4_conv2')"
    names = (layers,) if isinstance(layers, str) else tuple(layers) if np.iterable(layers) else None
    if names is None or not all(isinstance(layer, str) for layer in names):
        raise ValueError(f"{name} is {describe_value(layers)}; it must be a list of layer names, {example}.")
    if not names:
        raise ValueError(f"{name} is empty; it must name at least one layer, {example}.")
    return tuple(dict.fromkeys(names))


def check_callback(callback):
    """Raise ``ValueError`` unless a callback is missing or can be called."""
    if isinstance(callback, type):
        name = callback.__name__
        raise ValueError(f"callback is the class {name}; make an object of it: use callback={name}().")
    if callback is not None and not callable(callback):
        raise ValueError(f"callback is {describe_value(callback)}; it must be a function of one argument.")
