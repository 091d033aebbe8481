"""Answers to the exercises of notebook 06."""

import numpy as np

from nst_utils import checks
from nst_utils.base.tensorflow import tf

MARGINS = ((0, 0), (2, 2), (2, 2), (0, 0))


def instance_norm(x, scale, shift, axes=(1, 2)):
    mean = np.mean(x, axis=axes, keepdims=True)
    return scale * (x - mean) / np.sqrt(np.var(x, axis=axes, keepdims=True) + 1e-5) + shift


def instance_norm_in_keras(x, scale, shift):
    layer = tf.keras.layers.GroupNormalization(-1, epsilon=1e-5)
    layer.build(x.shape)
    layer.set_weights([scale, shift])
    return layer(x)


def reflect_by_slices(x, margin):
    x = np.concatenate([x[:, margin:0:-1], x, x[:, -2 : -margin - 2 : -1]], axis=1)
    return np.concatenate([x[:, :, margin:0:-1], x, x[:, :, -2 : -margin - 2 : -1]], axis=2)


def not_mirrored(x, margin):
    x = np.concatenate([x[:, 1 : margin + 1], x, x[:, -margin - 1 : -1]], axis=1)
    return np.concatenate([x[:, :, 1 : margin + 1], x, x[:, :, -margin - 1 : -1]], axis=2)


def style_of_batch(grams, target):
    return np.mean([np.sum((gram - target) ** 2) for gram in grams]) / np.sum(target**2)


def relative(gram, target):
    return ((gram - target) ** 2).sum() / (target**2).sum()


def painter_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        if stride < 1:
            jump *= stride
        field += (kernel - 1) * jump
        if stride > 1:
            jump *= stride
    return field


def painter_field_late(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


ANSWERS = {
    checks.check_instance_norm: (
        [instance_norm, instance_norm_in_keras],
        [
            ("batch normalization", lambda x, a, b: instance_norm(x, a, b, (0, 1, 2))),
            ("over the channels, too", lambda x, a, b: instance_norm(x, a, b, (1, 2, 3))),
            ("One mean for everything", lambda x, a, b: instance_norm(x, a, b, (0, 1, 2, 3))),
            ("over height and width", lambda x, a, b: instance_norm(x, a, b, 3)),
            ("Scale and shift are missing", lambda x, a, b: instance_norm(x, 1, 0)),
            ("The shift is missing", lambda x, a, b: instance_norm(x, a, 0)),
            ("The scale is missing", lambda x, a, b: instance_norm(x, 1, b)),
            ("are swapped", lambda x, a, b: instance_norm(x, b, a)),
            ("root of the variance", lambda x, a, b: a * (x - mean(x)) / (variance(x) + 1e-5) + b),
            ("before the root", lambda x, a, b: a * (x - mean(x)) / (np.sqrt(variance(x)) + 1e-5) + b),
            ("not 0.001", lambda x, a, b: a * (x - mean(x)) / np.sqrt(variance(x) + 1e-3) + b),
            ("Subtract the mean", lambda x, a, b: a * x / np.sqrt(variance(x) + 1e-5) + b),
            ("keepdims", lambda x, a, b: x - x.mean((1, 2))),
        ],
    ),
    checks.check_reflect_pad: (
        [
            lambda x, margin: np.pad(x, ((0, 0), (margin, margin), (margin, margin), (0, 0)), "reflect"),
            reflect_by_slices,
            lambda x, margin: tf.pad(x, MARGINS, "REFLECT"),
        ],
        [
            ("is black", lambda x, margin: np.pad(x, MARGINS)),
            ("is repeated", lambda x, margin: np.pad(x, MARGINS, "edge")),
            ("there twice", lambda x, margin: np.pad(x, MARGINS, "symmetric")),
            ("opposite side", lambda x, margin: np.pad(x, MARGINS, "wrap")),
            ("their margin is 0", lambda x, margin: np.pad(x, margin, "reflect")),
            ("The width has no margin", lambda x, m: np.pad(x, ((0, 0), (m, m), (0, 0), (0, 0)), "reflect")),
            ("Axis 0 is the batch", lambda x, m: np.pad(x, ((m, m), (m, m), (0, 0), (0, 0)), "reflect")),
            ("reverse the slices", not_mirrored),
            ("a pair of numbers for each", lambda x, m: np.pad(x, ((m, m), (m, m)), "reflect")),
            ("Nothing was added", lambda x, margin: x),
        ],
    ),
    checks.check_style_of_batch: (
        [
            style_of_batch,
            lambda grams, target: np.mean([relative(gram, target) for gram in grams]),
            lambda grams, target: ((grams - target) ** 2).sum() / (target**2).sum() / len(grams),
        ],
        [
            ("take their mean", lambda grams, target: [relative(gram, target) for gram in grams]),
            ("not the sum", lambda grams, target: sum(relative(gram, target) for gram in grams)),
            ("averaged first", lambda grams, target: relative(grams.mean(0), target)),
            ("not of the painted", lambda grams, target: np.mean([relative(target, g) for g in grams])),
            ("energy of the target", lambda grams, target: np.mean((grams - target) ** 2)),
            ("of the first picture", lambda grams, target: relative(grams[0], target)),
            ("without a root", lambda grams, target: np.mean([relative(g, target) ** 0.5 for g in grams])),
        ],
    ),
    checks.check_painter_field: (
        [painter_field],
        [
            ("halve the jump first", painter_field_late),
            ("start with a field of 1", lambda layers: painter_field(layers) - 1),
            ("farther apart", lambda layers: 1 + sum(kernel - 1 for kernel, _ in layers)),
            ("it does not double", lambda layers: painter_field([(k, 2 if s < 1 else s) for k, s in layers])),
            ("from the stack", lambda layers: 77),
            ("Enlarging halves", lambda layers: painter_field([(k, max(s, 1)) for k, s in layers])),
        ],
    ),
}


def mean(x):
    return x.mean((1, 2), keepdims=True)


def variance(x):
    return x.var((1, 2), keepdims=True)
