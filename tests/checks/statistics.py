"""Answers to the exercises of notebook 08."""

from itertools import permutations

import numpy as np

from nst_utils import checks
from nst_utils.base.tensorflow import tf


def mean_square(first, second):
    return np.mean((first - second) ** 2)


def in_plain_python(a, b):
    return sum((x - y) ** 2 for x, y in zip(sorted(a), sorted(b), strict=True)) / len(a)


def sorted_in_place(a, b):
    a.sort()
    b.sort()
    return mean_square(a, b)


def by_trying_all_pairings(a, b):
    """What sorting is for: the cheapest of all pairings."""
    return min(mean_square(a, b[list(order)]) for order in permutations(range(len(b))))


def descending(values, axis=0):
    return np.flip(np.sort(values, axis), axis)


def sliced(features, target, directions, sort=np.sort, sort_target=None, axis=0):
    first, second = sort(features @ directions, axis), (sort_target or sort)(target @ directions, axis)
    return mean_square(first, second)


def differences(features, target, directions):
    return np.sort(features @ directions, axis=0) - np.sort(target @ directions, axis=0)


def direction_by_direction(features, target, directions):
    return np.mean([in_plain_python(features @ d, target @ d) for d in directions.T])


def sliced_in_tensorflow(features, target, directions):
    first, second = (tf.sort(tf.matmul(vectors, directions), axis=0) for vectors in (features, target))
    return tf.reduce_mean(tf.square(first - second))


def leave(values, axis):
    return values


def unit(vectors, axis=1):
    return vectors / np.linalg.norm(vectors, axis=axis, keepdims=True)


def similarities(features, target):
    return unit(features) @ unit(target).T


def own(features, target):
    return 1 - similarities(features, target).max(axis=1)


def distances(features, target):
    return np.linalg.norm(features[:, np.newaxis] - target, axis=-1)


def pair_by_pair(features, target):
    def cosine(f, t):
        return f @ t / np.sqrt(f @ f) / np.sqrt(t @ t)

    return sum(min(1 - cosine(f, t) for t in target) for f in features) / len(features)


def nearest_in_tensorflow(features, target):
    cosine = tf.matmul(tf.nn.l2_normalize(features, 1), tf.nn.l2_normalize(target, 1), transpose_b=True)
    return 1 - tf.reduce_mean(tf.reduce_max(cosine, 1))


def chosen_by(choose, features, target):
    picked = choose(features, target)
    return np.mean(1 - similarities(features, target)[np.arange(len(features)), picked])


