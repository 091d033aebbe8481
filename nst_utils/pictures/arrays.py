"""Pictures as arrays: checked, resized, converted to and from 8 bits.

A *picture* is a float32 array ``(height, width, 3)``, RGB, values in [0, 1]. OpenCV resizes, because it is
fast and averages properly when shrinking.
"""

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import MAX_PIXELS, describe_value
from ..base.types import Batch, Picture

SMALLEST_SIDE = 16  # pixels: below, VGG19's block5 (1/16 of the size) has not even one position
TOLERANCE = 1e-3  # floats this far outside [0, 1] are rounding, and clipped; farther is a mistake
WHITE = {"bool": 1, "uint8": 255, "uint16": 65535}  # types whose range is known


class ImageError(ValueError):
    """Something is not a usable picture; the message names it and the next step.

    It comes for files that are damaged, too small or no pictures, for arrays of another shape, type or range
    than a picture has, and for pictures and films that cannot be written. It is a ``ValueError``.
    :func:`nst_utils.load_image` converts most arrays that are refused elsewhere.
    """


def check_picture(picture: ArrayLike, name: str = "picture") -> Picture:
    """Return a picture as float32, or raise an error that says what is wrong with it.

    Parameters
    ----------
    picture : array
        ``(height, width, 3)``, floats in [0, 1]. Values up to 0.001 outside are clipped.
    name : str, optional
        What the message calls it.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)``, float32, values in [0, 1]: the given array if it was a picture.

    Raises
    ------
    nst_utils.ImageError
        For another shape or type, for values outside [0, 1], NaN or infinity.

    See Also
    --------
    nst_utils.load_image : Converts arrays of other types and shapes.

    Examples
    --------
    >>> check_picture(np.full((32, 48, 3), 128.0), "photo")
    Traceback (most recent call last):
    nst_utils.pictures.arrays.ImageError: photo has values from 128 to 128, not 0 to 1: divide by 255 first.
    """
    array = as_numeric_array(picture, name)
    if array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise ImageError(f"{name} has the shape {array.shape}; {_shape_advice(array.shape)}.")
    if array.dtype.kind != "f":
        raise ImageError(f"{name} holds {array.dtype}, not floats; convert it with load_image(array).")
    return check_range(array, name)


def to_batch(pictures: ArrayLike) -> Batch:
    """Return a picture, or a batch of pictures, as a checked float32 batch ``(batch, height, width, 3)``."""
    array = as_numeric_array(pictures, "picture")
    return np.stack([check_picture(a) for a in (array if array.ndim == 4 and len(array) else [array])])


def from_array(array: NDArray, name: str = "array") -> Picture:
    """Convert an array in any format that :func:`load_image` knows to a new picture."""
    array = as_numeric_array(array, name)
    array = array[0] if array.ndim == 4 and len(array) == 1 else array
    array = array[..., np.newaxis] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or array.size == 0:
        raise ImageError(f"{name} has the shape {array.shape}; {_shape_advice(array.shape)}.")
    if array.dtype.name in WHITE:
        array = array / np.float32(WHITE[array.dtype.name])
    elif array.dtype.kind == "f":
        array = check_range(array, name)
    else:
        advice = 'convert values from 0 to 255 with array.astype("uint8")'
        raise ImageError(f"{name} holds {array.dtype}; {advice}.")
    if array.shape[2] == 4:
        color, alpha = array[..., :3], array[..., 3:]
        array = color * alpha + (1 - alpha)
    return np.array(np.broadcast_to(array, (*array.shape[:2], 3)), order="C")


def resize(picture: NDArray, size: int | tuple[int, int]) -> Picture:
    """Return a resized copy of a picture, averaged where it shrinks, cubically interpolated where it grows.

    Parameters
    ----------
    picture : array
        ``(height, width, 3)``, values in [0, 1].
    size : int or (int, int)
        Longer side in pixels (the aspect is kept), or ``(height, width)``.

    Returns
    -------
    numpy.ndarray
        ``(new height, new width, 3)``, float32, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture, and for sizes below 1 or above 100 megapixels.

    Examples
    --------
    >>> resize(np.zeros((300, 400, 3)), 100).shape
    (75, 100, 3)
    """
    picture = check_picture(picture)
    height, width = picture.shape[:2]
    new_height, new_width = _target_shape(size, height, width)
    smaller = min(width, new_width), min(height, new_height)
    if smaller != (width, height):
        picture = cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA)
    if smaller != (new_width, new_height):
        picture = cv2.resize(picture, (new_width, new_height), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture, 0, 1)  # cubic interpolation overshoots at edges


