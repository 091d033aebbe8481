"""Answers to the exercises of notebook 05."""

import cv2
import numpy as np

from nst_utils import checks
from nst_utils.base.tensorflow import tf


def resized(picture, interpolation=cv2.INTER_AREA):
    return cv2.resize(picture, (256, 256), interpolation=interpolation)


def middle(picture):
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


def style_input(picture):
    return resized(middle(picture))[np.newaxis]


def mean(x, axes=(1, 2)):
    return x.mean(axes, keepdims=True)


def spread(x, axes=(1, 2)):
    return np.sqrt(x.var(axes, keepdims=True) + 1e-5)


def normalized(x, axes=(1, 2)):
    return (x - mean(x, axes)) / spread(x, axes)


def adain(content, style, axes=(1, 2)):
    return spread(style, axes) * normalized(content, axes) + mean(style, axes)


def adain_in_place(content, style):
    content -= mean(content)
    content *= spread(style) / spread(content)
    return content + mean(style)


def adain_in_tensorflow(content, style):
    own_mean, own_variance = tf.nn.moments(content, (1, 2), keepdims=True)
    mean, variance = tf.nn.moments(style, (1, 2), keepdims=True)
    return tf.nn.batch_normalization(content, own_mean, own_variance, mean, tf.sqrt(variance), 1e-5)


ANSWERS = {
    checks.check_style_input: (
        [
            style_input,
            lambda p: resized(middle(p), cv2.INTER_LINEAR)[np.newaxis],
            lambda p: tf.image.resize(middle(p)[np.newaxis], (256, 256), antialias=True),
        ],
        [
            ("batch axis is missing", lambda p: resized(middle(p))),
            ("Cut, resize", lambda p: middle(p)[np.newaxis]),
            ("squeezed", lambda p: resized(p)[np.newaxis]),
            ("one end", lambda p: resized(p[: min(p.shape[:2]), : min(p.shape[:2])])[np.newaxis]),
            ("one end", lambda p: resized(p[-min(p.shape[:2]) :, -min(p.shape[:2]) :])[np.newaxis]),
            ("(500, 320, 3)", lambda p: resized(p[:, 170:470])[np.newaxis]),  # right for the landscape alone
            ("as large as it can be", lambda p: p[np.newaxis, 22:278, 192:448]),
            ("swapped", lambda p: style_input(p)[..., ::-1]),
            ("0 to 255", lambda p: style_input(p) * 255),
            ("expected the channels [", lambda p: style_input(p) / 2),
            ("] in row ", lambda p: np.zeros((1, 256, 256, 3))),
            ("No usual mistake", lambda p: np.zeros((1, 256, 256, 3))),
        ],
    ),
    checks.check_adain: (
        [adain, adain_in_place, adain_in_tensorflow],
        [
            ("Nothing has changed", lambda c, s: c),
            ("mean and spread are missing", lambda c, s: normalized(c)),
            ("mean is missing", lambda c, s: spread(s) * normalized(c)),
            ("spread is missing", lambda c, s: normalized(c) + mean(s)),
            ("after scaling", lambda c, s: spread(s) * (normalized(c) + mean(s))),
            ("swapped", lambda c, s: mean(s) * normalized(c) + spread(s)),
            ("Divide by the content", lambda c, s: spread(s) * (c - mean(c)) + mean(s)),
            ("Subtract the content", lambda c, s: spread(s) * c / spread(c) + mean(s)),
            ("batch normalization", lambda c, s: adain(c, s, (0, 1, 2))),
            ("own mean", lambda c, s: adain(c, s, (1, 2, 3))),
            ("One mean", lambda c, s: adain(c, s, (0, 1, 2, 3))),
            ("ε is missing", lambda c, s: spread(s) * (c - mean(c)) / c.std((1, 2), keepdims=True) + mean(s)),
            ("not the style", lambda c, s: adain(s, c)),
            ("square root", lambda c, s: spread(s) ** 2 * normalized(c) / spread(c) + mean(s)),
            ("square root", lambda c, s: spread(s) * normalized(c) / spread(c) + mean(s)),
            ("square root", lambda c, s: spread(s) ** 2 * normalized(c) + mean(s)),
            ("keepdims", lambda c, s: c - c.mean(axis=(1, 2))),
            ("No usual mistake", lambda c, s: c * 0),
        ],
    ),
    checks.check_mix_styles: (
        [
            lambda vectors, amounts: amounts @ vectors / amounts.sum(),
            lambda vectors, amounts: np.average(vectors, axis=0, weights=amounts),
            lambda vectors, amounts: tf.tensordot(amounts / sum(amounts), vectors, 1),
        ],
        [
            ("divide them by their sum", lambda v, a: a @ v),
            ("not used", lambda v, a: v.mean(0)),
            ("not used", lambda v, a: v.sum(0)),
            ("not by how many", lambda v, a: a @ v / len(a)),
            ("newaxis", lambda v, a: a * v),
            ("first style", lambda v, a: v[0]),
            ("softmax", lambda v, a: tf.linalg.matvec(v, tf.nn.softmax(a), transpose_a=True)),
            ("one vector remains", lambda v, a: a[:, np.newaxis] * v),
            ("(array (3, 100), [2 1 1])[", lambda v, a: v[0] * 0),
        ],
    ),
}
