"""Checks of notebook 07: the Gram matrix of a region, mixed targets, strokes for a mask, following a flow."""

import numpy as np

from ..pictures.flow import warp
from ..pictures.samples import photo
from .verdict import call, check, compare, right, wrong


@check
def check_masked_gram(function):
    """Notebook 07: ``(features, mask) → gram``, ``Σ m f fᵀ / Σ m`` over the positions, ``(c, c)``."""
    rng = np.random.default_rng(0)
    features = rng.random((4, 5, 3)) * [1, 4, 0.5]
    mask = rng.choice([0, 0.3, 1], (4, 5))
    vectors, weights = features.reshape(-1, 3), mask.ravel()
    count, total = len(vectors), weights.sum()

    def gram(weights, divisor=None, vectors=vectors):
        return (vectors.T * weights) @ vectors / (weights.sum() if divisor is None else divisor)

    everywhere, painted, of_positions = np.ones(count), weights > 0, (vectors * weights[:, None]) @ vectors.T
    twice = "The mask counts twice, m²: weight one of the two factors only."
    all_or_nothing = "The mask counts as yes or no; its values between 0 and 1 are weights."
    mistakes = (
        (gram(weights, 1), "Right but for the division by Σ m."),
        (gram(weights, count), "Divide by Σ m, not by the number of positions."),
        (gram(weights, painted.sum()), "Divide by Σ m, not by how many places are above 0."),
        (gram(everywhere), "The mask has no effect: this is the Gram matrix of the whole picture."),
        (gram(everywhere, total), "The mask is below the line only: weight the sum with it, too."),
        (gram(everywhere, 1), "The mask has no effect, and nothing was divided."),
        *((gram(weights**2, divisor), twice) for divisor in (total, None, count, painted.sum(), 1)),
        *((gram(yes, divisor), all_or_nothing) for yes in (painted, weights > 0.5)
          for divisor in (None, total, count)),
        *((gram(mask.T.ravel(), divisor), "The mask's order is not that of the features: do not transpose.")
          for divisor in (total, count, 1)),
        (gram(weights, vectors=features.reshape(3, -1).T), "reshape(c, -1) scrambles: use reshape(-1, c)."),
        *((of_positions / divisor, "You compared positions with positions: transpose the other one.")
          for divisor in (total, count, 1)),
        (np.outer(weights @ vectors, weights @ vectors) / total**2, "This is the outer product of the mean."),
    )  # fmt: skip
    hints = {
        "shape_hint": "One row and one column per channel: sum over both height and width.",
        "failing": "The mask needs an axis for the channels: mask[..., np.newaxis]; beside features that are"
        " flattened, mask.reshape(-1, 1).",
        "no_index": "A soft mask cannot pick positions: multiply by it, mask[..., np.newaxis].",
    }
    praise = "a mean of f fᵀ in which each position has the weight m"
    return compare(function, (features, mask), gram(weights), mistakes, praise, **hints)


