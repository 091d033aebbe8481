"""Answers to the exercises of notebook 07."""

import cv2
import numpy as np

from nst_utils import checks, warp
from nst_utils.base.tensorflow import tf


def masked_gram(features, mask, power=1, divisor=None):
    """Weight by the mask to a power; the divisor is a function of the mask, by default its sum."""
    weighted = mask[..., np.newaxis] ** power * features
    return np.einsum("hwi,hwj->ij", weighted, features) / (divisor or np.sum)(mask)


def by_square_roots(features, mask):
    vectors = (np.sqrt(mask)[..., np.newaxis] * features).reshape(-1, features.shape[-1])
    return vectors.T @ vectors / mask.sum()


def of_positions(features, mask):
    vectors = features.reshape(-1, features.shape[-1])
    return (mask.reshape(-1, 1) * vectors) @ vectors.T / mask.sum()


def as_rows(features, mask):
    """Mask and features as rows of positions, whose order differs."""
    vectors = features.reshape(-1, features.shape[-1])
    return (mask.T.reshape(-1, 1) * vectors).T @ vectors / mask.sum()


def mix(grams, shares, total=sum):
    return sum(share * gram for share, gram in zip(shares, grams, strict=True)) / total(shares)


def softmax(shares):
    return np.exp(shares) / np.sum(np.exp(shares))


def draw(stroke, place):
    top, bottom, left, right = place
    stroke[top:bottom, left:right] = 1


HELMET, SHUTTLE = (146, 186, 112, 176), (8, 118, 144, 186)


def strokes(photo, inside=HELMET, outside=SHUTTLE):
    both = np.zeros((2, *photo.shape[:2]))
    draw(both[0], inside)
    draw(both[1], outside)
    return both


def fetch(picture, flow, whole=np.rint, limit=np.clip):
    rows, columns = np.indices(picture.shape[:2])
    rows = whole(rows + flow[..., 1]).astype(int)
    columns = whole(columns + flow[..., 0]).astype(int)
    return picture[limit(rows, 0, len(picture) - 1), limit(columns, 0, picture.shape[1] - 1)]


def pixel_by_pixel(picture, flow):
    height, width = picture.shape[:2]
    result = np.empty_like(picture)
    for row in range(height):
        for column in range(width):
            right, down = flow[row, column]
            y, x = round(float(row + down)), round(float(column + right))
            result[row, column] = picture[min(max(y, 0), height - 1), min(max(x, 0), width - 1)]
    return result


