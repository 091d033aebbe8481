"""before_after: one picture pulled over another."""

import ipywidgets
import numpy as np

from ..base.types import Picture
from ..pictures.arrays import check_picture, resize
from . import panels
from .demo import Demo, Still, unattended

HEIGHT = 420
SEAM = 3  # pixels of the white line between the two
TRACK = 6  # pixels from the edge of a slider to its track, in ipywidgets 7 and 8


def draw_seam(before, after, labels, share):
    """Draw the left part of one picture, ``share`` of the width, and the right part of the other.

    Both are uint8, of one shape; so is the figure, but for its title.
    """
    width = before.shape[1]
    seam = round(share * width)
    mixed = np.where(np.arange(width)[:, np.newaxis] < seam, before, after)
    if 0 < seam < width:
        mixed[:, max(seam - SEAM // 2 - 1, 0) : seam + SEAM // 2] = 255
    return panels.panel(mixed, f"◀ {labels[0]}", len(mixed), right=f"{labels[1]} ▶")


def before_after(before: Picture, after: Picture, labels: tuple[str, str] = ("before", "after")) -> Still:
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
    Still
        To be the last value of a cell: a control ``"share"``, the part of the width that ``before`` takes, or
        both pictures side by side where there is no front end.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    """
    left, right = labels
    after = check_picture(after, "after")
    before = resize(check_picture(before, "before"), after.shape[:2])
    first, second = panels.scaled(before, HEIGHT), panels.scaled(after, HEIGHT)
    if unattended():
        parts = [panels.panel(first, left, HEIGHT), panels.panel(second, right, HEIGHT)]
        return Still(panels.row(parts), f"{left} and {right}, side by side")
    # The handle stands under the seam: the track, within the slider's margins, is as wide as the picture
    layout = {"width": f"{second.shape[1] + 2 * TRACK}px", "margin": f"0 0 2px {2 + panels.RIM - TRACK}px"}
    share = ipywidgets.FloatSlider(value=0.5, min=0.0, max=1.0, step=0.02, readout=False, layout=layout)
    demo = Demo(
        draw_seam(first, second, labels, 0.5),
        f"{left} to the left of a seam, {right} to the right",
        "move the slider: the seam goes over an edge, then over a plain surface. Which changed more?",
        {"share": share},
    )
    hint, *_ = demo.panel.children
    demo.box.children = [ipywidgets.VBox([hint, demo.image, share, demo.status])]
    demo.follow(lambda share: draw_seam(first, second, labels, share))
    return demo
