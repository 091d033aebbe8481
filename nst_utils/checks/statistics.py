"""Checks of notebook 08: sets of numbers carried to each other, along directions too, nearest neighbors."""

import numpy as np

from .verdict import check, compare


@check
def check_transport(function):
    """Notebook 08: ``(a, b) → number``, the mean squared distance of the sorted values, ``(n,)`` each."""
    a, b = np.array([3, -1, 7, 0.5, 8.5]), np.array([2, 6, 5, 1, 6.5])
    first, second = np.sort(a), np.sort(b)
    difference = first - second
    squares, table = difference**2, np.subtract.outer(a, b) ** 2

    def mean_square(a, b):
        return np.mean((a - b) ** 2)

    orders, ranks = (np.argsort(a), np.argsort(b)), (np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))
    places = "np.argsort gives places, not values: np.sort gives the sorted values."
    mistakes = (
        (mean_square(a, b), "The values are paired as they come: sort both sets first."),
        (mean_square(first, b), "Only a is sorted: sort b, too."),
        (mean_square(a, second), "Only b is sorted: sort a, too."),
        (mean_square(first, second[::-1]), "One ascends, the other descends: sort both from low to high."),
        (np.abs(difference).mean(), "These are absolute differences: square them."),
        (np.abs(difference).sum(), "These are absolute differences, added: take the mean of the squares."),
        (squares.sum(), "This is the sum: divide by the number of pairs."),
        (squares.sum() / 2, "This is half the sum: take the mean."),
        (squares.mean() / 2, "Leave the factor of one half out."),
        (np.sqrt(squares.mean()), "Leave the root out: the mean squared distance is asked for."),
        (np.sqrt(squares.sum()), "This is the root of the sum: take the mean of the squares."),
        (np.median(squares), "This is the median: take the mean."),
        (table.min(1).mean(), "This is each value's nearest neighbor: sort, so that each is taken once."),
        (table.min(0).mean(), "This is each value's nearest neighbor: sort, so that each is taken once."),
        (table.mean(), "This is the mean over all pairs: each value has one partner."),
        (difference.mean() ** 2, "This is the squared difference of the means: square each pair first."),
        (difference.sum() ** 2, "Square each difference before the sum."),
        (difference.mean(), "The squares are missing: differences to the left and to the right cancel."),
        (np.mean(first**2 - second**2), "Square the difference, not the two values."),
        (mean_square(*orders), places),
        (mean_square(*ranks), places),
        (squares, "Right up to the mean over the pairs."),
    )
    hints = {
        "shape_hint": "Take the mean over the pairs.",
        "no_type": "np.sort(a) gives a sorted array. sorted(a) gives a list, which knows no minus; a.sort()"
        " sorts in place and returns nothing.",
    }
    return compare(function, (a, b), squares.mean(), mistakes, "in sorted order no two lines cross", **hints)