def to_uint8(picture: NDArray) -> NDArray[np.uint8]:
    """Convert floats in [0, 1] to uint8: rounded, and clipped rather than wrapped.

    Parameters
    ----------
    picture : array
        Floats of any shape. Values outside [0, 1] become 0 or 255.

    Returns
    -------
    numpy.ndarray
        Of that shape, uint8, values from 0 to 255.

    Raises
    ------
    nst_utils.ImageError
        For integers and for NaN.

    See Also
    --------
    nst_utils.from_uint8 : The way back.

    Examples
    --------
    >>> to_uint8(np.array([0.0, 0.5, 1.2]))
    array([  0, 128, 255], dtype=uint8)
    """
    picture = np.asarray(picture)
    if picture.dtype.kind != "f" or np.isnan(picture).any():
        found = "NaN" if picture.dtype.kind == "f" else picture.dtype
        raise ImageError(f"Expected floats in [0, 1], but found {found}; check where the array comes from.")
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def from_uint8(array: NDArray) -> NDArray[np.float32]:
    """Convert uint8 to floats in [0, 1].

    Parameters
    ----------
    array : array
        uint8 of any shape, values from 0 to 255.

    Returns
    -------
    numpy.ndarray
        Of that shape, float32, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For other types.

    See Also
    --------
    nst_utils.to_uint8 : The way back.
    nst_utils.load_image : Converts arrays of other types, too.

    Examples
    --------
    >>> from_uint8(np.array([0, 51, 255], np.uint8)).tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    array = np.asarray(array)
    if array.dtype != np.uint8:
        raise ImageError(f"Expected uint8, but found {array.dtype}; use load_image for other arrays.")
    return array.astype(np.float32) / np.float32(255)


def as_numeric_array(source, name):
    """Return an array of numbers, or raise :class:`ImageError`."""
    try:
        array = np.asarray(source)
    except Exception as error:  # such as a tensor on a GPU, or rows of different lengths
        reason = str(error).rstrip(".")
        raise ImageError(f"{name} cannot be converted to an array: {reason}. Give a NumPy array.") from error
    if array.dtype.kind not in "biuf":
        raise ImageError(f"{name} is {describe_value(source)}; give an array, or a file to load_image.")
    return array


def check_range(array, name):
    """Return floats as float32 in [0, 1], the given array if they are so; or raise :class:`ImageError`."""
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ImageError(f"{name} holds NaN or infinite values; look for where they arose.")
    if low < -TOLERANCE or high > 1 + TOLERANCE:
        is_8_bit = low >= 0 and 2 < high <= 255
        advice = "divide by 255 first" if is_8_bit else "rescale them, or use np.clip(array, 0, 1)"
        raise ImageError(f"{name} has values from {low:.4g} to {high:.4g}, not 0 to 1: {advice}.")
    array = array if low >= 0 and high <= 1 else np.clip(array, 0, 1)
    return array.astype(np.float32, copy=False)


def _shape_advice(shape):
    if len(shape) == 4:
        return f"it is a batch of {shape[0]}: give one picture of it, such as batch[0]"
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return "its channels come first: transpose it with array.transpose(1, 2, 0)"
    return "check it: a picture has (height, width, 3), and load_image converts gray ones and alpha"


def _target_shape(size, height, width):
    """Return ``(height, width)`` for a size given as the longer side or as both."""
    sides = np.array([size] if np.isscalar(size) else size)
    if sides.dtype.kind not in "iu" or sides.shape not in ((1,), (2,)) or sides.min() < 1:
        advice = "give the longer side, or (height, width), in pixels"
        raise ImageError(f"size is {describe_value(size)}; {advice}.")
    factor = sides[0] / max(height, width)
    wanted = sides if len(sides) == 2 else (max(1, round(side * factor)) for side in (height, width))
    new_height, new_width = map(int, wanted)
    if new_width * new_height > MAX_PIXELS:
        raise ImageError(f"{new_width} × {new_height} pixels are too many; choose a smaller size.")
    return new_height, new_width
