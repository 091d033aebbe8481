"""Checks of notebook 00: how a picture is stored."""

import numpy as np

from .verdict import call, check, compare, right, wrong


@check
def check_from_opencv(function):
    """Notebook 00: a function from OpenCV's array ``(h, w, 3)``, BGR, uint8, to a picture."""
    array = np.zeros((2, 3, 3), np.uint8)
    array[0, 0], array[1, 2] = (255, 128, 0), (10, 20, 30)
    answer = call(function, array)
    if answer.shape != array.shape:
        hint = "Every pixel stays where it is, and the channels stay last."
        return wrong(f"the shape {array.shape}", answer.shape, hint)
    if answer.max() > 1:
        return wrong("values up to 1", f"values up to {answer.max()}", "Divide by 255.")
    if answer.dtype != np.float32:
        then = ", and divide after that." if answer.dtype.kind in "iu" else "."
        return wrong("float32", answer.dtype, "A picture is float32: convert with .astype(np.float32)" + then)
    mistakes = (
        (array / 255, "These are still BGR: reverse the last axis."),
        (array[..., ::-1] / 256, "Divide by 255: 255 must become 1.0."),
        (array[::-1] / 255, "The rows are reversed, not the channels: [::-1] acts on the first axis."),
        (array[::-1, ::-1, ::-1] / 255, "All three axes are reversed; only the last one should be."),
        (array[:, ::-1] / 255, "The columns are reversed: the picture is mirrored. Reverse the last axis."),
    )
    expected = array[..., ::-1] / 255
    hints = {"otherwise": "Two things to do: reverse the last axis, divide by 255."}
    return compare(answer, expected, mistakes, "blue and red changed places, and 255 became 1.0", **hints)


@check
def check_brighten(function):
    """Notebook 00: a function from a uint8 array and an amount to the brighter array, without wrapping."""
    array = np.array([0, 100, 200, 255, 30], np.uint8)
    brighter = call(function, array, 80)
    if brighter.dtype != np.uint8:
        return wrong("uint8", brighter.dtype, "Finish with .astype(np.uint8), after the clipping.")
    if brighter.shape != array.shape:
        return wrong(f"the shape {array.shape}", brighter.shape, "Every value stays where it is.")
    if brighter.max() <= 1:
        return wrong("180 for 100 + 80", brighter[1], "The result has 8 bits: 0 to 255, not 0 to 1.")
    if brighter[2] == 24:
        hint = "It wrapped around. The sum needs more room than 8 bits: convert before adding, clip after."
        return wrong("255 for 200 + 80", 24, hint)
    if not np.array_equal(brighter, [80, 180, 255, 255, 110]):
        return wrong("80 180 255 255 110", _join(brighter), "Add first, then clip to 0 and 255.")
    darker = call(function, array, -50)
    if darker.shape == array.shape and darker[0] == 206:
        return wrong("0 for 0 - 50", 206, "It wrapped around at the lower end: clip at 0, too.")
    if not np.array_equal(darker, [0, 50, 150, 205, 0]):
        hint = "A negative amount makes it darker and ends at 0."
        return wrong("0 50 150 205 0", _join(darker.ravel()), hint)
    return right("correct: more room, add, clip, back to 8 bits")


def _join(array):
    return " ".join(map(str, array))
