"""Opponent colors: an exact change of coordinates with gray on its first axis."""

import numpy as np
import tensorflow as tf

from nst_utils.loop import OPPONENT_AXES, from_opponent, gradient_in_opponent, to_opponent


def test_there_and_back_is_the_same_picture():
    picture = np.random.default_rng(0).random((2, 5, 6, 3)).astype(np.float32)
    np.testing.assert_allclose(from_opponent(to_opponent(picture)), picture, atol=1e-5)


def test_gray_has_brightness_alone():
    gray = np.full((1, 2, 2, 3), 0.3, np.float32)
    np.testing.assert_allclose(to_opponent(gray)[0, 0, 0], [0.3, 0, 0], atol=1e-6)


def test_the_axes_are_orthogonal_and_shrink():
    lengths = np.linalg.norm(OPPONENT_AXES, axis=1)
    np.testing.assert_allclose(OPPONENT_AXES @ np.transpose(OPPONENT_AXES), np.diag(lengths**2), atol=1e-6)
    assert lengths[0] > 2 * lengths[1] > 4 * lengths[2]


def test_the_gradient_follows_the_chain_rule():
    opponent = tf.constant(np.random.default_rng(1).random((1, 4, 5, 3)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(opponent)
        picture = from_opponent(opponent)
        loss = tf.reduce_sum(picture**3 * [1.0, 2.0, 3.0])
    expected = tape.gradient(loss, opponent)
    np.testing.assert_allclose(gradient_in_opponent(tape.gradient(loss, picture)), expected, rtol=1e-5)
