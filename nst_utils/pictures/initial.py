"""Where a run starts: the content, noise, the style, a blurred content, or a picture of one's own."""

import numpy as np

from ..base.arguments import check_int
from . import images

INITIAL_PICTURES = ("content", "noise", "style", "blurred content")
BLUR = 16  # the blurred content has lost what is smaller than about so many pixels


def initial_picture(initial, content, style, seed=0):
    """Make the picture that a run starts from.

    Parameters
    ----------
    initial : {"content", "noise", "style", "blurred content"} or picture
        ``"noise"`` draws every value uniformly from [0, 1]. ``"style"`` is the style picture, cut around
        its middle to the content's aspect. A picture of another size than the content's is resized.
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    seed : int, optional
        Seed of the noise.

    Returns
    -------
    numpy.ndarray
        A picture of the content's size.

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones. For a seed that is no whole number.
    nst_utils.ImageError
        For something that is neither a name nor a picture.
    """
    content, style = images.check_picture(content, "content"), images.check_picture(style, "style")
    shape = content.shape[:2]
    initial = check_initial(initial)
    if not isinstance(initial, str):
        return images.resize(initial, shape)
    if initial == "content":
        return content
    if initial == "noise":
        check_int("seed", seed, least=0)
        return np.random.default_rng(seed).random(content.shape, np.float32)
    if initial == "style":
        return images.resize(_cut_to_aspect(style, shape), shape)
    small = tuple(max(1, round(side / BLUR)) for side in shape)  # "blurred content"
    return images.resize(images.resize(content, small), shape)


def check_initial(initial):
    """Return a known name, or a checked picture; raise as :func:`initial_picture` does for anything else."""
    if not isinstance(initial, str):
        return images.check_picture(initial, "initial")
    if initial not in INITIAL_PICTURES:
        names = ", ".join(INITIAL_PICTURES)
        raise ValueError(f"initial is {initial!r}; give a picture or one of {names}.")
    return initial


def _cut_to_aspect(picture, shape):
    height, width = picture.shape[:2]
    scale = min(height / shape[0], width / shape[1])
    new_height, new_width = (max(1, round(side * scale)) for side in shape)
    top, left = (height - new_height) // 2, (width - new_width) // 2
    return picture[top : top + new_height, left : left + new_width]
