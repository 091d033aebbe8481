"""Answers to the exercises of notebook 03."""

import numpy as np

from nst_utils import checks, losses
from nst_utils.base.tensorflow import tf


def energy(array):
    return np.sum(np.square(array))


def pairs(picture, axes=(0, 1)):
    """Absolute differences of neighbors along these axes."""
    return np.abs(np.concatenate([np.diff(picture, axis=axis).ravel() for axis in axes]))


def relative(gram, target):
    return energy(gram - target) / energy(target)


def mean_over_layers(distance):
    return lambda g, a: np.mean([distance(g[name], a[name]) for name in a])


def weighted_mean(weight):
    return lambda g, a: np.average([relative(g[n], a[n]) for n in a], weights=[weight(a[n]) for n in a])


def in_place(features, target):
    features -= target
    return energy(features) / energy(target)


ANSWERS = {
    checks.check_relative_content_loss: (
        [
            relative,
            lambda f, p: np.linalg.norm(f - p) ** 2 / np.linalg.norm(p) ** 2,
            losses.content_loss,
            in_place,
            lambda f, p: np.mean((f - p) ** 2) / np.mean(p**2),
        ],
        [
            ("Square the entries", lambda f, p: np.abs(f - p).sum() / np.abs(p).sum()),
            ("cancel", lambda f, p: (f - p).sum() / p.sum()),
            ("square root out", lambda f, p: np.linalg.norm(f - p) / np.linalg.norm(p)),
            ("mean of squares", lambda f, p: np.mean((f - p) ** 2)),
            ("sum of its squares", lambda f, p: energy(f - p)),
            ("paper's form", lambda f, p: energy(f - p) / 2),
            ("that of the target, P", lambda f, p: energy(f - p) / energy(f)),
            ("square of the target's norm", lambda f, p: energy(f - p) / np.linalg.norm(p)),
            ("entry by entry", lambda f, p: np.mean(((f - p) / p) ** 2)),
            ("take sums", lambda f, p: np.mean((f - p) ** 2) / energy(p)),
            ("take sums", lambda f, p: energy(f - p) / np.mean(p**2)),
            ("scalar", lambda f, p: (f - p) ** 2 / p**2),
            ("No usual mistake", lambda f, p: 123.0),
        ],
    ),
    checks.check_total_variation: (
        [
            lambda x: pairs(x).mean(),
            losses.total_variation_loss,
            lambda x: tf.image.total_variation(tf.constant(x)) / pairs(x).size,
        ],
        [
            ("This is the sum", lambda x: pairs(x).sum()),
            ("squares", lambda x: np.mean(pairs(x) ** 2)),
            ("cancel", lambda x: np.mean([*np.diff(x, axis=0).ravel(), *np.diff(x, axis=1).ravel()])),
            ("not of pixels", lambda x: pairs(x).sum() / x.size),
            ("count the pairs", lambda x: pairs(x).sum() / (2 * x.size)),
            ("sum each of them", lambda x: np.mean(np.abs(np.diff(x, axis=0)) + np.abs(np.diff(x, axis=1)))),
            ("wraps around", lambda x: np.mean([np.abs(x - np.roll(x, 1, axis)) for axis in (0, 1)])),
            ("Diagonal", lambda x: np.abs(x[1:, 1:] - x[:-1, :-1]).mean()),
            ("vertical pairs alone", lambda x: pairs(x, [0]).mean()),
            ("horizontal pairs alone", lambda x: pairs(x, [1]).mean()),
            ("mean of two means", lambda x: (pairs(x, [0]).mean() + pairs(x, [1]).mean()) / 2),
            ("then divide by how many", lambda x: pairs(x, [0]).mean() + pairs(x, [1]).mean()),
            ("give np.diff axis=0", lambda x: pairs(x, [-1]).mean()),
            ("give np.diff axis=0", lambda x: pairs(x, (0, -1)).mean()),
            ("give np.diff axis=0", lambda x: pairs(x, (1, -1)).mean()),
            ("leave axis 2 out", lambda x: pairs(x, (0, 1, 2)).mean()),
        ],
    ),
    checks.check_style_of_layers: (
        [
            mean_over_layers(relative),
            lambda g, a: sum(relative(g[name], a[name]) for name in a) / len(a),
            lambda g, a: tf.reduce_mean([losses.style_loss(g[name], a[name]) for name in a]),
        ],
        [
            ("sum over layers", lambda g, a: sum(relative(g[name], a[name]) for name in a)),
            ("largest", lambda g, a: sum(energy(g[n] - a[n]) for n in a) / sum(map(energy, a.values()))),
            ("target's energy", mean_over_layers(lambda g, a: energy(g - a))),
            ("mean of squares", mean_over_layers(lambda g, a: np.mean((g - a) ** 2))),
            ("square root out", mean_over_layers(lambda g, a: relative(g, a) ** 0.5)),
            ("that of the target, A", mean_over_layers(lambda g, a: relative(a, g))),
            ("by name", lambda g, a: np.mean([*map(relative, g.values(), a.values())])),
            ("no more than a small", weighted_mean(lambda a: a.size)),
            ("however wide", weighted_mean(len)),
            *(("one layer", lambda g, a, n=n: relative(g[n], a[n])) for n in ("first", "second", "third")),
        ],
    ),
    checks.check_weighted_total: (
        [
            lambda terms, weights: sum(weights[name] * terms[name] for name in terms),
            lambda terms, weights: np.dot([terms[n] for n in weights], list(weights.values())),
        ],
        [
            ("by name", lambda t, w: np.dot(list(t.values()), list(w.values()))),
            ("Add its values", lambda t, w: {name: w[name] * t[name] for name in t}),
            ("weights are missing", lambda t, w: sum(t.values())),
            ("add up to 1", lambda t, w: sum(w[name] * t[name] for name in t) / sum(w.values())),
            ("mean would make", lambda t, w: sum(w[name] * t[name] for name in t) / len(t)),
            ("weight of its own", lambda t, w: sum(t.values()) * sum(w.values())),
            ("total_variation is missing", lambda t, w: sum(w[n] * t[n] for n in ("content", "style"))),
            ("content is missing", lambda t, w: sum(w[n] * t[n] for n in ("style", "total_variation"))),
        ],
    ),
}
