"""Checks of notebook 02: Gram matrices."""

import numpy as np

from .verdict import call, check, compare, right, wrong


@check
def check_gram_channels_first(function):
    """Notebook 02: a function from features ``(c, h, w)`` to their Gram matrix ``(c, c)``."""
    features = np.array([[[1, 0, 2, 5], [0, 3, 1, 1]], [[0, 2, 0, 1], [4, 0, 1, 0]],
                         [[3, 1, 0, 0], [0, 0, 6, 2]]], np.float64)  # fmt: skip
    channels, height, width = features.shape
    vectors = features.reshape(channels, -1).T  # (positions, channels)
    positions = len(vectors)
    expected = vectors.T @ vectors / positions
    mean, scrambled = vectors.mean(axis=0), features.reshape(-1, channels)
    mistakes = (
        (expected * positions, "Right but for the division by the number of positions, h·w."),
        (expected / channels, "Divide by h·w, not by c·h·w: it is a mean over positions."),
        (expected * positions / channels, "Divide by the number of positions, not of channels."),
        (expected * positions / height, "Divide by h·w; this is divided by the height alone."),
        (expected * positions / width, "Divide by h·w; this is divided by the width alone."),
        (expected * positions / (channels * height), "The axes are (c, h, w): h·w is shape[1] · shape[2]."),
        (vectors @ vectors.T / positions, "You compared positions with positions: transpose the other one."),
        (np.cov(vectors.T), "This is the covariance: do not subtract the mean."),
        (np.cov(vectors.T, bias=True), "This is the covariance: do not subtract the mean."),
        (np.outer(mean, mean), "This is the outer product of the mean; take the mean last."),
        (scrambled.T @ scrambled / positions, "reshape(-1, c) scrambles channels: use reshape(c, -1)."),
    )
    praise = "(c, h·w) times its transpose, divided by h·w"
    shape_hint = "One row and one column per channel: make the features (channels, positions) first."
    return compare(function, (features,), expected, mistakes, praise, shape_hint=shape_hint)


@check
def check_break_pairs(function):
    """Notebook 02: a function of ``(h, w, c)`` and rng that shuffles each channel on its own."""
    features = np.arange(1.0, 61).reshape(4, 5, 3)
    none = "Is a `return` missing? Or is it rng.shuffle's: that works in place, and itself gives None."
    answer = call(function, features, np.random.default_rng(0), none=none)
    if answer.shape != features.shape:
        return wrong(f"the shape {features.shape}", answer.shape, "Reshape back at the end.")
    before, after = features.reshape(-1, 3), answer.reshape(-1, 3)
    if np.array_equal(before, after):
        hint = "Nothing moved. rng.shuffle works in place; rng.permuted returns the result."
        return wrong("channels in a new order of positions", "the features as they were", hint)
    if not np.array_equal(np.sort(after, axis=0), np.sort(before, axis=0)):
        hint = "Values crossed from one channel to another: shuffle along the positions, axis 0."
        return wrong("the same values in every channel", "other values", hint)
    for pair in ([0, 1], [0, 2], [1, 2]):
        old_pairs = {tuple(values) for values in before[:, pair]}
        if all(tuple(values) in old_pairs for values in after[:, pair]):
            hint = "Each channel needs an order of its own; with a common one the pairs survive."
            return wrong("new pairs", f"channels {pair[0]} and {pair[1]} still together", hint)
    if np.array_equal(answer, call(function, features, np.random.default_rng(1))):
        hint = "Draw the order from rng: after a fixed shift, neighbors are still neighbors."
        return wrong("another order with another rng", "the same", hint)
    if np.array_equal(*(np.unique(values[..., 0], axis=0) for values in (features, answer))):
        hint = "Whole rows moved: rng.permutation and rng.shuffle keep them. Use positions, (h·w, channels)."
        return wrong("every position moved by itself", "the same rows in another order", hint)
    return right("every channel keeps its values, the pairs are gone")


