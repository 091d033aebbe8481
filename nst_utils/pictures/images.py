"""Pictures in, pictures out.

A *picture* is a float32 NumPy array ``(height, width, 3)``, RGB, values in [0, 1]. Whatever else an
image may be (a file, a web address, bytes, 8-bit or 16-bit numbers) exists in this module and in
:mod:`nst_utils.pictures.decode` alone. OpenCV resizes, because it is fast and averages properly when shrinking.
"""

import contextlib
import os
import uuid
from numbers import Integral
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ..base.arguments import MAX_PIXELS, describe_value
from .decode import ImageError, check_pixels, decode_image, too_little_memory

SMALLEST_SIDE = 16  # pixels: below, VGG19's block5 (1/16 of the size) sees not even one position
TOLERANCE = 1e-3  # floats this far outside [0, 1] are rounding, and clipped; farther is a mistake
WHITE = {"bool": 1, "uint8": 255, "uint16": 65535}  # types whose range is known
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def load_image(source, size=None):
    """Load an image from nearly anything as a picture.

    Parameters
    ----------
    source : path, https address, bytes, binary file, array or PIL image
        Files are turned upright (EXIF) and taken at their first frame. Arrays are ``(h, w)``,
        ``(h, w, 1)``, ``(h, w, 3)`` or ``(h, w, 4)``, or a batch of one of these, of bool, uint8,
        uint16, or floats in [0, 1]; other integers are refused, since their range is unknown.
        Transparency is laid over white. Nothing given is changed or shared.
    size : int, optional
        Longer side of the picture in pixels; the aspect is kept. By default the size stays.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ImageError
        If there is no usable image; the message names the source and the next step.
    nst_utils.base.download.DownloadError
        If a web address cannot be read.
    MemoryError
        If the image is too large for the free memory.
    """
    name, array = decode_image(source)
    try:
        picture = _from_array(array, name)
    except MemoryError as error:
        raise MemoryError(too_little_memory(name)) from error
    _check_side(picture, name)
    if size is not None:
        picture = resize(picture, size)
        _check_side(picture, f"{name} at size {size}")
    return picture


