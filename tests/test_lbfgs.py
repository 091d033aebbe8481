"""L-BFGS: the textbook's matrix, the textbook's minimum, and never outside [0, 1]."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_utils import FeatureExtractor, lbfgs, losses, painting, photo, stylize
from nst_utils.base.tensorflow import tf
from nst_utils.loop import ValueAndGradient

SHAPE = (1, 7, 5, 3)
COUNT = int(np.prod(SHAPE))


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def make(loss, start, first_step=0.05):
    image = tf.Variable(tf.cast(start, tf.float32))
    return lbfgs.LBFGS(ValueAndGradient(loss), image, first_step)


def bowl(curvatures, target):
    """A quadratic loss with these curvatures, lowest at the target."""
    return lambda batch: tf.reduce_sum(curvatures * tf.square(batch - target)) / 2


def dense_inverse_hessian(pairs, initial):
    """The BFGS matrix, by its definition (Nocedal and Wright 2006, equation 6.17)."""
    inverse = initial
    for move, change in pairs:
        inner = 1 / (move @ change)
        left = np.eye(COUNT) - inner * np.outer(move, change)
        inverse = left @ inverse @ left.T + inner * np.outer(move, move)
    return inverse


@pytest.mark.parametrize("pairs", [0, 1, 4, lbfgs.MEMORY, lbfgs.MEMORY + 3])
def test_the_direction_is_that_of_the_bfgs_matrix(pairs):
    method = make(lambda batch: tf.reduce_sum(batch), np.full(SHAPE, 0.5))
    method._scale.assign(0.3)
    curvature = 0.5 + np.random.default_rng(1).random(COUNT)
    moves = random(pairs, COUNT)
    given_pairs = [(move, (curvature * move).astype(np.float32)) for move in moves]
    for move, change in given_pairs:
        method._remember(move, change)
    columns = np.eye(COUNT, dtype=np.float32).reshape(COUNT, *SHAPE[1:])
    averaging = np.stack([np.ravel(lbfgs.block_average_preconditioner(column[None])) for column in columns])
    expected = dense_inverse_hessian(given_pairs[-lbfgs.MEMORY :], 0.3 * averaging)
    gradient = random(*SHAPE, seed=2)
    found = method._inverse_hessian_times(tf.constant(gradient))
    np.testing.assert_allclose(np.ravel(found), expected @ gradient.ravel(), rtol=1e-3, atol=1e-4)


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 40), st.integers(1, 40))
def test_block_averages_are_a_symmetric_positive_mapping_at_every_size(height, width):
    one, two = (random(1, height, width, 3, seed=seed) for seed in (0, 1))
    mapped_one, mapped_two = (lbfgs.block_average_preconditioner(batch).numpy() for batch in (one, two))
    assert np.sum(one * mapped_two) == pytest.approx(np.sum(mapped_one * two), rel=1e-3, abs=1e-3)
    assert np.sum(one * mapped_one) >= 0.999 * np.sum(one * one)
    flat = np.ones((1, height, width, 3), np.float32)
    np.testing.assert_allclose(lbfgs.block_average_preconditioner(flat), 1 + len(lbfgs.BLOCKS), rtol=1e-5)


def test_a_bowl_with_a_thousandfold_range_of_curvatures_is_solved():
    curvatures = np.geomspace(1, 1000, COUNT).reshape(SHAPE).astype(np.float32)
    target = 0.2 + 0.6 * np.random.default_rng(3).random(SHAPE).astype(np.float32)
    method = make(bowl(curvatures, target), np.full(SHAPE, 0.5))
    step = tf.function(method.step)
    for _ in range(150):
        step()
    np.testing.assert_allclose(method.image, target, atol=5e-3)


def test_pixels_that_want_to_leave_stop_at_the_border_and_the_others_arrive():
    target = np.random.default_rng(4).choice([-0.5, 0.3, 1.5], SHAPE).astype(np.float32)
    curvatures = np.geomspace(1, 30, COUNT).reshape(SHAPE).astype(np.float32)
    method = make(bowl(curvatures, target), np.full(SHAPE, 0.5))
    step = tf.function(method.step)
    for _ in range(60):
        step()
        assert method.image.numpy().min() >= 0
        assert method.image.numpy().max() <= 1
    np.testing.assert_allclose(method.image, np.clip(target, 0, 1), atol=5e-3)


def test_the_loss_of_the_best_picture_never_rises():
    loss = lambda batch: tf.reduce_sum(tf.abs(batch - 0.3)) + tf.reduce_sum(tf.sin(40 * batch)) / 50  # noqa: E731
    method = make(loss, np.random.default_rng(5).random(SHAPE), first_step=0.4)
    losses, step = [], tf.function(method.step)
    for _ in range(80):
        step()
        losses.append(float(loss(tf.convert_to_tensor(method.best))))
    assert (np.diff(losses) <= 1e-4).all()
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("noise", [1e-4, 3e-4, 1e-3])
def test_noise_in_the_loss_does_not_end_the_descent(noise):
    curvatures = np.geomspace(1, 1000, COUNT).reshape(SHAPE).astype(np.float32)
    target = 0.2 + 0.6 * np.random.default_rng(3).random(SHAPE).astype(np.float32)
    loss = lambda batch: 100 + bowl(curvatures, target)(batch)  # noqa: E731

    def evaluate(batch):
        rounding = 1 + noise * tf.sin(1e5 * tf.reduce_sum(curvatures * batch))
        return tf.reshape(loss(batch) * rounding, (1,)), curvatures * (batch - target)

    method = lbfgs.LBFGS(evaluate, tf.Variable(tf.fill(SHAPE, 0.5)), first_step=0.05)
    step = tf.function(method.step)
    for _ in range(150):
        step()
    assert float(loss(method.best)) < 100.005


def test_in_bfloat16_the_loss_falls_until_the_last_step():
    extractor = FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="bfloat16")
    content, style = photo("chelsea", 32), painting("mosaic", 32)
    run = stylize(content, style, optimizer="lbfgs", steps=150, extractor=extractor)
    lowest = np.minimum.accumulate(run.history["total"])
    assert lowest[-1] < lowest[134]