@check
def check_mixed_target(function):
    """Notebook 07: ``(grams, shares) → gram``, the weighted mean ``Σ wₖ Aₖ / Σ wₖ`` of Gram matrices."""
    vectors = np.random.default_rng(1).random((4, 5, 3)) * np.arange(1, 5)[:, None, None]
    grams = vectors.transpose(0, 2, 1) @ vectors / 5
    shares = np.array([0.5, 5, 0, 2])

    def mix(weights, divisor=None):
        return np.tensordot(weights, grams, 1) / (sum(weights) if divisor is None else divisor)

    equal, number = np.ones(4), "Divide by the sum of the shares, not by the number of paintings."
    mistakes = (
        (mix(shares, 1), "Right but for the division by the sum of the shares: 1, 1 is as good as ½, ½."),
        (mix(equal), "The shares have no effect: this is the plain mean."),
        (mix(equal, 1), "The shares have no effect: this is the sum."),
        (mix(equal, shares.sum()), "Multiply each matrix by its share before the sum."),
        *((grams[k], "This is one painting alone: add up all of them.") for k in range(4)),
        (mix(shares, 4), number),
        (mix(shares, 3), number),
        (mix(shares, shares.max()), "Divide by the sum of the shares, not by the largest."),
        *((mix(shares**2, divisor), "The shares count twice: take them as they are.")
          for divisor in (None, shares.sum(), shares.sum() ** 2)),
        (mix(np.exp(shares)), "This is the softmax of the shares: divide by their sum, without exp."),
        (mix(np.sqrt(shares)), "Leave the root of the shares out."),
        (mix(shares[::-1]), "The shares are in the reverse order."),
        (np.sqrt(np.tensordot(shares, grams**2, 1) / sum(shares)), "Take the matrices without squares."),
        (np.sqrt((grams**2).mean(0)), "Take the matrices without squares, and weight them by their shares."),
        (shares[:, None, None] * grams / shares.sum(), "Right up to the sum: add up the matrices."),
    )  # fmt: skip
    hints = {
        "shape_hint": "Return one matrix, as large as each of those given.",
        "failing": "Pair the two lists: for share, gram in zip(shares, grams).",
    }
    praise = "each painting counts by its share of the whole"
    return compare(function, (list(grams), shares.tolist()), mix(shares), mistakes, praise, **hints)


_BOX = 4, 192, 8, 188
_PLACES = (  # in the photo "astronaut" at 192 pixels: is it hers, its name, rows, columns
    (True, "her hair", (12, 24), (76, 104)),
    (True, "her face", (38, 60), (76, 94)),
    (True, "the black cloth at her neck", (74, 86), (74, 92)),
    (True, "the ring of her collar", (98, 106), (76, 96)),
    (True, "her sleeve", (130, 152), (16, 30)),
    (True, "the round badge", (138, 152), (56, 70)),
    (True, "the badge with her name", (131, 138), (108, 119)),
    (True, "the visor of her helmet", (150, 184), (112, 128)),
    (True, "the visor of her helmet", (146, 184), (144, 172)),
    (True, "the white rim of her helmet", (132, 140), (158, 168)),
    (False, "the flag", (8, 32), (8, 20)),
    (False, "the red stripe of the flag", (58, 72), (17, 27)),
    (False, "the wall on the left", (8, 48), (34, 54)),
    (False, "the wall between her and the shuttle", (8, 56), (118, 136)),
    (False, "the brown tank of the shuttle", (8, 44), (152, 161)),
    (False, "the white shuttle", (44, 74), (144, 151)),
    (False, "the wall on the right", (8, 92), (174, 186)),
    (False, "the black cloth of the table", (108, 120), (146, 184)),
)


@check
def check_strokes(function):
    """Notebook 07: ``photo → (inside, outside)``, strokes with which the astronaut is cut out in a box."""
    picture = photo("astronaut", 192)
    two = "Return inside, outside: two arrays of the photo's height and width."
    strokes = call(function, picture, no_numbers=two)
    if strokes.shape[:1] != (2,):
        return wrong("two strokes", f"the shape {strokes.shape}", two)
    try:
        astray = _find_astray(picture, *strokes)
    except ValueError as error:
        return wrong("strokes on the photo", "what cut_out does not take", str(error))
    if not astray:
        return right("her helmet came along, the shuttle stays outside")
    if not _find_astray(picture, *strokes[::-1]):
        return wrong("inside, outside", "outside, inside", "Return inside first.")
    is_hers, name, rows, columns = astray[0]
    stroke, other = ("inside", "outside")[:: 1 if is_hers else -1]
    place = f"rows {rows[0]} to {rows[1]}, columns {columns[0]} to {columns[1]}"
    hint = f"Put a stroke into {stroke} there ({place}), and none into {other}."
    return wrong(f"{name} {stroke} the figure", f"it {other}", hint)


