"""Checks of what a loss is given: weights, and a style with something in it."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import check_layers, check_number, describe_value
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


def check_layer_weights(name: str, layers) -> dict:
    """Return layer → weight, from a mapping or from a list of layers that all count the same."""
    names = check_layers(name, layers)
    if not isinstance(layers, Mapping):
        return dict.fromkeys(names, 1.0)
    weights = {
        layer: check_number(f"{name}[{layer!r}]", weight, "0 or a positive number", lambda n: n >= 0)
        for layer, weight in layers.items()
    }
    if not any(weights.values()):
        raise ValueError(f"All weights in {name} are 0: set one of them above 0, or style_weight to 0.")
    return weights


def check_shares(shares: "Sequence[float] | None", count: int) -> tuple[float, ...]:
    """Return the share of each painting, divided by their sum; by default all have the same."""
    given = [1.0] * count if shares is None else shares
    if isinstance(given, str) or np.shape(given) != (count,):
        raise ValueError(
            f"shares is {describe_value(given)}; give one number for each painting, such as {[1.0] * count}."
        )
    must_be = "0 or a positive number", lambda number: number >= 0
    given = [check_number(f"shares[{n}]", share, *must_be) for n, share in enumerate(given)]
    if not any(given):
        raise ValueError("All shares are 0: give one painting more than that.")
    return tuple(share / sum(given) for share in given)


def warn_of_flat_style(grams: dict, content_grams: dict) -> None:
    """Warn of a style near the one color that VGG subtracts: relative to it, every loss is huge."""
    flat = [
        name
        for name, gram in grams.items()
        if tf.reduce_any(_energy(gram) < FLAT * _energy(content_grams[name]))
    ]
    if flat:
        warnings.warn(
            f"To the network the style picture is nearly empty (in {', '.join(flat)}): the style loss will be"
            " huge, and the content will not count. Take a style picture with more contrast.",
            stacklevel=3,
        )


def _energy(grams):
    return tf.reduce_sum(grams**2, axis=(1, 2))  # of each region
