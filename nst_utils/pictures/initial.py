"""Where a run starts: the content, in its own colors or the style's, sharp or blurred, and other pictures."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from ..base.arguments import check_choice, check_int
from ..base.types import Initial, Picture
from .arrays import check_picture, resize
from .colors import match_colors

INITIAL_PICTURES = get_args(Initial)
BLUR = 16  # the blurred content has lost what is smaller than about so many pixels


def initial_picture(
    initial: Initial | Picture,
    content: Picture,
    style: Picture,
    seed: int = 0,
    *,
    mask: NDArray | None = None,
    style_mask: NDArray | None = None,
) -> Picture:
    """Make the picture, of the content's size, that a run starts from.

    Parameters
    ----------
    initial : {"recolored content", "content", "blurred content", "style", "noise"} or picture
        ``"recolored content"`` has the style's colors, :func:`nst_utils.match_colors`: one palette all over,
        from the first step. ``"blurred content"`` has lost what is smaller than about 16 pixels. ``"style"``
        is the style picture, cropped around its center to the content's aspect. ``"noise"`` draws every
        value uniformly from [0, 1]. A picture of another size than the content's is resized.
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    seed : int, optional
        Seed of the noise, 0 or more.
    mask, style_mask : array, optional
        ``(height, width)``, from 0 to 1: where in the content and in the style to look for the colors.

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)`` of the content, float32, values in [0, 1].

    Raises
    ------
    ValueError
        For an unknown name, or a seed that is no integer.
    nst_utils.ImageError
        For something that is not a picture.

    Examples
    --------
    >>> from nst_utils import painting, photo
    >>> content, style = photo("chelsea", 48), painting("mosaic", 48)
    >>> noise = initial_picture("noise", content, style, seed=1)
    >>> print(noise.shape, noise.mean().round(1))
    (32, 48, 3) 0.5
    """
    content, style = check_picture(content, "content"), check_picture(style, "style")
    shape = content.shape[:2]
    initial = check_initial(initial)
    if not isinstance(initial, str):
        return resize(initial, shape)
    if initial == "content":
        return content
    if initial == "recolored content":
        return match_colors(content, style, mask=mask, target_mask=style_mask)
    if initial == "noise":
        check_int("seed", seed, least=0)
        return np.random.default_rng(seed).random(content.shape, np.float32)
    if initial == "style":
        return resize(_crop_to_aspect(style, shape), shape)
    small = tuple(max(1, round(side / BLUR)) for side in shape)  # "blurred content"
    return resize(resize(content, small), shape)


def check_initial(initial):
    """Return a known name, or a checked picture; raise as :func:`initial_picture` does for anything else."""
    if not isinstance(initial, str):
        return check_picture(initial, "initial")
    check_choice("initial", initial, INITIAL_PICTURES)
    return initial


def _crop_to_aspect(picture, shape):
    height, width = picture.shape[:2]
    scale = min(height / shape[0], width / shape[1])
    new_height, new_width = (max(1, round(side * scale)) for side in shape)
    top, left = (height - new_height) // 2, (width - new_width) // 2
    return picture[top : top + new_height, left : left + new_width]
