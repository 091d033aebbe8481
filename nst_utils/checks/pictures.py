"""Checks of notebook 00: how a picture is stored."""

import numpy as np

from .verdict import call, check, compare, right, show, wrong


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
        return wrong("values up to 1", f"values up to {show(answer.max())}", "Divide by 255.")
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
    praise = "blue and red changed places, and 255 became 1.0"
    return compare(function, (array,), expected, mistakes, praise)


@check
def check_brighten(function):
    """Notebook 00: a function from a uint8 array and an amount to the brighter array, without wrapping."""
    array = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    for amount in (80, -50):
        brighter, levels = call(function, array, amount), array.astype(int)
        if brighter.dtype != np.uint8:
            return wrong("uint8", brighter.dtype, "Finish with .astype(np.uint8), after the clipping.")
        if brighter.shape != array.shape:
            return wrong(f"the shape {array.shape}", brighter.shape, "Every value stays where it is.")
        if brighter.max() <= 1:
            hint = "The result has 8 bits: 0 to 255, not 0 to 1."
            return wrong("values up to 255", f"values up to {brighter.max()}", hint)
        expected = np.clip(levels + amount, 0, 255)
        error = brighter - expected
        if error.any():
            mistakes = (
                (brighter == (levels + amount) % 256, "It wrapped around: convert to int, add, then clip."),
                (brighter == np.clip(levels + abs(amount), 0, 255), "A negative amount makes it darker."),
                (np.abs(error) <= 1, "astype cuts decimals off: round a float with np.rint first."),
            )
            hint = next((hint for same, hint in mistakes if same.all()), "Add first, then clip to 0 and 255.")
            place = np.unravel_index(np.abs(error).argmax(), error.shape)
            task = f"{array[place]} + {amount}".replace("+ -", "- ")
            return wrong(f"{expected[place]} for {task}", brighter[place], hint)
    return right("more room, add, clip, back to 8 bits")