def _find_astray(picture, inside, outside):
    """Cut out with strokes, and return the places of which more than half is on the wrong side."""
    from ..control import cut_out  # loads TensorFlow, which no other check needs

    inside, outside = (stroke if stroke.any() else None for stroke in (inside, outside))
    mask = cut_out(picture, _BOX, inside=inside, outside=outside)
    return [
        (is_hers, name, rows, columns)
        for is_hers, name, rows, columns in _PLACES
        if is_hers != (mask[slice(*rows), slice(*columns)].mean() > 0.5)
    ]


@check
def check_warp(function):
    """Notebook 07: ``(picture, flow) → picture``, each pixel from where the flow points to, the nearest."""
    rng = np.random.default_rng(2)
    height, width = 6, 8
    picture = rng.random((height, width, 3))
    flow = rng.integers(-3, 3, (height, width, 2)) + rng.choice([0.25, 0.75], (height, width, 2))
    rows, columns = np.indices((height, width))
    right_by, down_by = flow[..., 0], flow[..., 1]

    def fetch(row, column, whole=np.rint, limit=np.clip):
        row, column = whole(row).astype(int), whole(column).astype(int)
        return picture[limit(row, 0, height - 1), limit(column, 0, width - 1)]

    target = rows + down_by, columns + right_by
    expected = fetch(*target)
    beyond = (np.rint(target) < 0).any(0) | (np.rint(target[0]) >= height) | (np.rint(target[1]) >= width)
    pushed = "You pushed each pixel along the flow: fetch it, result[row, column] = picture[where it points]."
    mistakes = (
        (picture, "Nothing has moved."),
        (fetch(rows + right_by, columns + down_by), "Rows and columns are swapped: flow[..., 0] is columns."),
        (fetch(rows - down_by, columns - right_by), "The sign is reversed: add the flow."),
        (fetch(rows, columns + right_by), "The rows have not moved: add flow[..., 1]."),
        (fetch(rows + down_by, columns), "The columns have not moved: add flow[..., 0]."),
        (fetch(down_by, right_by), "The flow is a step from each pixel: add it to its row and column."),
        *((result, pushed) for result in _push(picture, target)),
        *((fetch(*target, limit=limit), "It wraps around: np.clip the indices to 0 and the last one.")
          for limit in (lambda i, _, last: i % (last + 1), lambda i, _, last: np.minimum(i, last))),
        (fetch(*target, whole=np.floor), "Rounded down: take the nearest, np.rint."),
        (fetch(*target, whole=np.trunc), "Rounded down: take the nearest, np.rint."),
        (fetch(rows + np.trunc(down_by), columns + np.trunc(right_by)), "astype(int) cuts: np.rint first."),
        (fetch(*target, whole=np.ceil), "Rounded up: take the nearest, np.rint."),
        (warp(picture, flow), "This is interpolated between pixels; here, round to the nearest."),
        (np.where(beyond[..., np.newaxis], 0, expected), "It is black beyond the edges: clip the indices."),
        (np.where(beyond[..., np.newaxis], picture, expected),
         "Nothing has moved beyond the edges: clip the indices."),
    )  # fmt: skip
    hints = {
        "shape_hint": "The picture keeps its shape.",
        "no_index": "Indices are whole numbers within the picture: np.rint, astype(int), np.clip.",
    }
    praise = "each pixel knows where it comes from, so no hole is left"
    return compare(function, (picture, flow), expected, mistakes, praise, **hints)


def _push(picture, target):
    """Push pixels along a flow, with holes black or as before, beyond the edges at the edge or lost."""
    height, width = picture.shape[:2]
    to = np.rint(target).astype(int)
    last = np.reshape((height - 1, width - 1), (2, 1, 1))
    is_in, at_edge = ((to >= 0) & (to <= last)).all(0), np.clip(to, 0, last)
    for canvas in (np.zeros_like(picture), picture.copy()):
        lost, kept = canvas.copy(), canvas.copy()
        lost[tuple(to[:, is_in])] = picture[is_in]
        kept[tuple(at_edge)] = picture
        yield lost
        yield kept