@check
def check_sliced(function):
    """Notebook 08: ``(features, target, directions) → number``; ``(n, c)``, ``(n, c)`` and ``(c, k)``.

    The mean over positions and directions of the squared differences of the sorted projections.
    """
    rng = np.random.default_rng(28)
    features, target = rng.random((5, 3)) * [1, 3, 2], rng.random((5, 3)) * [3, 1, 2] + [0, 0.5, 0]
    directions = rng.normal(size=(3, 4))
    directions /= np.linalg.norm(directions, axis=0)

    norms = [np.linalg.norm(directions, axis=axis, keepdims=True) for axis in (1, None)]

    def projections(directions=directions):
        return features @ directions, target @ directions

    def mean_square(pair, own_sort=np.sort, sort=None, **axis):
        return np.mean((own_sort(pair[0], **axis) - (sort or own_sort)(pair[1], **axis)) ** 2)

    def as_it_is(values, axis=None):
        return values

    def descending(values, axis):
        return -np.sort(-values, axis)

    pair = projections()
    difference = np.sort(pair[0], axis=0) - np.sort(pair[1], axis=0)
    squares, by_channel = difference**2, (np.sort(features, axis=0), np.sort(target, axis=0))
    before = by_channel[0] @ directions, by_channel[1] @ directions
    per_direction = squares.mean(axis=0)
    last = "np.sort sorts along the last axis, here the directions: sort along the positions, axis=0."
    places = "np.argsort gives places, not values: np.sort gives the sorted values."
    unit = "The directions have length 1 already: take them as they are."
    first = "Each channel was sorted before the projection: project, then sort."
    mistakes = (
        (mean_square(pair, axis=-1), last),
        (mean_square(pair, axis=None), "All values were sorted in one row: each direction alone, axis=0."),
        (mean_square(pair, as_it_is), "The projections are not sorted: positions are paired as they come."),
        (mean_square(pair, np.sort, as_it_is, axis=0), "Only the features are sorted: sort the target, too."),
        (mean_square(pair, as_it_is, np.sort, axis=0), "Only the target is sorted: sort the features, too."),
        (mean_square(pair, np.sort, descending, axis=0), "One ascends, the other descends."),
        (mean_square(pair, np.argsort, axis=0), places),
        (mean_square(before, as_it_is), first),
        (mean_square(before, axis=0), first),
        (mean_square(by_channel, as_it_is), "These are sorted channels: project on the directions first."),
        (mean_square((features, target), as_it_is), "Project on the directions, then sort."),
        (per_direction.sum(), "This is the sum over the directions: take the mean."),
        (squares.sum(axis=0).mean(), "This is the sum over the positions: take the mean."),
        (squares.sum(), "This is the sum over positions and directions: take the mean over both."),
        (squares.sum() / features.size, "Divide by positions · directions; channels are summed up already."),
        (per_direction.max(), "This is the direction with the largest distance: take the mean over all."),
        *((one, "This is one direction alone: return in the loop, or no sum?") for one in per_direction),
        (np.abs(difference).mean(), "These are absolute differences: square them."),
        (np.abs(difference).sum(), "These are absolute differences, added: take the mean of the squares."),
        (np.sqrt(squares.mean()), "Leave the root out: the mean of the squares is asked for."),
        (np.sqrt(squares.sum()), "This is the root of the sum: take the mean of the squares."),
        (np.sqrt(per_direction).mean(), "Leave the root out: the mean of the squares is asked for."),
        (squares.mean() / 2, "Leave the factor of one half out."),
        (difference.mean(), "The squares are missing: differences up and down cancel."),
        (np.mean(difference.mean(axis=0) ** 2), "These are differences of the means: square first."),
        *((mean_square(projections(directions / norm), axis=0), unit) for norm in norms),
        (mean_square(projections(directions.reshape(4, 3).T), axis=0), "reshape scrambles the directions."),
        (4 * squares.mean() / np.mean(pair[1] ** 2),
         "This is the relative loss of the package: leave out the factor 4 and the division."),
        (squares.mean() / np.mean(pair[1] ** 2), "Leave out the division by the target's mean square."),
        (squares, "Right up to the mean over positions and directions."),
        (per_direction, "Right up to the mean over the directions."),
    )  # fmt: skip
    hints = {
        "shape_hint": "Take the mean over positions and directions.",
        "failing": "features @ directions gives the projections, (positions, k): transpose neither of them.",
    }
    arguments, praise = (features, target, directions), "sorted in each direction, averaged over all"
    return compare(function, arguments, squares.mean(), mistakes, praise, **hints)


