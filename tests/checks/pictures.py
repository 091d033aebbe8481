"""Answers to the exercises of notebook 00: right ones, and the usual mistakes with what names them."""

import numpy as np

from nst_utils import checks
from nst_utils.base.tensorflow import tf


def in_place(array):
    array[:] = array[..., ::-1].copy()
    return array.astype(np.float32) / 255


ANSWERS = {
    checks.check_from_opencv: (
        [
            lambda a: a[..., ::-1].astype(np.float32) / 255,
            lambda a: np.flip(a, axis=2).astype("float32") / np.float32(255),
            lambda a: np.float32(a[:, :, [2, 1, 0]] / 255),
            in_place,
            lambda a: tf.cast(tf.reverse(a, [-1]), tf.float32) / 255,
        ],
        [
            ("still BGR", lambda a: a.astype(np.float32) / 255),
            ("must become 1.0", lambda a: a[..., ::-1].astype(np.float32) / 256),
            ("rows are reversed", lambda a: a[::-1].astype(np.float32) / 255),
            ("mirrored", lambda a: a[:, ::-1].astype(np.float32) / 255),
            ("only the last one", lambda a: a[::-1, ::-1, ::-1].astype(np.float32) / 255),
            ("Divide by 255", lambda a: a[..., ::-1].astype(np.float32)),
            ("divide after that", lambda a: a[..., ::-1] // 255),
            ("float32", lambda a: a[..., ::-1] / 255),
            ("stays where it is", lambda a: a.transpose(2, 0, 1).astype(np.float32) / 255),
            ("No usual mistake", lambda a: a[..., [1, 2, 0]].astype(np.float32) / 255),
        ],
    ),
    checks.check_brighten: (
        [
            lambda a, n: np.clip(a.astype(int) + n, 0, 255).astype(np.uint8),
            lambda a, n: np.uint8(np.clip(a * 1.0 + n, 0, 255)),
            lambda a, n: np.rint(255 * np.clip(a / 255 + n / 255, 0, 1)).astype("uint8"),
            lambda a, n: tf.saturate_cast(tf.cast(a, tf.int32) + n, tf.uint8),
        ],
        [
            ("wrapped around", lambda a, n: a + np.uint8(n)),
            ("wrapped around", lambda a, n: np.clip(a + np.uint8(n), 0, 255)),
            ("wrapped around", lambda a, n: np.minimum(a.astype(int) + n, 255).astype(np.uint8)),
            ("np.rint", lambda a, n: (255 * np.clip(a / 255 + n / 255, 0, 1)).astype(np.uint8)),
            ("np.rint", lambda a, n: np.uint8(255 * np.clip(np.float32(a) / 255 + n / 255, 0, 1))),
            ("Finish with .astype", lambda a, n: np.clip(a.astype(int) + n, 0, 255)),
            ("not 0 to 1", lambda a, n: np.clip(a / 255 + n / 255, 0, 1).astype(np.uint8)),
            ("Add first", lambda a, n: np.clip(a.astype(int), 0, 255 - n).astype(np.uint8)),
            ("makes it darker", lambda a, n: np.clip(a.astype(int) + abs(n), 0, 255).astype(np.uint8)),
        ],
    ),
}