def save_image(picture, path, quality=92):
    """Save a picture as PNG, JPEG or WebP, by the extension of the path.

    The file appears whole or not at all. Its folder must exist: a new folder made from a misspelled
    path would only hide the picture.

    Parameters
    ----------
    picture : array
        Picture ``(height, width, 3)``, values in [0, 1]; rounded to 8 bits.
    path : str or path
        Where to write; ``.png``, ``.jpg``, ``.jpeg`` or ``.webp``. An existing file is replaced.
    quality : int
        1 to 100, for JPEG and WebP.

    Returns
    -------
    pathlib.Path
        The path.

    Raises
    ------
    ImageError
        For something that is not a picture, and when the file cannot be written.
    """
    pixels = to_uint8(check_picture(picture))
    if not isinstance(path, (str, os.PathLike)):
        raise ImageError(f"path is {describe_value(path)}; give the name of the file to write, such as out.png.")
    path = Path(os.path.expanduser(path))
    file_format = FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise ImageError(f"{path}: choose one of the extensions {', '.join(FORMATS)}.")
    if isinstance(quality, bool) or not isinstance(quality, Integral) or not 1 <= quality <= 100:
        raise ImageError(f"quality is {describe_value(quality)}; choose 1 to 100.")
    if not path.parent.is_dir():
        raise ImageError(f"The folder {path.parent} does not exist; create it first.")
    part = path.parent / f".{uuid.uuid4().hex}.part"
    try:
        with open(part, "xb") as file:
            # Subsampling would blur the colors of brush strokes; PNG and WebP ignore the option.
            Image.fromarray(pixels).save(file, file_format, quality=quality, subsampling=0)
        os.replace(part, path)
    except (OSError, ValueError) as error:  # ValueError: larger than the format allows
        reason = getattr(error, "strerror", None) or error
        raise ImageError(
            f"{path} cannot be written ({reason}); choose another folder, name or format."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # it has been moved, or was never made
            part.unlink()
    return path


def resize(picture, size):
    """Resize a picture, averaging where it shrinks and with cubic interpolation where it grows.

    Parameters
    ----------
    picture : array
        Picture ``(height, width, 3)``, values in [0, 1].
    size : int or (int, int)
        Longer side in pixels (the aspect is kept), or ``(height, width)``.

    Returns
    -------
    numpy.ndarray
        A new picture, values in [0, 1].

    Raises
    ------
    ImageError
        For something that is not a picture, and for sizes below 1 or above 100 megapixels.
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


def to_uint8(picture):
    """Turn floats in [0, 1] into uint8 in 0 to 255: rounded, and clipped rather than wrapped.

    Accepts any shape, batches included; NaN and integers raise ``ImageError``.
    """
    picture = np.asarray(picture)
    if picture.dtype.kind != "f" or np.isnan(picture).any():
        found = "some are NaN" if picture.dtype.kind == "f" else f"these are {picture.dtype}"
        raise ImageError(f"Expected floats without NaN in [0, 1], but {found}; check where they come from.")
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def from_uint8(array):
    """Turn uint8 in 0 to 255 into float32 in [0, 1], any shape; else raise ``ImageError``."""
    array = np.asarray(array)
    if array.dtype != np.uint8:
        raise ImageError(f"Expected uint8 values, not {array.dtype}; use load_image for other arrays.")
    return array.astype(np.float32) / 255


def check_picture(picture, name="picture"):
    """Return a picture as float32, or say why it is none.

    Parameters
    ----------
    picture : array
        ``(height, width, 3)``, floats in [0, 1]. Values up to 0.001 outside are clipped.
    name : str
        What the message calls it.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, values in [0, 1]: the given array if it was one.

    Raises
    ------
    ImageError
        For another shape or type, for values outside [0, 1], NaN or infinity.
    """
    array = _as_array(picture, name)
    if array.ndim != 3 or array.shape[2] != 3 or array.size == 0:
        raise ImageError(f"{name} has the shape {array.shape}; {_shape_advice(array.shape)}.")
    if array.dtype.kind != "f":
        advice = "load_image(array) converts it: use that"
        advice = advice if array.dtype.name in WHITE else "divide it by its largest value first"
        raise ImageError(f"{name} holds {array.dtype}, not floats; {advice}.")
    return _unit_range(array, name)


def to_batch(picture_or_batch):
    """Return a picture, or a batch of pictures, as a checked float32 batch ``(batch, h, w, 3)``."""
    array = _as_array(picture_or_batch, "picture")
    pictures = array if array.ndim == 4 and len(array) else [array]
    return np.stack([check_picture(picture) for picture in pictures])


def _as_array(source, name=None):
    """Turn anything into an array of numbers; ``name`` is what a function that takes pictures calls it."""
    kind = type(source).__name__
    try:
        array = np.asarray(source)
    except Exception as error:  # such as a tensor on a GPU, or rows of different lengths
        reason = str(error).rstrip(".")
        raise ImageError(f"This {kind} cannot be made an array: {reason}. Give a NumPy array.") from error
    if array.dtype.kind not in "biuf":
        sources = "a path, an address or an array of numbers"
        if name is None:
            raise ImageError(f"A {kind} is no picture; give {sources}.")
        raise ImageError(f"{name}: a {kind} is no picture; use load_image, which makes one from {sources}.")
    return array


def _from_array(source, name):
    array = _as_array(source)
    array = array[0] if array.ndim == 4 and len(array) == 1 else array
    array = array[..., np.newaxis] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or array.size == 0:
        raise ImageError(f"{name} has the shape {array.shape}; {_shape_advice(array.shape)}.")
    height, width, channels = array.shape
    check_pixels(width, height, name)
    white = WHITE.get(array.dtype.name)
    if white:
        array = array / np.float32(white)
    elif array.dtype.kind == "f":
        array = _unit_range(array, name)
    else:
        raise ImageError(
            f'{name} holds {array.dtype} values; for 0 to 255 give array.astype("uint8").'
        )
    if channels == 4:
        color, alpha = array[..., :3], array[..., 3:]
        array = color * alpha + (1 - alpha)
    return np.array(np.broadcast_to(array, (height, width, 3)), order="C")


def _unit_range(array, name):
    """Return floats as float32 in [0, 1]; the given array if they are so already."""
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
    if len(shape) == 4 and shape[0] != 1:
        return f"it is a batch of {shape[0]}: give one picture of it, such as batch[0]"
    if len(shape) == 4:
        return "it is a batch of one: give batch[0]"
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        return "its channels come first: transpose it with array.transpose(1, 2, 0)"
    if 0 not in shape and (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 4))):
        return "a picture has (height, width, 3): take what load_image(array) makes of it"
    return "a picture has (height, width, 3): check where this comes from"


def _check_side(picture, name):
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        raise ImageError(
            f"{name} has {width} × {height} pixels; choose a larger image or size: both sides need"
            f" {SMALLEST_SIDE} at least."
        )


def _target_shape(size, height, width):
    """Return ``(height, width)`` for a size given as the longer side or as both."""
    alone = isinstance(size, Integral)
    sides = (size,) if alone else tuple(size) if isinstance(size, (list, tuple, np.ndarray)) else ()
    are_whole = all(isinstance(s, Integral) and not isinstance(s, bool) and s >= 1 for s in sides)
    if len(sides) != (1 if alone else 2) or not are_whole:
        raise ImageError(f"size is {describe_value(size)}; give the longer side, or (height, width), in pixels.")
    if alone:
        factor = size / max(height, width)
        sides = max(1, round(height * factor)), max(1, round(width * factor))
    new_height, new_width = int(sides[0]), int(sides[1])
    if new_width * new_height > MAX_PIXELS:
        pixels = f"{new_width} × {new_height} pixels"
        raise ImageError(f"A picture of {pixels} is too large; choose a smaller size.")
    return new_height, new_width
