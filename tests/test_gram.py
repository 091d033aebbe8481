"""gram_matrix against NumPy, closed forms, and the properties that notebook 02 teaches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nst_utils import gram_matrix
from nst_utils.base.tensorflow import tf

SHAPES = st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
FEATURES = SHAPES.flatmap(lambda s: arrays(np.float32, s, elements=st.floats(-10, 10, width=32)))


@settings(deadline=None, max_examples=50)
@given(FEATURES)
def test_equals_the_mean_outer_product(features):
    height, width = features.shape[1:3]
    expected = np.einsum("bijc,bijd->bcd", features, features) / (height * width)
    np.testing.assert_allclose(gram_matrix(features), expected, rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(FEATURES, st.randoms(use_true_random=False))
def test_does_not_see_the_order_of_positions(features, random):
    batch, height, width, channels = features.shape
    order = random.sample(range(height * width), height * width)
    shuffled = features.reshape(batch, -1, channels)[:, order].reshape(features.shape)
    np.testing.assert_allclose(gram_matrix(shuffled), gram_matrix(features), rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(FEATURES)
def test_is_symmetric_positive_semidefinite_of_rank_at_most_positions(features):
    gram = gram_matrix(features).numpy().astype(np.float64)
    np.testing.assert_allclose(gram, gram.swapaxes(1, 2), rtol=1e-5, atol=1e-5)
    assert np.linalg.eigvalsh(gram).min() >= -1e-4 * max(1, np.abs(gram).max())
    assert (np.linalg.matrix_rank(gram, tol=1e-3) <= features.shape[1] * features.shape[2]).all()


def test_tiling_a_picture_leaves_the_gram_matrix_alone():
    features = np.random.default_rng(0).random((1, 4, 5, 3), np.float32)
    np.testing.assert_allclose(gram_matrix(np.tile(features, (1, 2, 3, 1))), gram_matrix(features), rtol=1e-5)


def test_float16_features_do_not_overflow():
    features = np.full((1, 64, 64, 2), 200, np.float16)  # 64 · 64 · 200² is far beyond 65504
    gram = gram_matrix(features)
    assert gram.dtype == np.float32
    np.testing.assert_allclose(gram, 40000)


def test_features_without_a_batch_axis_are_refused_with_the_next_step():
    with pytest.raises(ValueError, match=r"features\[np.newaxis\]"):
        gram_matrix(np.zeros((4, 4, 3)))


@settings(deadline=None, max_examples=25)
@given(FEATURES)
def test_the_gradient_is_that_of_the_definition(features):
    features = tf.constant(features)
    batch, height, width, channels = features.shape
    # not symmetric, as the upstream gradient of an arbitrary function of the Gram matrix need not be
    weights = tf.random.stateless_normal((batch, channels, channels), (1, 2))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        ours = tf.reduce_sum(weights * gram_matrix(features))
        definition = tf.einsum("bijc,bijd,bcd->", features, features, weights) / (height * width)
    expected = tape.gradient(definition, features)
    np.testing.assert_allclose(tape.gradient(ours, features), expected, rtol=1e-3, atol=1e-3)


# ----- Regions -----


@settings(deadline=None, max_examples=40)
@given(FEATURES, st.integers(0, 99))
def test_with_a_mask_it_is_the_weighted_mean_of_the_outer_products(features, seed):
    height, width = features.shape[1:3]
    mask = np.random.default_rng(seed).random((height, width), np.float32) + 0.01
    expected = np.einsum("ij,bijc,bijd->bcd", mask, features, features) / mask.sum()
    np.testing.assert_allclose(gram_matrix(features, mask), expected, rtol=1e-3, atol=1e-3)


def test_a_stack_of_masks_gives_one_matrix_for_each_region_and_what_is_outside_does_not_count():
    features = np.random.default_rng(0).random((1, 8, 6, 3), np.float32)
    left = np.zeros((8, 6), np.float32)
    left[:, :2] = 1
    both = gram_matrix(features, np.stack([left, 1 - left]))
    np.testing.assert_allclose(both[:1], gram_matrix(features[:, :, :2]), rtol=1e-5)
    np.testing.assert_allclose(both[1:], gram_matrix(features[:, :, 2:]), rtol=1e-5)
    np.testing.assert_allclose(gram_matrix(features, np.ones((8, 6))), gram_matrix(features), rtol=1e-5)


def test_a_mask_of_the_pictures_size_is_shrunk_to_the_layers_by_area():
    features = np.random.default_rng(1).random((1, 2, 2, 3), np.float32)
    mask = np.zeros((8, 8), np.float32)
    mask[:4, :2] = 1  # half of the first position
    mask[4:] = 1
    expected = gram_matrix(features, [[0.5, 0], [1, 1]])
    np.testing.assert_allclose(gram_matrix(features, mask), expected, rtol=1e-5)


def test_a_mask_of_nothing_and_one_of_another_kind_are_refused():
    features = np.ones((1, 4, 4, 3), np.float32)
    for mask, says in ((np.zeros((4, 4)), "0 everywhere"), (np.ones((4, 4, 4, 1)), "height, width")):
        with pytest.raises(ValueError, match=says):
            gram_matrix(features, mask)
    with pytest.raises(ValueError, match="2 masks are for one picture"):
        gram_matrix(np.ones((3, 4, 4, 3), np.float32), np.ones((2, 4, 4)))


def test_the_gradient_of_regions_is_that_of_the_definition():
    rng = np.random.default_rng(2)
    features, masks = tf.constant(rng.random((1, 4, 5, 3), np.float32)), rng.random((2, 4, 5), np.float32)
    weights = rng.standard_normal((2, 3, 3)).astype(np.float32)  # not symmetric
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(features)
        ours = tf.reduce_sum(weights * gram_matrix(features, masks))
        shares = masks / masks.sum(axis=(1, 2), keepdims=True)
        definition = tf.einsum("rij,ijc,ijd,rcd->", shares, features[0], features[0], weights)
    expected = tape.gradient(definition, features)
    np.testing.assert_allclose(tape.gradient(ours, features), expected, rtol=1e-4, atol=1e-6)