ANSWERS = {
    checks.check_transport: (
        [
            lambda a, b: mean_square(np.sort(a), np.sort(b)),
            lambda a, b: mean_square(descending(a), descending(b)),
            lambda a, b: mean_square(a, np.sort(b)[np.argsort(np.argsort(a))]),
            lambda a, b: np.sum(np.subtract(sorted(a), sorted(b)) ** 2, keepdims=True) / len(a),
            lambda a, b: tf.reduce_mean((tf.sort(a) - tf.sort(b)) ** 2),
            in_plain_python,
            sorted_in_place,
            by_trying_all_pairings,
        ],
        [
            ("paired as they come", mean_square),
            ("paired as they come", lambda a, b: mean_square(np.sort(a), b[np.argsort(a)])),
            ("Only a is sorted", lambda a, b: mean_square(np.sort(a), b)),
            ("Only b is sorted", lambda a, b: mean_square(a, np.sort(b))),
            ("the other descends", lambda a, b: mean_square(descending(a), np.sort(b))),
            ("absolute differences: square", lambda a, b: np.abs(np.sort(a) - np.sort(b)).mean()),
            ("absolute differences, added", lambda a, b: np.abs(np.sort(a) - np.sort(b)).sum()),
            ("divide by the number of pairs", lambda a, b: len(a) * in_plain_python(a, b)),
            ("half the sum", lambda a, b: len(a) * in_plain_python(a, b) / 2),
            ("one half", lambda a, b: in_plain_python(a, b) / 2),
            ("Leave the root out", lambda a, b: in_plain_python(a, b) ** 0.5),
            ("root of the sum", lambda a, b: np.linalg.norm(np.sort(a) - np.sort(b))),
            ("median", lambda a, b: np.median((np.sort(a) - np.sort(b)) ** 2)),
            ("nearest neighbor", lambda a, b: np.mean([np.min((x - b) ** 2) for x in a])),
            ("nearest neighbor", lambda a, b: np.mean([np.min((a - y) ** 2) for y in b])),
            ("over all pairs", lambda a, b: mean_square(a[:, np.newaxis], b)),
            ("difference of the means", lambda a, b: (a.mean() - b.mean()) ** 2),
            ("before the sum", lambda a, b: (sum(a) - sum(b)) ** 2),
            ("squares are missing", lambda a, b: np.mean(np.sort(a) - np.sort(b))),
            ("not the two values", lambda a, b: np.mean(np.sort(a) ** 2 - np.sort(b) ** 2)),
            ("gives places", lambda a, b: mean_square(np.argsort(a), np.argsort(b))),
            ("gives places", lambda a, b: mean_square(a.argsort().argsort(), b.argsort().argsort())),
            ("Right up to the mean", lambda a, b: (np.sort(a) - np.sort(b)) ** 2),
            ("Take the mean over the pairs", lambda a, b: np.sort(a) - np.sort(b)),
            ("values of your own", lambda a: a),
            ("which knows no minus", lambda a, b: np.mean((sorted(a) - sorted(b)) ** 2)),
            ("returns nothing", lambda a, b: np.mean((a.sort() - b.sort()) ** 2)),
        ],
    ),
    checks.check_sliced: (
        [
            sliced,
            lambda f, t, d: sliced(f, t, -d),
            lambda f, t, d: sliced(f, t, d, descending),
            lambda f, t, d: mean_square(np.sort(d.T @ f.T), np.sort(d.T @ t.T)),
            lambda f, t, d: sliced(f, t, d / np.linalg.norm(d, axis=0)),
            direction_by_direction,
            sliced_in_tensorflow,
        ],
        [
            ("axis=0", lambda f, t, d: mean_square(np.sort(f @ d), np.sort(t @ d))),
            ("in one row", lambda f, t, d: sliced(f, t, d, axis=None)),
            ("in one row", lambda f, t, d: mean_square(np.sort((f @ d).ravel()), np.sort((t @ d).ravel()))),
            ("not sorted", lambda f, t, d: mean_square(f @ d, t @ d)),
            ("Only the features", lambda f, t, d: sliced(f, t, d, np.sort, leave)),
            ("Only the target", lambda f, t, d: sliced(f, t, d, leave, np.sort)),
            ("the other descends", lambda f, t, d: sliced(f, t, d, np.sort, descending)),
            ("gives places", lambda f, t, d: sliced(f, t, d, np.argsort)),
            ("before the projection", lambda f, t, d: sliced(np.sort(f, 0), np.sort(t, 0), d, leave)),
            ("before the projection", lambda f, t, d: sliced(np.sort(f, 0), np.sort(t, 0), d)),
            ("sorted channels", lambda f, t, d: mean_square(np.sort(f, 0), np.sort(t, 0))),
            ("Project on the directions, then", lambda f, t, d: mean_square(f, t)),
            ("over the directions: take", lambda f, t, d: sliced(f, t, d) * d.shape[1]),
            ("over the positions: take", lambda f, t, d: sliced(f, t, d) * len(f)),
            ("take the mean over both", lambda f, t, d: np.sum(differences(f, t, d) ** 2)),
            ("summed up already", lambda f, t, d: np.sum(differences(f, t, d) ** 2) / f.size),
            ("largest distance", lambda f, t, d: np.mean(differences(f, t, d) ** 2, axis=0).max()),
            ("one direction alone", lambda f, t, d: in_plain_python(f @ d[:, 0], t @ d[:, 0])),
            ("one direction alone", lambda f, t, d: in_plain_python(f @ d[:, -1], t @ d[:, -1])),
            ("absolute differences: square", lambda f, t, d: np.abs(differences(f, t, d)).mean()),
            ("absolute differences, added", lambda f, t, d: np.abs(differences(f, t, d)).sum()),
            ("Leave the root out", lambda f, t, d: np.sqrt(sliced(f, t, d))),
            ("Leave the root out", lambda f, t, d: np.mean(np.mean(differences(f, t, d) ** 2, 0) ** 0.5)),
            ("root of the sum", lambda f, t, d: np.linalg.norm(differences(f, t, d))),
            ("one half", lambda f, t, d: sliced(f, t, d) / 2),
            ("squares are missing", lambda f, t, d: differences(f, t, d).mean()),
            ("differences of the means", lambda f, t, d: mean_square((f @ d).mean(0), (t @ d).mean(0))),
            ("length 1 already", lambda f, t, d: sliced(f, t, unit(d))),
            ("length 1 already", lambda f, t, d: sliced(f, t, d / np.linalg.norm(d))),
            ("reshape scrambles", lambda f, t, d: sliced(f, t, d.reshape(4, 3).T)),
            ("Right up to the mean over positions", lambda f, t, d: differences(f, t, d) ** 2),
            ("mean over the directions", lambda f, t, d: np.mean(differences(f, t, d) ** 2, axis=0)),
            ("mean over positions and", lambda f, t, d: np.mean(differences(f, t, d) ** 2, axis=1)),
            ("transpose neither", lambda f, t, d: sliced(f, t, d.T)),
            ("transpose neither", lambda f, t, d: sliced(f.T, t.T, d)),
        ],
    ),
    checks.check_nearest: (
        [
            lambda f, t: own(f, t).mean(),
            lambda f, t: 1 - similarities(f, t).max(axis=1).mean(),
            lambda f, t: np.mean(distances(unit(f), unit(t)).min(axis=1) ** 2) / 2,
            lambda f, t: np.mean((1 - similarities(t, f)).min(axis=0)),
            pair_by_pair,
            nearest_in_tensorflow,
        ],
        [
            ("here each target vector searches", lambda f, t: own(t, f).mean()),
            ("here each target vector searches", lambda f, t: own(t, f).sum()),
            ("least similar vector", lambda f, t: np.mean(1 - similarities(f, t).min(axis=1))),
            ("least similar vector", lambda f, t: np.mean((1 - similarities(f, t)).max(axis=1))),
            ("least similar feature", lambda f, t: np.mean(1 - similarities(f, t).min(axis=0))),
            ("is 1 − similarity", lambda f, t: similarities(f, t).max(axis=1).mean()),
            ("minus the similarity", lambda f, t: -similarities(f, t).max(axis=1).mean()),
            ("each target vector searches", lambda f, t: similarities(f, t).max(axis=0).mean()),
            ("not the plain product", lambda f, t: np.mean(1 - (f @ t.T).max(axis=1))),
            ("not the plain product", lambda f, t: np.mean((f @ t.T).max(axis=1))),
            ("Only the features are", lambda f, t: np.mean(1 - (unit(f) @ t.T).max(axis=1))),
            ("Only the target is", lambda f, t: np.mean(1 - (f @ unit(t).T).max(axis=1))),
            ("not by squares", lambda f, t: 1 - np.mean(np.max(
                f @ t.T / (f**2).sum(1)[:, np.newaxis] / (t**2).sum(1), axis=1))),
            ("over the channels", lambda f, t: np.mean(1 - (unit(f, 0) @ unit(t, 0).T).max(axis=1))),
            ("over the channels", lambda f, t: np.mean(1 - (unit(f, None) @ unit(t, None).T).max(axis=1))),
            ("over all pairs", lambda f, t: np.mean(1 - similarities(f, t))),
            ("mean similarity of all pairs", lambda f, t: np.mean(similarities(f, t))),
            ("best pair of all", lambda f, t: np.min(1 - similarities(f, t))),
            ("are Euclidean", lambda f, t: distances(f, t).min(axis=1).mean()),
            ("squared Euclidean", lambda f, t: np.mean(distances(f, t).min(axis=1) ** 2)),
            ("squared Euclidean", lambda f, t: np.sum(distances(f, t).min(axis=1) ** 2)),
            ("least Euclidean", lambda f, t: chosen_by(lambda f, t: distances(f, t).argmin(1), f, t)),
            ("largest product", lambda f, t: chosen_by(lambda f, t: (f @ t.T).argmax(1), f, t)),
            ("Twice too much", lambda f, t: np.mean(distances(unit(f), unit(t)).min(axis=1) ** 2)),
            ("distances of unit vectors", lambda f, t: np.mean(distances(unit(f), unit(t)).min(axis=1))),
            ("This is the sum", lambda f, t: own(f, t).sum()),
            ("not of target vectors", lambda f, t: own(f, t).sum() / len(t)),
            ("Leave the squares out", lambda f, t: np.mean(own(f, t) ** 2)),
            ("the worst feature vector", lambda f, t: own(f, t).max()),
            ("from both sides", lambda f, t: (own(f, t).mean() + own(t, f).mean()) / 2),
            ("from both sides", lambda f, t: own(f, t).mean() + own(t, f).mean()),
            ("from both sides", lambda f, t: np.mean([*own(f, t), *own(t, f)])),
            ("Right up to the mean", own),
            ("of each row, then the mean", lambda f, t: 1 - similarities(f, t)),
            ("then 1 minus it", similarities),
            ("then the mean", lambda f, t: similarities(f, t).max(axis=1)),
            ("compares all with all", lambda f, t: f.T @ t),
            ("need keepdims=True", lambda f, t: f / np.linalg.norm(f, axis=1)),
        ],
    ),
}  # fmt: skip