@check
def check_nearest(function):
    """Notebook 08: ``(features, target) → number``; ``(n, c)`` and ``(m, c)``.

    The mean over the features of 1 − cosine similarity to the most similar vector of the target.
    """
    rng = np.random.default_rng(230)
    features, target = rng.random((5, 3)) * [1, 3, 2], rng.random((4, 3)) * [3, 1, 2]

    def unit(vectors, axis=1, power=1):
        return vectors / np.linalg.norm(vectors, axis=axis, keepdims=True) ** power

    def nearest(similarity):
        return np.mean(1 - similarity.max(axis=1))

    products, cosine = features @ target.T, unit(features) @ unit(target).T
    squares = np.sum((features[:, np.newaxis] - target) ** 2, axis=-1)
    own, other = 1 - cosine.max(axis=1), 1 - cosine.max(axis=0)
    every = np.arange(5)
    by_length = "Divide each vector by its length, features and target: cosine, not the plain product."
    of_channels = "Lengths are those of the vectors, over the channels: axis=1 with keepdims=True."
    closest = "The most similar vector is the one with the largest cosine, not that of "
    both = "This searches from both sides: search for the features alone."
    mistakes = (
        (other.mean(), "For each feature vector, search the target; here each target vector searches."),
        (other.sum(), "For each feature vector, search the target; here each target vector searches."),
        (np.mean(1 - cosine.min(axis=1)), "This is the least similar vector: take the most similar."),
        (np.mean(1 - cosine.min(axis=0)), "This is the least similar feature: take the most similar target."),
        (cosine.max(axis=1).mean(), "This is the similarity: the distance is 1 − similarity."),
        (-cosine.max(axis=1).mean(), "This is minus the similarity: the distance is 1 − similarity."),
        (cosine.max(axis=0).mean(), "This is the similarity, and each target vector searches the features."),
        (nearest(unit(features - target.mean(0)) @ unit(target - target.mean(0)).T),
         "The target's mean was subtracted: here compare the vectors as they are."),
        (nearest(products), by_length),
        (products.max(axis=1).mean(), by_length),
        (nearest(unit(features) @ target.T), "Only the features are divided by their lengths."),
        (nearest(features @ unit(target).T), "Only the target is divided by its lengths."),
        (nearest(unit(features, power=2) @ unit(target, power=2).T), "Divide by lengths, not by squares."),
        *((nearest(unit(features, axis) @ unit(target, axis).T), of_channels) for axis in (0, None)),
        (np.mean(1 - cosine), "This is the mean over all pairs: take the most similar of each row."),
        (np.mean(cosine), "This is the mean similarity of all pairs: 1 minus the largest of each row."),
        (1 - cosine.max(), "This is the best pair of all: take the largest of each row, axis=1."),
        (np.sqrt(squares).min(axis=1).mean(), "These are Euclidean distances: 1 − cosine is asked for."),
        (squares.min(axis=1).mean(), "These are squared Euclidean distances: 1 − cosine is asked for."),
        (squares.min(axis=1).sum(), "These are squared Euclidean distances: 1 − cosine is asked for."),
        (np.mean(1 - cosine[every, squares.argmin(1)]), closest + "the least Euclidean distance."),
        (np.mean(1 - cosine[every, products.argmax(1)]), closest + "the largest product."),
        (2 * own.mean(), "Twice too much: 1 − cosine is half the squared distance of unit vectors."),
        (np.sqrt(2 * own).mean(), "These are distances of unit vectors: 1 − cosine is asked for."),
        (own.sum(), "This is the sum: divide by the number of feature vectors."),
        (own.sum() / 4, "Divide by the number of feature vectors, not of target vectors."),
        (np.mean(own**2), "Leave the squares out: the mean of 1 − cosine is asked for."),
        (own.max(), "This is the worst feature vector: take the mean over all."),
        (np.mean([own.mean(), other.mean()]), both),
        (own.mean() + other.mean(), both),
        (np.append(own, other).mean(), both),
        (own, "Right up to the mean over the features."),
        (1 - cosine, "Take the most similar of each row, then the mean."),
        (cosine, "Take the most similar of each row; then 1 minus it, and the mean."),
    )  # fmt: skip
    hints = {
        "shape_hint": "Take the most similar target vector of each feature vector, then the mean.",
        "failing": "features @ target.T compares all with all, (n, m). The lengths need keepdims=True.",
    }
    praise = "each feature vector needs one similar target vector, whichever it is"
    return compare(function, (features, target), own.mean(), mistakes, praise, **hints)
