"""before_after: one picture pulled over another."""

import ipywidgets
import numpy as np

from ..base.arguments import describe_value
from ..pictures import images
from . import panels
from .demo import Demo, Still, slider, unattended

HEIGHT = 420
SEAM = 3  # pixels of the white line between the two


def draw_seam(before, after, labels, share):
    """Draw the left part of one picture and the right part of the other.

    Parameters
    ----------
    before, after : numpy.ndarray
        uint8, of one shape.
    labels : (str, str)
    share : float
        Of the width that ``before`` takes, 0 to 1.

    Returns
    -------
    numpy.ndarray
        The figure.
    """
    width = before.shape[1]
    seam = round(share * width)
    mixed = np.where(np.arange(width)[:, np.newaxis] < seam, before, after)
    if 0 < seam < width:
        mixed[:, max(seam - SEAM // 2 - 1, 0) : seam + SEAM // 2] = 255
    return panels.panel(mixed, f"◀ {labels[0]}", len(mixed), right=f"{labels[1]} ▶")


def before_after(before, after, labels=("before", "after")):
    """Compare two pictures with a slider.

    Parameters
    ----------
    before, after : picture
        ``(height, width, 3)``, RGB, values in [0, 1]. If they differ in size, ``before`` is resized to
        the size of ``after``.
    labels : (str, str), optional
        What the left and the right one are called.

    Returns
    -------
    object
        To be the last value of a cell: a control ``"share"``, the part of the width that ``before`` takes, or
        both pictures side by side where nobody listens.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    ValueError
        For other labels than two texts.
    """
    is_pair = isinstance(labels, (tuple, list)) and len(labels) == 2
    if not is_pair or not all(isinstance(label, str) for label in labels):
        raise ValueError(f'labels is {describe_value(labels)}; give two texts, such as ("photo", "painted").')
    after = images.check_picture(after, "after")
    before = images.resize(images.check_picture(before, "before"), after.shape[:2])
    pair = [panels.scaled(images.to_uint8(picture), HEIGHT) for picture in (before, after)]
    if unattended():
        parts = [panels.panel(pixels, label, HEIGHT) for pixels, label in zip(pair, labels, strict=True)]
        return Still(panels.row(parts), f"{labels[0]} and {labels[1]}, side by side")
    share = slider(ipywidgets.FloatSlider, labels[0], 0.5, min=0.0, max=1.0, step=0.02, readout_format=".0%")
    demo = Demo(
        draw_seam(*pair, labels, 0.5),
        f"{labels[0]} to the left of a seam, {labels[1]} to the right",
        "pull the seam slowly over an edge, then over a plain surface. Which of the two changed more?",
        {"share": share},
    )
    demo.follow(lambda share: draw_seam(*pair, labels, share))
    return demo
