"""Tiles: loss and gradient are those of the whole picture, and a run takes them where it would not fit."""

import numpy as np
import pytest

import nst_utils
from nst_utils import losses, loop, stylize, tiles
from nst_utils.base.tensorflow import tf
from nst_utils.runs import memory

TILE = 208  # with margins of 80 pixels, cores are of 48 at most
CONTENT, STYLE = nst_utils.photo("astronaut", 232)[:190], nst_utils.painting("swirls", 251)
COLUMNS = np.indices(CONTENT.shape[:2])[1]
MASKS = [COLUMNS < 100, (COLUMNS >= 120) * 0.5]  # a gap between them, and tiles with nothing of one
CASES = {
    "default": {},
    "other forms": {"content_form": "relative", "style_layers": {"block3_conv1": 2.0, "block5_conv1": 1.0}},
    "places": {
        "style": [STYLE, STYLE[::-1]],
        "mask": [mask.astype(np.float32) for mask in MASKS],
        "style_mask": [np.eye(*STYLE.shape[:2], dtype=np.float32), np.ones(STYLE.shape[:2], np.float32)],
        "content_weight": 0.1 + COLUMNS / 500,
    },
}


@pytest.fixture(scope="module")
def noisy():
    noise = np.random.default_rng(0).random(CONTENT.shape, np.float32)
    return tf.constant(0.5 * (CONTENT + noise)[np.newaxis])


def evaluate(loss, picture):
    values, gradient = tf.function(loop.ValueAndGradient(loss))(picture)
    return values.numpy(), gradient.numpy()


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradient_are_those_of_the_whole_picture(extractor, noisy, case):
    """Sides that are no multiples of 16, of the photo and of the painting, too."""
    settings = {"style": STYLE} | CASES[case]
    whole = losses.StyleTransferLoss(extractor, CONTENT, **settings)
    tiled = tiles.TiledLoss(extractor, CONTENT, **settings, tile=TILE)
    assert len(tiled._places) > 4
    (values, gradient), (found, tiled_gradient) = (evaluate(loss, noisy) for loss in (whole, tiled))
    np.testing.assert_allclose(found, values, rtol=1e-5)
    difference = np.abs(tiled_gradient - gradient)
    assert difference.max() < 1e-4 * np.abs(gradient).max()
    edges = sorted({int(edge) for place in tiled._places.numpy() for edge in place[:, 2:].flat} - {0, 240})
    of_columns = difference.mean(axis=(0, 1, 3))
    assert of_columns[np.array(edges) - 4].max() < 3 * of_columns.mean() + 1e-9  # no seams
