"""Checks of notebook 00: how a picture is stored."""

import numpy as np

from .verdict import NOT_SOLVED, call, is_unsolved, right, wrong


def check_from_opencv(function):
    """Notebook 00: a function from OpenCV's array ``(h, w, 3)``, BGR, uint8, to a picture."""
    array = np.zeros((2, 3, 3), np.uint8)
    array[0, 0], array[1, 2] = (255, 128, 0), (10, 20, 30)
    expected = array[..., ::-1].astype(np.float32) / 255
    answer = call(function, array)
    if is_unsolved(answer):
        return NOT_SOLVED
    answer = np.asarray(answer)
    if answer.shape != expected.shape:
        return wrong(f"the shape {expected.shape}", answer.shape, "Every pixel stays where it is.")
    if answer.max() > 1:
        return wrong("values up to 1", f"values up to {answer.max()}", "Divide by 255.")
    if answer.dtype != np.float32:
        hint = "A picture is float32: convert with .astype(np.float32)" + (
            ", and divide after that." if answer.dtype.kind in "iu" else "."
        )
        return wrong("float32", answer.dtype, hint)
    for mistake, hint in (
        (array / 255, "These are still BGR: reverse the last axis."),
        (array[::-1] / 255, "The rows are reversed, not the channels: [::-1] acts on the first axis."),
        (array[::-1, ::-1, ::-1] / 255, "All three axes are reversed; only the last one should be."),
        (array[:, ::-1] / 255, "The columns are reversed: the picture is mirrored. Reverse the last axis."),
    ):
        if np.allclose(answer, mistake, atol=1e-6):
            return wrong(expected[0, 0], answer[0, 0], hint)
    if not np.allclose(answer, expected, atol=1e-6):
        return wrong(expected[0, 0], answer[0, 0], "Two things to do: reverse the last axis, divide by 255.")
    return right("correct: blue and red changed places, and 255 became 1.0")


def check_to_8_bit(function):
    """Notebook 00: a function from floats, nominally in [0, 1], to uint8 in 0 to 255."""
    values = np.array([0.0, 0.2, 0.499, 0.999, 1.0, 1.02, -0.01], np.float32)
    expected = np.array([0, 51, 127, 255, 255, 255, 0], np.uint8)
    answer = call(function, values)
    if is_unsolved(answer):
        return NOT_SOLVED
    answer = np.asarray(answer)
    if answer.dtype != np.uint8:
        return wrong("uint8", answer.dtype, "Finish with .astype(np.uint8).")
    if answer[3] == 254:
        return wrong("255 for 0.999", 254, "astype cuts the fraction off, which darkens: np.rint first.")
    if answer[4] in (0, 1):
        return wrong("255 for 1.0", answer[4], "Multiply by 255.")
    if answer[5] != 255:
        return wrong("255 for 1.02", answer[5], "The value wrapped around: np.clip to [0, 1] first.")
    if answer[6] != 0:
        return wrong("0 for -0.01", answer[6], "The value wrapped around: np.clip to [0, 1] first.")
    if not np.array_equal(answer, expected):
        return wrong(expected, answer, "Three things in this order: clip, times 255, round.")
    return right("correct: clipped, scaled, rounded")
