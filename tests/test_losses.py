"""Every loss against NumPy and closed forms; the weighted sum adds up; gradients are finite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nst_utils import gram_matrix, losses
from nst_utils.base.tensorflow import tf

UNIT = st.floats(0, 1, width=32)
PICTURES = st.tuples(st.integers(2, 6), st.integers(2, 6)).flatmap(
    lambda shape: st.tuples(*[arrays(np.float32, (*shape, 3), elements=UNIT)] * 2)
)


@settings(deadline=None, max_examples=40)
@given(PICTURES)
def test_pixel_loss_is_the_relative_squared_distance(pair):
    picture, target = pair
    energy = np.square(target, dtype=np.float64).sum()
    if energy < losses.LEAST_ENERGY * target.size:
        return
    expected = np.square(picture.astype(np.float64) - target).sum() / energy
    np.testing.assert_allclose(losses.pixel_loss(picture, target), expected, rtol=1e-3, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(PICTURES)
def test_total_variation_counts_every_pair_of_neighbors_once(pair):
    picture = pair[0].astype(np.float64)
    rows, columns = np.abs(np.diff(picture, axis=0)), np.abs(np.diff(picture, axis=1))
    pairs = rows.size + columns.size
    of = losses.total_variation_loss
    np.testing.assert_allclose(of(pair[0]), (rows.sum() + columns.sum()) / pairs, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        of(pair[0], "tensorflow"), tf.image.total_variation(tf.constant(pair[0])), rtol=1e-4, atol=1e-5
    )
    squared = (np.square(rows).sum() + np.square(columns).sum()) / pairs
    np.testing.assert_allclose(of(pair[0], "squared"), squared, rtol=1e-4, atol=1e-6)


def test_total_variation_in_closed_form():
    assert float(losses.total_variation_loss(np.full((4, 6, 3), 0.3, np.float32))) == 0
    checkerboard = (np.indices((4, 6)).sum(axis=0) % 2)[..., None].repeat(3, axis=2).astype(np.float32)
    assert float(losses.total_variation_loss(checkerboard)) == pytest.approx(1)


def test_total_variation_of_an_enlarged_checkerboard_of_blocks_does_not_depend_on_tiling():
    tile = np.random.default_rng(0).random((8, 8, 3), np.float32)
    mirrored = np.concatenate([tile, tile[::-1]])
    large = np.tile(np.concatenate([mirrored, mirrored[:, ::-1]], axis=1), (8, 8, 1))
    small = np.tile(np.concatenate([mirrored, mirrored[:, ::-1]], axis=1), (4, 4, 1))
    of = losses.total_variation_loss
    np.testing.assert_allclose(of(large), of(small), rtol=0.02)
    np.testing.assert_allclose(of(large, "tensorflow") / of(small, "tensorflow"), 4, rtol=0.05)


def test_content_forms():
    target = np.full((1, 2, 3, 4), 2.0, np.float32)
    features = target + 0.5
    assert float(losses.content_loss(features, target)) == pytest.approx(0.25 / 4)
    assert float(losses.content_loss(features, target, "gatys")) == pytest.approx(24 * 0.25 / 2)
    assert float(losses.content_loss(features, target, "tensorflow")) == pytest.approx(0.25)


def test_style_forms_against_the_formulas_of_the_papers():
    rng = np.random.default_rng(1)
    features, other = rng.random((2, 1, 5, 6, 4)).astype(np.float32)
    gram, target = gram_matrix(features), gram_matrix(other)
    positions, channels = 5 * 6, 4
    undivided, target_undivided = np.asarray(gram) * positions, np.asarray(target) * positions
    gatys = np.square(undivided - target_undivided).sum() / (4 * channels**2 * positions**2)
    assert float(losses.style_loss(gram, target, "gatys")) == pytest.approx(gatys, rel=1e-4)
    mean = np.square(np.asarray(gram) - target).mean()
    assert float(losses.style_loss(gram, target, "tensorflow")) == pytest.approx(mean, rel=1e-4)
    relative = np.square(np.asarray(gram) - target).sum() / np.square(target).sum()
    assert float(losses.style_loss(gram, target)) == pytest.approx(relative, rel=1e-4)


def test_an_empty_target_gives_a_number_of_ordinary_size():
    """And a floor under the energy that is there for its sake changes no other loss by a bit."""
    rng = np.random.default_rng(3)
    picture, features = (rng.random((1, 8, 8, 3), np.float32), rng.random((1, 8, 8, 16), np.float32))
    gram = gram_matrix(features)
    for loss, values, largest in (
        (losses.pixel_loss, picture, 1e4),
        (losses.content_loss, features, 1e4),
        (losses.style_loss, gram, 1e8),
    ):
        assert 1 < float(loss(values, np.zeros_like(values))) < largest
        target = np.asarray(values)[..., ::-1] * np.float32(0.1)
        energy = tf.reduce_sum(tf.square(target))
        expected = tf.reduce_sum(tf.square(values - target)) / energy
        assert float(loss(values, target)) == float(expected)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.125, 8, width=32))
def test_relative_losses_do_not_see_the_scale_of_the_features(scale):
    rng = np.random.default_rng(2)
    features, target = rng.random((2, 1, 3, 3, 4)).astype(np.float32)
    plain, scaled = (
        losses.content_loss(features, target),
        losses.content_loss(scale * features, scale * target),
    )
    np.testing.assert_allclose(scaled, plain, rtol=1e-4)
    gram, gram_target = gram_matrix(features), gram_matrix(target)
    scaled = losses.style_loss(gram_matrix(scale * features), gram_matrix(scale * target))
    np.testing.assert_allclose(scaled, losses.style_loss(gram, gram_target), rtol=1e-4)


@pytest.mark.parametrize("loss", [losses.content_loss, losses.style_loss])
def test_an_unknown_form_lists_the_known_ones(loss):
    with pytest.raises(ValueError, match="relative, .*gatys, tensorflow"):
        loss(np.zeros((1, 2, 2, 2)), np.zeros((1, 2, 2, 2)), form="relativ")
    with pytest.raises(ValueError, match="mean, squared, tensorflow"):
        losses.total_variation_loss(np.zeros((4, 4, 3), np.float32), form="l2")


@pytest.fixture(scope="module")
def loss(extractor, photo, painting):
    return losses.StyleTransferLoss(extractor, photo, painting)


def test_the_weighted_terms_add_up_to_the_total(loss, photo, painting):
    terms = loss((photo + painting) / 2)  # neither of them: a term that is 0 would prove nothing
    assert min(float(term) for term in terms.raw.values()) > 0.01
    assert float(terms.total) == pytest.approx(sum(float(t) for t in terms.weighted.values()), rel=1e-5)
    for name, term in terms.raw.items():
        assert float(terms.weighted[name]) == pytest.approx(loss.weights[name] * float(term), rel=1e-5)
    mean = np.mean([float(value) for value in terms.style_layers.values()])
    assert float(terms.raw["style"]) == pytest.approx(mean, rel=1e-5)
    assert list(terms.style_layers) == list(losses.STYLE_LAYERS)


def test_each_target_has_no_loss_against_itself(loss, photo, painting):
    assert float(loss(photo).raw["content"]) == 0
    assert float(loss(painting).raw["style"]) == pytest.approx(0, abs=1e-9)
    assert float(loss(photo).raw["style"]) > 0.1


def test_a_style_that_is_nothing_to_the_network_is_named(extractor, photo, recwarn):
    gray = np.full(photo.shape, 0.7, np.float32)
    losses.StyleTransferLoss(extractor, photo, gray)
    assert not recwarn.list
    flat = np.broadcast_to(np.float32([0.485, 0.458, 0.408]), photo.shape)  # the mean that VGG subtracts
    with pytest.warns(UserWarning, match="nearly empty"):
        losses.StyleTransferLoss(extractor, photo, flat)


def test_content_and_style_may_differ_in_size(extractor, photo):
    from nst_utils import painting

    terms = losses.StyleTransferLoss(extractor, photo, painting("ink", 128)[:64])(photo)
    assert np.isfinite(float(terms.total))


def test_gradients_are_finite_even_where_nothing_varies(loss):
    for value in (0.0, 0.5, 1.0):
        picture = tf.Variable(tf.fill((1, 96, 96, 3), value))
        with tf.GradientTape() as tape:
            total = loss(picture).total
        assert np.isfinite(tape.gradient(total, picture).numpy()).all()


def test_a_negative_weight_is_refused(extractor, photo, painting):
    with pytest.raises(ValueError, match="style_weight is -1"):
        losses.StyleTransferLoss(extractor, photo, painting, style_weight=-1)


# ----- The content of the weighted sum -----


def test_normalized_content_by_hand():
    rng = np.random.default_rng(0)
    features, target = (rng.gamma(1, 50, (1, 5, 6, 4)).astype(np.float32) for _ in range(2))

    def normalized(x):
        return (x - x.mean((1, 2))) / np.sqrt(x.var((1, 2)) + 1)

    f, p = normalized(features), normalized(target)
    weights = np.square(p).sum(-1) ** 2
    expected = (weights * np.square(f - p).sum(-1)).sum() / (weights * np.square(p).sum(-1)).sum()
    np.testing.assert_allclose(losses.content_loss(features, target, "normalized"), expected, rtol=1e-4)


def test_a_map_of_content_weights_holds_one_half_and_frees_the_other(extractor, photo, painting):
    half = np.zeros(photo.shape[:2], np.float32)
    half[:, : photo.shape[1] // 2] = 0.4
    held = losses.StyleTransferLoss(
        extractor, photo, painting, content_form="relative", content_weight=half
    )
    assert held.weights["content"] == pytest.approx(half.mean())
    picture = tf.Variable(painting[np.newaxis])
    with tf.GradientTape() as tape:
        content = held(picture).weighted["content"]
    pulls = np.linalg.norm(tape.gradient(content, picture)[0], axis=(0, 2))
    assert pulls[-8:].max() < 0.01 * pulls[:32].max()


def test_a_map_of_equal_weights_is_one_weight(extractor, photo, painting):
    even = losses.StyleTransferLoss(
        extractor, photo, painting, content_weight=np.full(photo.shape[:2], 0.3, np.float32)
    )
    one = losses.StyleTransferLoss(extractor, photo, painting, content_weight=0.3)
    assert float(even(painting).total) == pytest.approx(float(one(painting).total), rel=1e-4)


def test_the_last_columns_are_pulled_like_the_first(extractor):
    """The poolings drop what does not fill a block: without mirrored edges little holds the last columns."""
    from nst_utils import painting, photo

    side = 111

    content, style = photo("astronaut", 128)[:96, :side], painting("swirls", side)
    loss = losses.StyleTransferLoss(extractor, content, style, style_layers=["block5_conv1"])
    picture = tf.Variable(content[np.newaxis])
    with tf.GradientTape() as tape:
        style_term = loss(picture).raw["style"]
    pull = np.linalg.norm(tape.gradient(style_term, picture)[0], axis=(0, 2))
    last, first = pull[-(side % 16) :].mean(), pull[: side % 16].mean()
    assert 0.4 < last / first < 2.5, last / first


# ----- Several paintings, regions, weights of layers -----

LAYERS = ("block1_conv1", "block2_conv1")
HALVES = np.indices((96, 96))[1] < 48


@pytest.fixture(scope="module")
def ink():
    import nst_utils

    return nst_utils.painting("ink", 96)


def style_and_gradient(loss, picture):
    picture = tf.constant(picture[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(picture)
        style = loss(picture).raw["style"]
    return float(style), tape.gradient(style, picture).numpy()[0]


def test_a_mixture_has_the_gradient_of_the_shared_losses(extractor, photo, painting, ink):
    """Σ wₖ‖G − Aₖ‖² and ‖G − Σ wₖAₖ‖² differ by a constant, if the wₖ add up to 1."""
    mixed = losses.StyleTransferLoss(
        extractor, photo, [painting, ink], shares=[3, 1], style_layers=LAYERS
    )
    of = {name: [gram_matrix(extractor(one)[name]) for one in (painting, ink)] for name in LAYERS}
    energies = {name: tf.reduce_sum((0.75 * a + 0.25 * b) ** 2) for name, (a, b) in of.items()}

    picture = tf.constant(photo[np.newaxis])
    with tf.GradientTape() as tape:
        tape.watch(picture)
        grams = {name: gram_matrix(extractor(picture)[name]) for name in LAYERS}
        shared = tf.add_n([
            share * tf.reduce_sum((grams[name] - of[name][n]) ** 2) / energies[name]
            for name in LAYERS for n, share in enumerate((0.75, 0.25))
        ]) / 2  # fmt: skip
    expected = tape.gradient(shared, picture).numpy()[0]
    value, gradient = style_and_gradient(mixed, photo)
    assert float(shared) > 1.02 * value
    np.testing.assert_allclose(gradient, expected, atol=1e-4 * np.abs(expected).max())


def test_each_region_is_compared_with_its_own_painting(extractor, photo, painting, ink):
    picture = np.where(HALVES[..., np.newaxis], painting, ink)

    def style(masks):
        loss = losses.StyleTransferLoss(extractor, photo, [painting, ink], mask=masks,
                                        style_mask=[HALVES, ~HALVES], style_layers=LAYERS)  # fmt: skip
        return float(loss(picture).raw["style"])

    assert style([HALVES, ~HALVES]) < 0.01 < 0.3 < style([~HALVES, HALVES])


def test_a_mask_of_everything_is_no_mask(extractor, photo, painting):
    plain = losses.StyleTransferLoss(extractor, photo, painting)
    masked = losses.StyleTransferLoss(extractor, photo, painting, mask=np.ones((96, 96), np.float32))
    (value, gradient), (expected, expected_gradient) = (
        style_and_gradient(loss, photo) for loss in (masked, plain)
    )
    assert value == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-4 * np.abs(expected_gradient).max())


def test_masks_that_overlap_share_the_place_and_the_rest_is_the_photos(extractor, photo, painting, ink):
    left = HALVES.astype(np.float32)
    both, half = (
        losses.StyleTransferLoss(extractor, photo, [painting, ink], mask=masks, style_layers=LAYERS)
        for masks in ([left, left], [left / 2, left / 2])
    )
    (value, gradient), (expected, _) = (style_and_gradient(loss, painting) for loss in (both, half))
    assert value == pytest.approx(expected, rel=1e-5)
    assert not gradient[~HALVES].any()
    assert gradient[HALVES].any()
    other = np.where(HALVES[..., np.newaxis], painting, 0)  # what stands where no mask is does not count
    assert float(both(other).total) == float(both(painting).total)


def test_a_region_of_one_pixel_counts_in_the_deepest_layer_too(extractor, photo, painting, ink):
    pixel = np.zeros((96, 96), np.float32)
    pixel[50, 50] = 1
    loss = losses.StyleTransferLoss(extractor, photo, [painting, ink], mask=[pixel, 1 - pixel])
    value, gradient = style_and_gradient(loss, photo)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_layers_count_by_their_weights(extractor, photo, painting):
    def terms(layers):
        return losses.StyleTransferLoss(extractor, photo, painting, style_layers=layers)(photo)

    plain, weighted = terms(LAYERS), terms({LAYERS[0]: 3, LAYERS[1]: 1})
    first, second = (float(value) for value in plain.style_layers.values())
    assert float(weighted.raw["style"]) == pytest.approx((3 * first + second) / 4, rel=1e-5)
    assert float(terms(dict.fromkeys(LAYERS, 2)).total) == pytest.approx(float(plain.total), rel=1e-5)


def test_shares_and_masks_exclude_each_other(extractor, photo, painting):
    with pytest.raises(ValueError, match="shares mix paintings, and masks give each a place of its own"):
        losses.StyleTransferLoss(extractor, photo, painting, shares=[1], mask=HALVES)