@check
def check_relative_distance(function):
    """Notebook 02: a function from features ``(h, w, c)`` and target features to ``‖G − A‖² / ‖A‖²``."""
    features = np.array([[[1.0, 0], [2, 1]], [[3, 1], [0, 2]], [[1, 1], [2, 0]]])  # 3 × 2 positions
    target_features = np.array([[[1.0, 2], [0, 3], [2, 1], [1, 1]]])  # 1 × 4
    gram, target = (
        np.einsum("hwc,hwd->cd", f, f) / (f.shape[0] * f.shape[1]) for f in (features, target_features)
    )
    sums = 6 * gram, 4 * target
    difference, energy = np.sum((gram - target) ** 2), np.sum(target**2)
    expected = difference / energy
    of_sums = np.sum((sums[0] - sums[1]) ** 2) / np.sum(sums[1] ** 2)
    mistakes = (
        (of_sums, "The Gram matrices are not divided by their numbers of positions, 6 and 4."),
        (2 * difference / (energy + np.sum(gram**2)), "That is d; here the target's energy alone counts."),
        (difference, "This is ‖G − A‖²; divide by ‖A‖²."),
        (difference / target.size, "This is a mean; divide the sum by ‖A‖² instead."),
        (difference / np.sum(gram**2), "The wrong energy: the target's counts, not that of G."),
        (np.sqrt(expected), "Leave the square root out: the norms are squared."),
        (difference / np.sqrt(energy), "The norm of A below the line is squared, too."),
        (np.abs(gram - target).sum() / np.abs(target).sum(), "These are absolute values; square."),
        (((gram - target) ** 2 / target**2).sum(), "Sum first, then divide: once, not per entry."),
        (((gram - target) ** 2 / target**2).mean(), "Sum first, then divide: once, not per entry."),
        ((gram - target).sum() ** 2 / target.sum() ** 2, "Square each entry before the sum."),
    )
    given, praise = (features, target_features), "1 would mean as much error as the target has energy"
    return compare(function, given, expected, mistakes, praise, shape_hint="Sum over all entries.")


@check
def check_mmd_with_means(function):
    """Notebook 02: squared MMD of ``(n, c)`` and ``(m, c)`` with the similarity function ``(x·y + 1)²``."""
    x = np.array([[2.0, 0], [0, 1], [0, 0]])
    y = np.array([[1.0, 1], [1, 0]])
    xx, xy, yy = x @ x.T, x @ y.T, y @ y.T

    def mmd(similarity, mean=np.mean):
        return mean(similarity(xx)) - 2 * mean(similarity(xy)) + mean(similarity(yy))

    def similarity(product):
        return (product + 1) ** 2

    def mean_off_diagonal(values):
        off = ~np.eye(*values.shape, dtype=bool) if values.shape[0] == values.shape[1] else ...
        return values[off].mean()

    expected = mmd(similarity)
    means = similarity(xx).mean(), similarity(xy).mean(), similarity(yy).mean()
    mistakes = (
        (mmd(np.square), "This is what (x·y)² gives: add 1 inside the square. Outside, it cancels."),
        (mmd(lambda p: p + 1), "The similarity is squared: (x·y + 1)²."),
        (mmd(lambda p: p**2 + p), "(x·y + 1)² has 2 x·y in it, not x·y."),
        (means[0] - means[1] + means[2], "The mixed term counts twice."),
        (means[0] + 2 * means[1] + means[2], "The mixed term has a minus sign."),
        (mmd(similarity, np.sum), "These are sums: with 3 and 2 vectors, take means."),
        (mmd(similarity, mean_off_diagonal), "Keep the diagonal: Gram matching is the biased form."),
        (np.sqrt(expected), "This is the root; the squared MMD is asked for."),
    )
    hint, praise = "Take the mean of each table of products.", "with the 1 inside, the means count as well"
    return compare(function, (x, y), expected, mistakes, praise, shape_hint=hint)
