"""Answers to the exercises of notebook 02."""

import numpy as np

from nst_utils import checks, gram_matrix, losses
from nst_utils.base.tensorflow import tf


def table(features):
    """Features ``(c, h, w)`` as ``(positions, c)``."""
    return features.reshape(len(features), -1).T


def sums(vectors):
    return vectors.T @ vectors


def by_hand_channel_by_channel(features, rng):
    result = np.empty_like(features)
    for channel in range(features.shape[-1]):
        values = features[..., channel].ravel()
        result[..., channel] = rng.permutation(values).reshape(features.shape[:2])
    return result


def on_vectors(change):
    """An answer that changes the features as ``(positions, channels)``."""
    return lambda f, rng: change(f.reshape(-1, f.shape[-1]), rng).reshape(f.shape)


def pair_kept(vectors, rng):
    """Channels 0 and 1 share their order."""
    order = rng.permutation(len(vectors))
    return np.column_stack([vectors[order, :2], rng.permutation(vectors[:, 2])])


def squares(values):
    return np.sum(np.square(values))


def from_grams(answer, divide=True):
    """An answer that takes features ``(h, w, c)``, from one that takes their Gram matrices."""

    def gram(features):
        vectors = features.reshape(-1, features.shape[-1])
        return sums(vectors) / (len(vectors) if divide else 1)

    return lambda features, target_features: answer(gram(features), gram(target_features))


def mmd(alike, mean=np.mean, mixed=-2):
    """An answer with a similarity of the matrix of products."""
    return lambda x, y: mean(alike(x @ x.T)) + mixed * mean(alike(x @ y.T)) + mean(alike(y @ y.T))


def one_squared(products):
    return (products + 1) ** 2


def mean_of_different(values):
    """Mean over pairs, without the pairs of a vector with itself in square matrices."""
    if values.shape[0] != values.shape[1]:
        return values.mean()
    return (values.sum() - np.trace(values)) / (values.size - len(values))


def second_and_first_moments(x, y):
    return squares(sums(x) / len(x) - sums(y) / len(y)) + 2 * squares(x.mean(0) - y.mean(0))


ANSWERS = {
    checks.check_gram_channels_first: (
        [
            lambda f: sums(table(f)) / len(table(f)),
            lambda f: np.einsum("ihw,jhw->ij", f, f) / f[0].size,
            lambda f: np.mean([np.outer(v, v) for v in table(f)], axis=0),
            lambda f: tf.einsum("ihw,jhw->ij", f, f) / f[0].size,
            lambda f: gram_matrix(f.transpose(1, 2, 0)[np.newaxis])[0],
        ],
        [
            ("positions with positions", lambda f: table(f) @ table(f).T / f[0].size),
            ("but for the division", lambda f: sums(table(f))),
            ("not by c·h·w", lambda f: sums(table(f)) / f.size),
            ("not of channels", lambda f: sums(table(f)) / len(f)),
            ("by the height alone", lambda f: sums(table(f)) / f.shape[1]),
            ("by the width alone", lambda f: sums(table(f)) / f.shape[2]),
            ("shape[1] · shape[2]", lambda f: sums(table(f)) / (f.shape[0] * f.shape[1])),
            ("take the mean last", lambda f: np.outer(f.mean((1, 2)), f.mean((1, 2)))),
            ("use reshape(c, -1)", lambda f: sums(f.reshape(-1, 3)) / 8),
            ("covariance", lambda f: np.cov(table(f).T)),
            ("covariance", lambda f: sums(table(f) - table(f).mean(0)) / f[0].size),
            ("No usual mistake", lambda f: sums(table(f)) / 7),
            ("One row and one column per channel", lambda f: np.sum(table(f) ** 2, axis=0) / 8),
        ],
    ),
    checks.check_break_pairs: (
        [on_vectors(lambda v, rng: rng.permuted(v, axis=0)), by_hand_channel_by_channel],
        [
            ("an order of its own", on_vectors(lambda v, rng: rng.permutation(v))),
            ("an order of its own", lambda f, rng: rng.permutation(f)),
            ("an order of its own", on_vectors(pair_kept)),
            ("from one channel to another", on_vectors(lambda v, rng: rng.permuted(v, axis=1))),
            ("from one channel to another", lambda f, rng: f[..., [1, 2, 0]]),
            ("Nothing moved", lambda f, rng: f),
            ("rng.shuffle's", lambda f, rng: rng.shuffle(f)),
            ("from rng", lambda f, rng: np.stack([np.roll(f[..., c], c, (0, 1)) for c in range(3)], -1)),
            ("from rng", lambda f, rng: by_hand_channel_by_channel(f, np.random.default_rng(0))),
            ("Whole rows", lambda f, rng: np.stack([rng.permutation(f[..., c]) for c in range(3)], -1)),
            ("Reshape back", lambda f, rng: rng.permuted(f.reshape(-1, 3), axis=0)),
        ],
    ),
    checks.check_relative_distance: (
        [
            from_grams(lambda g, a: (np.linalg.norm(g - a) / np.linalg.norm(a)) ** 2),
            from_grams(lambda g, a: squares(g - a) / squares(a)),
            lambda *both: losses.style_loss(*(gram_matrix(features[np.newaxis]) for features in both)),
        ],
        [
            ("not divided by their", from_grams(lambda g, a: squares(g - a) / squares(a), divide=False)),
            ("That is d", from_grams(lambda g, a: 2 * squares(g - a) / (squares(g) + squares(a)))),
            ("divide by ‖A‖²", from_grams(lambda g, a: squares(g - a))),
            ("This is a mean", from_grams(lambda g, a: np.mean((g - a) ** 2))),
            ("The wrong energy", from_grams(lambda g, a: squares(g - a) / squares(g))),
            ("square root out", from_grams(lambda g, a: np.linalg.norm(g - a) / np.linalg.norm(a))),
            ("squared, too", from_grams(lambda g, a: squares(g - a) / np.linalg.norm(a))),
            ("absolute values", from_grams(lambda g, a: np.abs(g - a).sum() / np.abs(a).sum())),
            ("Sum first", from_grams(lambda g, a: np.sum((g - a) ** 2 / a**2))),
            ("Sum first", from_grams(lambda g, a: np.mean((g - a) ** 2 / a**2))),
            ("before the sum", from_grams(lambda g, a: (np.sum(g - a) / np.sum(a)) ** 2)),
            ("Sum over all entries", from_grams(lambda g, a: (g - a) ** 2)),
            ("(array (3, 2, 2), array (1, 4, 2)): 0.49 expected, 7 found", from_grams(lambda g, a: 7.0)),
        ],
    ),
    checks.check_mmd_with_means: (
        [mmd(one_squared), second_and_first_moments, mmd(one_squared, tf.reduce_mean)],
        [
            ("add 1 inside", mmd(np.square)),
            ("Outside, it cancels", mmd(lambda p: p**2 + 1)),
            ("The similarity is squared", mmd(lambda p: p + 1)),
            ("2 x·y", mmd(lambda p: p**2 + p)),
            ("counts twice", mmd(one_squared, mixed=-1)),
            ("minus sign", mmd(one_squared, mixed=2)),
            ("take means", mmd(one_squared, np.sum)),
            ("Keep the diagonal", mmd(one_squared, mean_of_different)),
            ("This is the root", lambda x, y: np.sqrt(mmd(one_squared)(x, y))),
            ("mean of each table of products", lambda x, y: (x @ y.T + 1) ** 2),
            ("No usual mistake", lambda x, y: 0.123),
        ],
    ),
}
