"""Checks of notebook 03: the loss terms and their sum."""

from functools import partial

import numpy as np

from .verdict import check, compare

_compare = partial(compare, shape_hint="A loss is a scalar: sum over all axes.")


@check
def check_relative_content_loss(function):
    """Notebook 03: a function from features and target, of one shape, to ``‖F − P‖² / ‖P‖²``."""
    target = np.arange(1, 13, dtype=np.float32).reshape(1, 2, 3, 2) / 4
    difference = np.array([0.5, 0, -1, 0.25, 0, 0, 0, 1.5, 0, 0, -0.5, 0], np.float32)
    difference = difference.reshape(target.shape)
    features = target + difference
    squares, energy = np.sum(difference**2), np.sum(target**2)
    mistakes = (
        (np.abs(difference).sum() / np.abs(target).sum(), "Square the entries, do not take absolute values."),
        (difference.sum() / target.sum(), "The square is missing: positive and negative errors cancel."),
        (np.sqrt(squares / energy), "This is the ratio of the norms: leave the square root out."),
        (np.mean(difference**2), "This is the mean of squares: divide by the target's energy instead."),
        (np.mean(difference**2) / energy, "A mean above the line, a sum below it: take sums in both places."),
        (squares / np.mean(target**2), "A sum above the line, a mean below it: take sums in both places."),
        (squares, "Divide by the target's energy, the sum of its squares."),
        (squares / energy / 2, "The relative form has no factor of one half."),
        (squares / 2, "This is the paper's form: divide by the target's energy, not by 2."),
        (squares / np.sum(features**2), "Divided by the energy of F: divide by that of the target, P."),
        (squares / np.sqrt(energy), "Divide by the square of the target's norm."),
        (np.sum((difference / target) ** 2), "Divide the sums, not entry by entry: entries of P may be 0."),
        (np.mean((difference / target) ** 2), "Divide the sums, not entry by entry: entries of P may be 0."),
    )
    praise = "two sums of squares, one ratio"
    return _compare(function, (features, target), squares / energy, mistakes, praise)


@check
def check_total_variation(function):
    """Notebook 03: a function from a picture to the mean absolute difference of neighbors."""
    rows, columns, channels = np.meshgrid(range(3), range(5), range(3), indexing="ij")
    picture = ((3 * rows**2 + 5 * columns + 7 * rows * columns + 4 * channels) % 16 / 16).astype(np.float32)
    vertical, horizontal = np.diff(picture, axis=0), np.diff(picture, axis=1)
    both = np.concatenate([vertical.ravel(), horizontal.ravel()])
    across = np.diff(picture, axis=2)
    around = [picture - np.roll(picture, 1, axis) for axis in (0, 1)]
    diagonal = picture[1:, 1:] - picture[:-1, :-1]
    means = [np.abs(part).mean() for part in (vertical, horizontal)]
    mistakes = (
        (np.abs(both).sum(), "This is the sum: it grows with the picture. Divide by the number of pairs."),
        (np.mean(both**2), "These are squares: take absolute values."),
        (np.mean(both), "Take absolute values: up and down cancel otherwise."),
        (np.abs(both).sum() / picture.size, "Divide by the number of pairs, not of pixels."),
        (np.abs(both).sum() / picture.size / 2, "The last row and column have no next one: count the pairs."),
        (np.mean(np.abs(around)), "np.roll wraps around: the last column is no neighbor of the first."),
        (np.abs(diagonal).mean(), "Diagonal neighbors: compare along one axis at a time."),
        (means[0], "These are the vertical pairs alone: add the horizontal ones."),
        (means[1], "These are the horizontal pairs alone: add the vertical ones."),
        (sum(means) / 2, "The mean of two means: here the pairs are not equally many. Sum all, then divide."),
        (sum(means), "Sum all pairs of both directions, then divide by how many they are."),
        *(
            (_mean_of_all(*others, across), "Channels are no neighbors: give np.diff axis=0, then axis=1.")
            for others in ((), (vertical,), (horizontal,))
        ),
        (_mean_of_all(vertical, horizontal, across), "Channels are no neighbors: leave axis 2 out."),
    )
    praise = "every pair of neighbors counted once"
    failing = "The two arrays of differences differ in shape: sum each of them first."
    return _compare(function, (picture,), np.abs(both).mean(), mistakes, praise, failing=failing)


@check
def check_style_of_layers(function):
    """Notebook 03: a function from two dicts, layer to Gram matrix, to the mean relative style loss."""
    targets = {"first": np.array([[2.0, 1], [1, 4]]), "second": np.array([[10.0, 5], [5, 20]]),
               "third": np.diag([3.0, 1, 2])}  # fmt: skip
    grams = {"second": np.array([[12.0, 3], [3, 24]]), "first": np.array([[3.0, 1], [1, 2]]),
             "third": np.ones((3, 3))}  # fmt: skip
    squares = np.array([np.sum((grams[name] - targets[name]) ** 2) for name in targets])
    energies = np.array([np.sum(targets[name] ** 2) for name in targets])
    own_energies = np.array([np.sum(grams[name] ** 2) for name in targets])
    sizes = np.array([targets[name].size for name in targets])
    by_position = [
        np.sum((g - a) ** 2) / np.sum(a**2) for g, a in zip(grams.values(), targets.values(), strict=True)
    ]
    mistakes = (
        (np.mean(by_position), "Match the layers by name, not by position in the dict."),
        (np.sum(squares / energies), "This is the sum over layers: divide by the number of layers."),
        (squares.sum() / energies.sum(), "One ratio per layer first: the largest numbers decide here."),
        (np.mean(squares), "Divide each layer by its target's energy."),
        (np.mean(squares / sizes), "This is the mean of squares: divide by the target's energy instead."),
        (np.mean(np.sqrt(squares / energies)), "These are ratios of norms: leave the square root out."),
        (np.mean(squares / own_energies), "Divided by the energy of G: divide by that of the target, A."),
        (np.average(squares / energies, weights=sizes), "A large matrix counts no more than a small one."),
        (np.average(squares / energies, weights=sizes**0.5), "Every layer counts the same, however wide."),
        *((one, "This is one layer alone: return in the loop, or no sum?") for one in squares / energies),
    )
    praise = "one ratio per layer, then their mean"
    return _compare(function, (grams, targets), np.mean(squares / energies), mistakes, praise)


@check
def check_weighted_total(function):
    """Notebook 03: a function from two dicts, term to value and term to weight, to the weighted sum."""
    terms = {"content": 0.4, "style": 0.7, "total_variation": 0.03}
    weights = {"total_variation": 10.0, "content": 0.5, "style": 2.0}  # in another order than the terms
    products = np.array([weights[name] * terms[name] for name in terms])
    total = products.sum()
    mistakes = (
        (np.dot([*terms.values()], [*weights.values()]), "Match terms and weights by name, not by position."),
        (sum(terms.values()), "The weights are missing."),
        (total / sum(weights.values()), "The weights need not add up to 1: do not divide by their sum."),
        (products.mean(), "Add the terms; their mean would make a new term weaken the others."),
        (sum(terms.values()) * sum(weights.values()), "Each term has a weight of its own."),
        *((total - weights[name] * terms[name], f"The term {name} is missing.") for name in terms),
    )
    return _compare(function, (terms, weights), total, mistakes, "each term times its weight, added")


def _mean_of_all(*differences):
    return np.mean(np.concatenate([np.abs(part).ravel() for part in differences]))