def remap(picture, flow):
    rows, columns = np.indices(picture.shape[:2])
    target = np.float32(columns + flow[..., 0]), np.float32(rows + flow[..., 1])
    return cv2.remap(picture, *target, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def push(picture, flow, lost=True, canvas=np.zeros_like):
    height, width = picture.shape[:2]
    result = canvas(picture)
    for row in range(height):
        for column in range(width):
            y, x = round(row + flow[row, column, 1]), round(column + flow[row, column, 0])
            if not lost or (0 <= y < height and 0 <= x < width):
                result[min(max(y, 0), height - 1), min(max(x, 0), width - 1)] = picture[row, column]
    return result


def black_beyond(picture, flow):
    rows, columns = np.indices(picture.shape[:2], np.float32)
    target = columns + np.float32(flow[..., 0]), rows + np.float32(flow[..., 1])
    return cv2.remap(picture, *target, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)


ANSWERS = {
    checks.check_masked_gram: (
        [
            masked_gram,
            by_square_roots,
            lambda f, m: (
                sum(w * np.outer(v, v) for w, v in zip(m.ravel(), f.reshape(-1, 3), strict=True)) / m.sum()
            ),
            lambda f, m: tf.einsum("hw,hwi,hwj->ij", m, f, f) / tf.reduce_sum(m),
        ],
        [
            ("not by the number of positions", lambda f, m: masked_gram(f, m, 1, np.size)),
            ("Right but for the division", lambda f, m: masked_gram(f, m, 1, lambda m: 1)),
            ("has no effect: this is", lambda f, m: masked_gram(f, np.ones_like(m))),
            ("no effect, and nothing", lambda f, m: masked_gram(f, m, 0, lambda m: 1)),
            ("below the line only", lambda f, m: masked_gram(f, m, 0)),
            ("counts twice", lambda f, m: masked_gram(f, m, 2)),
            ("counts twice", lambda f, m: masked_gram(f, m**2)),
            ("counts twice", lambda f, m: masked_gram(f, m, 2, np.size)),
            ("how many places are above 0", lambda f, m: masked_gram(f, m, 1, np.count_nonzero)),
            ("yes or no", lambda f, m: masked_gram(f, m > 0)),
            ("yes or no", lambda f, m: masked_gram(f[m > 0][np.newaxis], np.ones((1, (m > 0).sum())))),
            ("yes or no", lambda f, m: masked_gram(f, m > 0.5)),
            ("do not transpose", as_rows),
            ("use reshape(-1, c)", lambda f, m: masked_gram(f.reshape(3, -1).T.reshape(f.shape), m)),
            ("positions with positions", of_positions),
            ("needs an axis", lambda f, m: f * m),
            ("cannot pick positions", lambda f, m: f[m]),
            ("One row and one column per channel", lambda f, m: masked_gram(f, m)[np.newaxis]),
            ("product of the mean", lambda f, m: np.outer(*[(m[..., None] * f).sum((0, 1)) / m.sum()] * 2)),
        ],
    ),
    checks.check_mixed_target: (
        [
            mix,
            lambda grams, shares: np.average(grams, axis=0, weights=shares),
            lambda grams, shares: (
                tf.tensordot(tf.cast(shares, grams[0].dtype), tf.stack(grams), 1) / sum(shares)
            ),
        ],
        [
            ("Right but for the division", lambda grams, shares: mix(grams, shares, lambda shares: 1)),
            ("plain mean", lambda grams, shares: np.mean(grams, axis=0)),
            ("this is the sum", lambda grams, shares: sum(grams)),
            ("by its share before", lambda grams, shares: sum(grams) / sum(shares)),
            ("one painting alone", lambda grams, shares: grams[0]),
            ("one painting alone", lambda grams, shares: grams[np.argmax(shares)]),
            ("not by the number of paintings", lambda grams, shares: mix(grams, shares, len)),
            ("not by the number of paintings", lambda grams, shares: mix(grams, shares, np.count_nonzero)),
            ("not by the largest", lambda grams, shares: mix(grams, shares, max)),
            ("count twice", lambda grams, shares: mix(grams, np.square(shares))),
            ("count twice", lambda grams, shares: mix(grams, np.square(shares)) * 29.25 / sum(shares)),
            ("softmax", lambda grams, shares: mix(grams, softmax(shares))),
            ("root of the shares", lambda grams, shares: mix(grams, np.sqrt(shares))),
            ("reverse order", lambda grams, shares: mix(grams[::-1], shares)),
            ("without squares.", lambda grams, shares: np.sqrt(mix(np.square(grams), shares))),
            ("squares, and weight them", lambda grams, shares: np.sqrt(np.mean(np.square(grams), axis=0))),
            ("Right up to the sum", lambda grams, shares: np.multiply(grams, np.c_[shares][..., None]) / 7.5),
            ("for share, gram in zip", lambda grams, shares: np.array(grams) * shares),
            ("as large as each", lambda grams, shares: mix(grams, shares)[np.newaxis]),
        ],
    ),
    checks.check_strokes: (
        [
            strokes,
            lambda photo: [stroke > 0 for stroke in strokes(photo)],
            lambda photo: tf.constant(strokes(photo)),
            lambda photo: strokes(photo, (150, 180, 120, 170), (10, 60, 151, 160)),  # thin ones
        ],
        [
            ("the visor of her helmet inside", lambda photo: np.zeros((2, *photo.shape[:2]))),
            ("Return inside first", lambda photo: strokes(photo)[::-1]),
            ("Return inside, outside: two arrays", lambda photo: strokes(photo)[0]),
            ("Return inside, outside: two arrays", lambda photo: (strokes(photo)[0], None)),
            ("Return inside, outside: two arrays", lambda photo: (strokes(photo)[0], np.zeros((9, 300)))),
            ("give it the same proportions", lambda photo: np.ones((2, 9, 300))),
            ("take one channel", lambda photo: np.ones((2, *photo.shape))),
            ("to 1", lambda photo: np.full((2, 192, 192), 255.0)),
            ("brown tank of the shuttle", lambda photo: strokes(photo, outside=(8, 48, 34, 54))),
            ("visor of her helmet", lambda photo: strokes(photo, (38, 60, 76, 94), (8, 48, 34, 54))),
        ],
    ),
    checks.check_warp: (
        [fetch, pixel_by_pixel, remap],
        [
            ("swapped", lambda picture, flow: fetch(picture, flow[..., ::-1])),
            ("sign is reversed", lambda picture, flow: fetch(picture, -flow)),
            ("The rows have not moved", lambda picture, flow: fetch(picture, flow * [1, 0])),
            ("The columns have not moved", lambda picture, flow: fetch(picture, flow * [0, 1])),
            ("a step from each pixel", lambda picture, flow: fetch(picture, flow - grid(picture))),
            ("fetch it", push),
            ("fetch it", lambda picture, flow: push(picture, flow, False)),
            ("fetch it", lambda picture, flow: push(picture, flow, True, np.copy)),
            ("fetch it", lambda picture, flow: push(picture, flow, False, np.copy)),
            ("wraps around", lambda picture, flow: fetch(picture, flow, limit=lambda i, _, n: i % (n + 1))),
            ("wraps around", lambda picture, flow: fetch(picture, flow, limit=lambda i, _, n: i.clip(max=n))),
            ("Rounded down", lambda picture, flow: fetch(picture, flow, np.floor)),
            ("Rounded down", lambda picture, flow: fetch(picture, flow, np.trunc)),
            ("astype(int) cuts", lambda picture, flow: fetch(picture, flow.astype(int))),
            ("Rounded up", lambda picture, flow: fetch(picture, flow, np.ceil)),
            ("interpolated between pixels", warp),
            ("It is black beyond", black_beyond),
            ("Nothing has moved beyond", lambda picture, flow: stay_beyond(picture, flow)),
            ("Nothing has moved.", lambda picture, flow: picture),
            ("np.clip", lambda picture, flow: fetch(picture, flow, limit=lambda i, *_: i)),
            ("np.rint, astype(int)", lambda picture, flow: picture[flow[..., 1], flow[..., 0]]),
            ("keeps its shape", lambda picture, flow: fetch(picture, flow)[1:]),
        ],
    ),
}


def grid(picture):
    return np.stack(np.indices(picture.shape[:2])[::-1], axis=-1)


def stay_beyond(picture, flow):
    target = np.rint(grid(picture) + flow)
    is_in = ((target >= 0) & (target < picture.shape[1::-1])).all(-1, keepdims=True)
    return np.where(is_in, fetch(picture, flow), picture)
