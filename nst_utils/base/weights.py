"""Checks of what a loss is given: weights, and a style with something in it."""

import warnings

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import check_number, describe_value
from .tensorflow import tf

FLAT = 1e-4  # energy of a style's Gram matrix, as a share of the content's: a tenth of its contrast


def check_weights(**weights: "float | NDArray") -> dict:
    """Return the weights, given by the names of their terms, as floats; or raise ``ValueError``.

    Of a map, whose values :func:`check_weight_map` checks, it is the mean.
    """
    for name, value in weights.items():
        value = float(np.mean(value)) if name == "content" and np.ndim(value) == 2 else value
        weights[name] = check_number(f"{name}_weight", value, "0 or a positive number", lambda n: n >= 0)
    if not any(weights.values()):
        raise ValueError("All weights are 0: set one of them above 0, so that there is something to lower.")
    return weights


def check_weight_map(weights: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a map of content weights of this height and width; or raise ``ValueError``."""
    weights = np.array(weights)
    if weights.shape != shape[:2] or weights.dtype.kind not in "buif":
        raise ValueError(
            f"content_weight is {describe_value(weights)}; give one number, or an array with one number for"
            f" each pixel of the content, of shape {tuple(shape[:2])}."
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("content_weight has values below 0, or NaN; all must be 0 or positive numbers.")
    return weights.astype(np.float32)


def warn_of_flat_style(grams: dict, content_grams: dict) -> None:
    """Warn of a style near the one color that VGG subtracts: relative to it, every loss is huge."""
    flat = [
        name
        for name, gram in grams.items()
        if tf.reduce_sum(gram**2) < FLAT * tf.reduce_sum(content_grams[name] ** 2)
    ]
    if flat:
        warnings.warn(
            f"To the network the style picture is nearly empty (in {', '.join(flat)}): the style loss will be"
            " huge, and the content will not count. Take a style picture with more contrast.",
            stacklevel=3,
        )
