"""Tiles: loss and gradient are those of the whole picture, and a run takes them where it would not fit."""

import numpy as np
import pytest

import nst_utils
from nst_utils import loop, losses, stylize, tiles
from nst_utils.base.tensorflow import tf
from nst_utils.runs import memory

# To block 5, margins are 80 pixels wide: a strip of five tiles; to block 3, 16: tiles in rows and columns
STRIP = nst_utils.photo("astronaut", 400)[150:240], nst_utils.painting("swirls", 347)[:75]
PHOTO, PAINTING = nst_utils.photo("astronaut", 150)[:119], nst_utils.painting("swirls", 131)[:100]
SHALLOW = {"content_layers": ["block3_conv2"], "style_layers": ["block1_conv1", "block3_conv1"]}
ROWS, COLUMNS = np.indices(PHOTO.shape[:2])
PLACES = {
    "mask": [(COLUMNS < 60).astype(np.float32), (COLUMNS >= 80) * np.float32(0.5)],  # and a gap
    "style_mask": [np.eye(*PAINTING.shape[:2], dtype=np.float32), np.ones(PAINTING.shape[:2], np.float32)],
    "content_weight": 0.1 + COLUMNS / 500,
}
CASES = {
    "to block 5": (256, *STRIP, {}),
    "rows and columns": (80, PHOTO, PAINTING, SHALLOW),
    "relative content": (80, PHOTO, PAINTING, SHALLOW | {"content_form": "relative"}),
    "places": (80, PHOTO, [PAINTING, PAINTING[::-1]], SHALLOW | PLACES),
}


def evaluate(loss, picture):
    values, gradient = tf.function(loop.ValueAndGradient(loss))(picture)
    return values.numpy(), gradient.numpy()[0]


@pytest.mark.parametrize("case", CASES)
def test_loss_and_gradient_are_those_of_the_whole_picture_without_seams(case, extractor):
    """Of sides that are no multiples of 16, and of tiles with nothing of a region."""
    tile, content, style, settings = CASES[case]
    if settings:
        layers = [*settings["content_layers"], *settings["style_layers"]]
        extractor = nst_utils.FeatureExtractor(layers)
    noise = np.random.default_rng(0).random(content.shape, np.float32)
    picture = tf.constant((content + noise)[np.newaxis] / 2)
    whole = losses.StyleTransferLoss(extractor, content, style, **settings)
    tiled = tiles.TiledLoss(extractor, content, style, **settings, tile=tile)
    assert len(tiled._places) >= 4
    (values, gradient), (found, of_tiles) = (evaluate(loss, picture) for loss in (whole, tiled))
    np.testing.assert_allclose(found, values, rtol=1e-5)
    difference = np.abs(of_tiles - gradient)
    assert difference.max() < 1e-4 * np.abs(gradient).max()


def test_silent_channels_of_a_flat_picture_leave_the_content_loss_a_number():
    """Their variance is the small difference of large sums."""
    extractor = nst_utils.FeatureExtractor(["block1_conv1", "block3_conv1", "block3_conv2"])
    whole = losses.StyleTransferLoss(extractor, PHOTO, PAINTING, **SHALLOW)
    tiled = tiles.TiledLoss(extractor, PHOTO, PAINTING, tile=80, **SHALLOW)
    gray = np.full(PHOTO.shape, 0.4, np.float32)
    assert float(tiled(gray).raw["content"]) == pytest.approx(float(whole(gray).raw["content"]), rel=1e-4)


LARGE = nst_utils.resize(PHOTO, 400)[:288], PAINTING
LARGE_LAYERS = {"content_layers": ["block3_conv2"], "style_layers": ["block1_conv1"]}


def leave_free(monkeypatch, free):
    for module in (memory, tiles):
        monkeypatch.setattr(module, "free_memory", lambda: free)


def test_a_run_that_does_not_fit_is_computed_in_tiles_to_the_same_result(monkeypatch, capsys):
    """The coarse level as a whole, the fine one in tiles; interrupted, it goes on with more memory, too."""
    extractor = nst_utils.FeatureExtractor(["block1_conv1", "block3_conv2"])
    options = {"extractor": extractor, "steps": 8, **LARGE_LAYERS}
    whole = stylize(*LARGE, **options)
    assert (whole.settings["tile"], capsys.readouterr().out) == (None, "")

    def interrupt(iterate):
        if iterate.step == 7:
            raise KeyboardInterrupt

    leave_free(monkeypatch, 0.97 * memory.estimate_memory(extractor, LARGE[0][..., 0].size))
    part = stylize(*LARGE, callback=interrupt, every=1, **options)
    assert 160 <= part.settings["tile"] < 288
    assert capsys.readouterr().out.startswith("At 400 px the run does not fit into memory as a whole: it is")
    monkeypatch.undo()
    run = nst_utils.resume(part, *LARGE, extractor=extractor)
    assert run.settings["tile"] is None
    np.testing.assert_allclose(run.history["total"], whole.history["total"], rtol=1e-3)
    assert np.abs(run.picture - whole.picture).mean() < 2e-3


@pytest.mark.parametrize("why", ["another network", "too deep a layer", "too little memory"])
def test_where_tiles_do_not_help_the_run_is_refused(monkeypatch, extractor, why):
    layers, network, free = (["block4_conv2"], ["block1_conv1"]), "VGG19", 2**29
    if why == "another network":
        network = "ResNet50"
    elif why == "too deep a layer":
        layers = (["block5_pool"], ["block1_conv1"])
    else:
        free = 2**27
    monkeypatch.setattr(extractor, "network", network)
    leave_free(monkeypatch, free)
    with pytest.raises(MemoryError, match="try size="):
        tiles.choose_tile(extractor, layers, ((800, 800, 3), (16, 16, 3)), "adam")
