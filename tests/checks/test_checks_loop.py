"""The checks of notebook 04 accept the right answer and name the usual mistakes."""

import numpy as np
import pytest

from nst_utils import checks

MOMENTUM, ADAM, RATE = checks.check_momentum, checks.check_adam_update, checks.check_cosine_rate


@pytest.mark.parametrize("check", [MOMENTUM, ADAM, RATE])
@pytest.mark.parametrize("stub", [..., None])
def test_unsolved_stubs_are_neither_right_nor_wrong(check, stub):
    verdict = check(lambda *arguments: stub)
    assert not verdict.passed
    assert "not solved yet" in repr(verdict)


def right_momentum(velocity, gradient, rate, momentum):
    return momentum * velocity - rate * gradient


def right_adam(mean, square, step, rate):
    return -rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)


def right_rate(step, steps, rate):
    return rate * (0.1 + 0.9 * (1 + np.cos(np.pi * step / steps)) / 2)


def in_place(velocity, gradient, rate, momentum):
    velocity *= momentum
    velocity -= rate * gradient
    return velocity


@pytest.mark.parametrize(
    ("check", "answer"),
    [(MOMENTUM, right_momentum), (MOMENTUM, in_place), (ADAM, right_adam), (RATE, right_rate)],
)
def test_the_right_answer_passes(check, answer):
    assert check(answer).passed


@pytest.mark.parametrize(
    ("check", "answer", "hint"),
    [
        (MOMENTUM, lambda v, g, r, m: m * v + r * g, "down, not up"),
        (MOMENTUM, lambda v, g, r, m: r * g - m * v, "sign"),
        (MOMENTUM, lambda v, g, r, m: v - r * g, "momentum is missing"),
        (MOMENTUM, lambda v, g, r, m: -r * g, "plain descent"),
        (MOMENTUM, lambda v, g, r, m: m * (v - r * g), "Only the old velocity"),
        (MOMENTUM, lambda v, g, r, m: m * v - g, "rate is missing"),
        (MOMENTUM, lambda v, g, r, m: m * v - (1 - m) * g, "No average"),
        (MOMENTUM, lambda v, g, r, m: m * v - r * (1 - m) * g, "no factor"),
        (MOMENTUM, lambda v, g, r, m: 1.0, "shape"),
        (MOMENTUM, lambda v, g, r, m: v * 0 + 7, "symbol by symbol"),
        (ADAM, lambda m, v, t, r: -right_adam(m, v, t, r), "sign"),
        (ADAM, lambda m, v, t, r: -r * m / (np.sqrt(v) + 1e-8), "exponent is missing"),
        (ADAM, lambda m, v, t, r: -r * m / (1 - 0.9**t) / (np.sqrt(v) + 1e-8), "square needs"),
        (ADAM, lambda m, v, t, r: -r * m / (np.sqrt(v / (1 - 0.99**t)) + 1e-8), "mean needs"),
        (ADAM, lambda m, v, t, r: -r * m / (1 - 0.9**t) / (v / (1 - 0.99**t) + 1e-8), "square root"),
        (ADAM, lambda m, v, t, r: -r * m / 0.1 / (np.sqrt(v / 0.01) + 1e-8), "exponent is missing"),
        (ADAM, lambda m, v, t, r: -r * m / (1 - 0.99**t) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8), "belongs"),
        (ADAM, lambda m, v, t, r: right_adam(m, v, t, 1), "rate is missing"),
        (RATE, lambda t, n, r: r * (1 + np.cos(np.pi * t / n)) / 2, "falls to 0"),
        (RATE, lambda t, n, r: r * (0.1 + (1 + np.cos(np.pi * t / n)) / 2), "1.1 times"),
        (RATE, lambda t, n, r: r * (0.1 + 0.9 * (1 - np.cos(np.pi * t / n)) / 2), "rises"),
        (RATE, lambda t, n, r: r * (0.1 + 0.9 * np.cos(np.pi * t / n)), "ends at −1"),
        (RATE, lambda t, n, r: r * (0.1 + 0.9 * (1 + np.cos(2 * np.pi * t / n)) / 2), "Half a wave"),
        (RATE, lambda t, n, r: r * (0.1 + 0.9 * (1 - t / n)), "straight line"),
        (RATE, lambda t, n, r: right_rate(t, n, 1), "Multiply by the rate"),
    ],
)
def test_the_usual_mistakes_are_named(check, answer, hint):
    verdict = check(answer)
    assert not verdict.passed
    assert hint in repr(verdict)
