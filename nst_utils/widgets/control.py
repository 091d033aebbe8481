"""region_painter: a painting chosen for each region of a photo, and the picture that it leads to."""

from collections.abc import Iterator, Sequence

import cv2
import ipywidgets
import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from ..base.arguments import describe_value
from ..base.types import Picture
from ..control import find_regions, starting_picture
from ..features import FeatureExtractor
from ..loop import LEARNING_RATES, PictureOptimizer
from ..losses import CONTENT_LAYERS, STYLE_LAYERS, StyleTransferLoss
from ..pictures.arrays import check_picture, resize
from ..pictures.masks import check_mask, keep_outside
from ..plots.theme import LINE_COLORS
from . import panels
from .demo import PaintingDemo, Still, slider, unattended
from .fast import check_paintings
from .losses import STEPS, iterates

PHOTO = "the photo"  # chosen for a region that is not painted
STILL_STEPS = 15
HEIGHT, WIDTH = 300, 410  # of each of two pictures, at most: with three choices it fits 720 pixels
COLORS = [ImageColor.getrgb(color) for color in LINE_COLORS[1:]]


class RegionPainter:
    """A photo with its regions, and paintings by name."""

    def __init__(self, photo, paintings, masks, size):
        self.paintings = {name: resize(p, size) for name, p in check_paintings(paintings, PHOTO).items()}
        self.photo = resize(check_picture(photo, "photo"), size)
        masks = find_regions(self.photo, 3) if masks is None else masks
        if not isinstance(masks, (list, tuple, np.ndarray)) or not len(masks):
            raise ValueError(f"masks is {describe_value(masks)}; give a list of masks (height, width).")
        self.masks = [check_mask(mask, self.photo.shape, f"masks[{n}]") for n, mask in enumerate(masks)]
        # Built in the caller's thread: Keras has one number format for all threads
        self._extractor = FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, precision="auto")

    def beginning(self):
        """Return what is chosen first, region to name: two paintings, then the photo."""
        names = [*self.paintings][:2] + [PHOTO] * len(self.masks)
        return {f"region {n + 1}": name for n, (name, _) in enumerate(zip(names, self.masks, strict=False))}

    def paint(self, choices: dict[str, str], steps: int = STEPS) -> Iterator[tuple[Picture, str]]:
        """Do what ``stylize`` does, with a painting for each region; yield each picture and its title."""
        chosen = [pair for pair in zip(choices.values(), self.masks, strict=True) if pair[0] != PHOTO]
        if not chosen:
            yield self.photo, "no region is painted"
            return
        styles, masks = [self.paintings[name] for name, _ in chosen], [mask for _, mask in chosen]
        shares = [1 / len(styles)] * len(styles)
        start = starting_picture("recolored content", self.photo, styles, shares=shares, masks=masks)
        start = keep_outside(start, self.photo, masks)
        yield start, "where it starts"
        loss = StyleTransferLoss(self._extractor, self.photo, styles, mask=masks)
        descent = PictureOptimizer(loss, start, "adam", steps, LEARNING_RATES["adam"], "cosine")
        for iterate in iterates(descent, steps):
            yield keep_outside(iterate.picture, self.photo, masks), f"step {iterate.step} of {steps}"

    def draw(self, choices, picture, title):
        """Draw the photo with its regions, named, and a picture."""
        tall, wide = self.photo.shape[:2]
        height = min(HEIGHT, round(WIDTH * tall / wide))
        parted = panels.scaled(self.photo, height).copy()
        insides = [cv2.resize(mask, parted.shape[1::-1]) > 0.5 for mask in self.masks]
        # From each pixel to the region's edge, the picture's own among them
        depths = [cv2.distanceTransform(np.pad(i, 1).astype(np.uint8), cv2.DIST_L2, 5) for i in insides]
        for number, depth in enumerate(depths):
            is_line = (depth > 0) & (depth <= 3)  # inside, so that those of two neighbors are both seen
            parted[is_line[1:-1, 1:-1]] = COLORS[number % len(COLORS)]
        for depth, (region, name) in zip(depths, choices.items(), strict=True):
            panels.label(parted, f"{region}\n{name}", *np.unravel_index(depth.argmax(), depth.shape))
        parts = [(parted, "the regions of the photo"), (picture, title)]
        return panels.row([panels.panel(pixels, above, height) for pixels, above in parts])

    def still(self):
        """Draw what the first choice leads to."""
        *_, (picture, _) = self.paint(self.beginning(), STILL_STEPS)
        return self.draw(self.beginning(), picture, f"painted, {STILL_STEPS} steps")


class RegionDemo(PaintingDemo):
    """The demo of :func:`region_painter`: a painter in the background, and a choice for each region."""

    def __init__(self, painter):
        self._painter, choices = painter, painter.beginning()
        options = [PHOTO, *painter.paintings]
        super().__init__(
            painter.draw(choices, painter.photo, "the photo, to be painted"),
            "Region painter: a photo with its regions, and the picture with a painting for each of them",
            "give two regions one painting: does the border go away? Then exchange the paintings of two"
            " regions. Each choice starts again from the photo.",
            {
                name: slider(ipywidgets.Dropdown, name, value, options=options)
                for name, value in choices.items()
            },
        )

    def paint(self):
        """Show each step, then yield; runs in the background."""
        choices = {name: control.value for name, control in self.controls.items()}
        for picture, title in self._painter.paint(choices):
            self.show(self._painter.draw(choices, picture, title))
            yield


def region_painter(
    photo: Picture,
    paintings: dict[str, Picture],
    masks: Sequence[NDArray] | None = None,
    size: int = 128,
) -> Still:
    """Choose a painting for each region of a photo, and watch them being painted.

    Parameters
    ----------
    photo : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    paintings : dict of str to picture
        Name to painting.
    masks : sequence of arrays, optional
        ``(height, width)``, from 0 to 1: the regions. By default three that :func:`nst_utils.find_regions`
        finds.
    size : int, optional
        Longer side in pixels at which all are used.

    Returns
    -------
    Still
        To be the last value of a cell: for each region, ``"region 1"`` and so on, a choice of a painting or
        ``"the photo"``, and a button that starts and stops. The steps run in a thread. A choice starts again
        from the photo, and after 30 steps it ends by itself. Where there is no front end, a figure of the
        first choice.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture or a mask.
    ValueError
        When there is no painting, or one that is called "the photo", and when there are no masks.
    """
    painter = RegionPainter(photo, paintings, masks, size)
    if unattended():
        return Still(painter.still(), "Region painter: a photo with its regions, and two of them painted")
    return RegionDemo(painter)
