"""Masks: how much each place of a picture counts, from 0 to 1; and lists of pictures, one for each mask."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..base.arguments import describe_value
from ..base.types import Picture
from .arrays import ImageError, as_numeric_array, check_picture, check_range, resize


def check_mask(mask: ArrayLike, shape: tuple[int, ...], name: str = "mask") -> NDArray[np.float32]:
    """Return a mask for a picture of this shape, brought to its size, or raise an error with the next step.

    Parameters
    ----------
    mask : array
        ``(height, width)`` of floats in [0, 1], or of truth values; of any size of the same proportions.
    shape : tuple of int
        That of the picture.
    name : str
        What the message calls the mask.

    Raises
    ------
    ImageError
        For another kind, for other proportions, and for a mask that is 0 everywhere.

    Examples
    --------
    >>> print(check_mask([[True, False]], (2, 4, 3))[0])
    [1. 1. 0. 0.]
    """
    array, (height, width) = as_numeric_array(mask, name), shape[:2]
    if array.ndim != 2 or array.size == 0:
        advice = "take one channel, such as mask[..., 0]" if array.ndim == 3 else "give (height, width)"
        raise ImageError(f"{name} has the shape {array.shape}; {advice}.")
    if array.dtype.kind not in "bf":
        raise ImageError(f"{name} holds {array.dtype}, not floats from 0 to 1; divide by the largest value.")
    rows, columns = array.shape
    if abs(rows * width - columns * height) > max(rows, columns, height, width):  # more than rounding
        raise ImageError(
            f"{name} has {columns} × {rows} places, its picture {width} × {height} pixels; give it the same"
            " proportions."
        )
    array = check_range(array.astype(np.float32), name)
    if not array.any():
        raise ImageError(f"{name} is 0 everywhere, so it marks no place; set some of it to 1.")
    is_as_large = array.shape == (height, width)
    return array if is_as_large else cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA)


def check_pictures(pictures: "Picture | Sequence[Picture]", name: str) -> list[Picture]:
    """Return a list of pictures, of one if it is given alone; or raise :class:`ImageError`."""
    if not isinstance(pictures, (list, tuple)) or np.ndim(pictures[:1]) == 3:
        return [check_picture(pictures, name)]
    if not pictures:
        raise ImageError(f"{name} is an empty list; give at least one picture.")
    return [check_picture(picture, f"{name}[{n}]") for n, picture in enumerate(pictures)]


def check_masks(
    masks: NDArray | Sequence[NDArray] | None, pictures: Sequence[Picture], name: str
) -> list[NDArray[np.float32]] | None:
    """Return one mask for each of these pictures, or None for none; or raise :class:`ImageError`.

    A mask for one picture alone needs no list.
    """
    if masks is None:
        return None
    masks = [masks] if isinstance(masks, np.ndarray) and masks.ndim == 2 else masks
    is_list = isinstance(masks, (list, tuple, np.ndarray))
    if not is_list or len(masks) != len(pictures):
        found = f"a list of {len(masks)}" if is_list else describe_value(masks)
        raise ImageError(f"{name} is {found}; give one mask for each painting, {len(pictures)} in all.")
    is_one = len(masks) == 1
    return [
        check_mask(mask, picture.shape, name if is_one else f"{name}[{n}]")
        for n, (mask, picture) in enumerate(zip(masks, pictures, strict=True))
    ]


def share_places(masks: Sequence[NDArray]) -> NDArray[np.float32]:
    """Stack masks of one size; where they add up to more than 1, they share the place."""
    stack = np.stack(masks)
    return stack / np.maximum(stack.sum(axis=0), 1)


def keep_outside(picture: Picture, content: Picture, masks: Sequence[NDArray] | None) -> Picture:
    """Return a picture with the content's pixels where no mask is; both are resized to the picture."""
    if masks is None:
        return picture
    kept = np.any([check_mask(mask, picture.shape) for mask in masks], axis=0)[..., np.newaxis]
    return np.where(kept, picture, resize(content, picture.shape[:2]))
