"""Checks of notebook 04: momentum, Adam's update, the falling rate."""

import numpy as np

from .verdict import check, compare

_GRADIENT = np.array([0.5, -2.0, 0.04, 3.0])


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
        (rate * velocity - momentum * _GRADIENT, "Rate and momentum are swapped."),
        (-rate * (momentum * velocity + _GRADIENT), "The old velocity is not multiplied by the rate."),
    )  # fmt: skip
    praise = "the old velocity, damped, and a step down the slope"
    return compare(function, (velocity, _GRADIENT, rate, momentum), expected, mistakes, praise)


@check
def check_adam_update(function):
    """Notebook 04: ``(mean, square, step, rate) → change`` from Adam's moments, with bias correction."""
    step, rate = 3, 0.05
    mean = np.array([0.15, -0.6, 0.012, 2e-8])  # the last: hardly any gradient, so that ε counts
    square = np.array([0.005, 0.08, 1e-4, 1e-16])
    corrected_mean, corrected_square = mean / (1 - 0.9**step), square / (1 - 0.99**step)
    root, late_epsilon = np.sqrt(corrected_square), 1e-8 / np.sqrt(1 - 0.99**step)

    def change(step=step, second=0.99, epsilon=1e-8):
        return -rate * mean / (1 - 0.9**step) / (np.sqrt(square / (1 - second**step)) + epsilon)

    expected = change()
    mistakes = (
        (-expected, "The sign: go against the mean of the gradients."),
        (-rate * mean / (np.sqrt(square) + 1e-8), "The correction is missing: divide by 1 − β^step."),
        (change(step=1), "The exponent of the correction is missing: 1 − β^step."),
        (-rate * corrected_mean / (np.sqrt(square) + 1e-8), "The square needs its correction too, with β₂."),
        (-rate * mean / (np.sqrt(corrected_square) + 1e-8), "The mean needs its correction too, with β₁."),
        (-rate * corrected_mean / (corrected_square + 1e-8), "Take the square root of the corrected square."),
        (-rate * (mean / (1 - 0.99**step)) / (np.sqrt(square / (1 - 0.9**step)) + 1e-8),
         "β₁ = 0.9 belongs to the mean, β₂ = 0.99 to the square."),
        (expected / rate, "The rate is missing."),
        (change(second=0.999), "β₂ is 0.99 here, not 0.999."),
        (np.full(4, np.nan), "The root of something negative: take 0.9**step, not 0.9 * step."),
        (change(step + 1), "The exponent is step itself: it counts from 1."),
        (change(step - 1), "The exponent is step itself: it counts from 1."),
        (change(epsilon=0), "ε = 1e-8 is missing, or too small: add it to the root."),
        (change(epsilon=1e-7), "ε is 1e-8 here, not 1e-7."),
        (-rate * corrected_mean / np.sqrt(corrected_square + 1e-8), "Add ε to the root, not below it."),
        (-rate * corrected_mean / (root + late_epsilon), "Correct the square first, then add ε."),
    )  # fmt: skip
    praise = "both moments corrected, then their ratio"
    return compare(function, (mean, square, step, rate), expected, mistakes, praise)


@check
def check_cosine_rate(function):
    """Notebook 04: ``(step, steps, rate) → rate`` that falls from ``rate`` to a tenth along a cosine."""
    steps, rate = 80, 0.05
    places = np.array([0, 20, 40, 60, 80])

    def wave(half=np.pi):
        return (1 + np.cos(half * places / steps)) / 2

    def falling(wave):
        return rate * (0.1 + 0.9 * wave)

    expected = falling(wave())
    mistakes = (
        (rate * wave(), "It falls to 0; it should end at a tenth of the rate."),
        (rate * (0.1 + wave()), "It begins at 1.1 times the rate: only nine tenths of it fall."),
        (falling(1 - wave()), "It rises: look at the cosine at step 0."),
        (falling(np.cos(np.pi * places / steps)), "The cosine ends at −1: (1 + cos) / 2."),
        (falling(wave(2 * np.pi)), "This is a whole wave: half a wave has π at the end."),
        (falling(wave(np.pi / 2)), "This is a quarter of a wave: half a wave has π at the end."),
        (falling(2 * wave(np.pi / 2) - 1), "This is a quarter of a wave: half a wave has π at the end."),
        (falling(2 * wave()), "The half is missing: (1 + cos) / 2."),
        (falling(wave(1)), "π is missing: the cosine of π · step / steps."),
        (falling(wave(180)), "np.cos takes radians: π, not 180 degrees."),
        (falling(1 - places / steps), "This is a straight line."),
        (expected / rate, "Multiply by the rate."),
    )  # fmt: skip
    inputs = [(int(step), steps, rate) for step in places]
    return compare(function, inputs, expected, mistakes, "slow, fast, slow again")
