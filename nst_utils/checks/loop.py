"""Checks of notebook 04: momentum, Adam's update, the falling rate."""

from functools import partial

import numpy as np

from .verdict import call, call_for_numbers, check, compare

_GRADIENT = np.array([0.5, -2.0, 0.04, 3.0])
_compare = partial(
    compare, shape_hint="Return one array.", otherwise="Compare with the formula, symbol by symbol."
)


@check
def check_momentum(function):
    """Notebook 04: ``(velocity, gradient, rate, momentum) → velocity`` of the next step."""
    velocity, rate, momentum = np.array([0.1, 0.3, -0.2, 0.0]), 0.2, 0.9
    expected = momentum * velocity - rate * _GRADIENT
    mistakes = (
        (-expected, "The sign: the velocity goes down the slope, against the gradient."),
        (momentum * velocity + rate * _GRADIENT, "Minus the gradient: down, not up."),
        (momentum * (velocity - rate * _GRADIENT), "Only the old velocity is damped by the momentum."),
        (momentum * velocity - (1 - momentum) * _GRADIENT, "No average: the rate weighs the gradient."),
        (momentum * velocity - rate * (1 - momentum) * _GRADIENT, "This form has no factor 1 − momentum."),
        (momentum * velocity - _GRADIENT, "The rate is missing."),
        (velocity - rate * _GRADIENT, "The momentum is missing: the old velocity is damped by it."),
        (-rate * _GRADIENT, "This is plain descent: the old velocity is missing."),
    )  # fmt: skip
    answer = call(function, velocity, _GRADIENT, rate, momentum)
    return _compare(answer, expected, mistakes, "the old velocity, damped, and a step down the slope")


@check
def check_adam_update(function):
    """Notebook 04: ``(mean, square, step, rate) → change`` from Adam's moments, with bias correction."""
    mean, square, step, rate = 0.3 * _GRADIENT, 0.02 * _GRADIENT**2 + 1e-4, 3, 0.05
    corrected_mean, corrected_square = mean / (1 - 0.9**step), square / (1 - 0.99**step)
    expected = -rate * corrected_mean / (np.sqrt(corrected_square) + 1e-8)
    mistakes = (
        (-expected, "The sign: go against the mean of the gradients."),
        (-rate * mean / (np.sqrt(square) + 1e-8), "The correction or its exponent is missing: 1 − β^step."),
        (-rate * corrected_mean / (np.sqrt(square) + 1e-8), "The square needs its correction too, with β₂."),
        (-rate * mean / (np.sqrt(corrected_square) + 1e-8), "The mean needs its correction too, with β₁."),
        (-rate * corrected_mean / (corrected_square + 1e-8), "Take the square root of the corrected square."),
        (-rate * (mean / (1 - 0.99**step)) / (np.sqrt(square / (1 - 0.9**step)) + 1e-8),
         "β₁ = 0.9 belongs to the mean, β₂ = 0.99 to the square."),
        (-corrected_mean / (np.sqrt(corrected_square) + 1e-8), "The rate is missing."),
    )  # fmt: skip
    answer = call(function, mean, square, step, rate)
    return _compare(answer, expected, mistakes, "both moments corrected, then their ratio")


@check
def check_cosine_rate(function):
    """Notebook 04: ``(step, steps, rate) → rate`` that falls from ``rate`` to a tenth along a cosine."""
    steps, rate = 80, 0.05
    places = np.array([0, 20, 40, 60, 80])
    wave = (1 + np.cos(np.pi * places / steps)) / 2
    expected = rate * (0.1 + 0.9 * wave)
    mistakes = (
        (rate * wave, "It falls to 0; it should end at a tenth of the rate."),
        (rate * (0.1 + wave), "It begins at 1.1 times the rate: only nine tenths of it fall."),
        (rate * (0.1 + 0.9 * (1 - wave)), "It rises: look at the cosine at step 0."),
        (rate * (0.1 + 0.9 * np.cos(np.pi * places / steps)), "The cosine ends at −1: (1 + cos) / 2."),
        (rate * (0.1 + 0.9 * (1 + np.cos(2 * np.pi * places / steps)) / 2), "Half a wave: π at the end."),
        (rate * (0.1 + 0.9 * (1 - places / steps)), "This is a straight line."),
        (0.1 + 0.9 * wave, "Multiply by the rate."),
    )  # fmt: skip
    answers = call_for_numbers(function, *((int(step), steps, rate) for step in places))
    return _compare(answers, expected, mistakes, "slow, fast, slow again")
