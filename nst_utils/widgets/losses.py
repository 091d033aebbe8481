"""loss_mixer: three weights to move, and the picture that they lead to, step by step."""

from collections.abc import Iterator

import ipywidgets
import numpy as np

from ..base.tensorflow import tf
from ..base.types import Picture
from ..features import FeatureExtractor
from ..loop import LEARNING_RATES, PictureOptimizer
from ..losses import (
    CONTENT_LAYERS,
    CONTENT_WEIGHT,
    STYLE_LAYERS,
    STYLE_WEIGHT,
    TOTAL_VARIATION_WEIGHT,
    StyleTransferLoss,
)
from ..pictures.arrays import check_picture, resize
from ..runs.record import Iterate
from . import panels
from .demo import PaintingDemo, Still, slider, unattended

STEPS = 30
HEIGHT = 340
# What the sliders offer, evenly on a logarithmic scale: multiples of the default weights
FACTORS = {f"÷ {n}": 1 / n for n in (10, 7, 5, 3, 2, 1.5)} | {f"× {n}": n for n in (1, 1.5, 2, 3, 5, 7, 10)}
WEIGHTS = {"content": CONTENT_WEIGHT, "style": STYLE_WEIGHT, "total_variation": TOTAL_VARIATION_WEIGHT}
# What the still shows besides: one weight changed in each
STILLS = {
    "content × 10": {"content": 10},
    "style ÷ 10": {"style": 0.1},
    "total variation × 10": {"total_variation": 10},
}


def iterates(descent: PictureOptimizer, steps: int) -> Iterator[Iterate]:
    """Make so many steps; yield after each of them."""
    for step in range(1, steps + 1):
        losses = descent.step()
        if not np.isfinite(losses["total"]):
            raise FloatingPointError(f"The loss is {losses['total']} at step {step}: try lower weights.")
        yield Iterate(step, steps, descent.image.numpy()[0], losses)


class Painter:
    """A descent from a photo that can be run again with other weights, compiled once."""

    def __init__(self, content, style, size):
        self.content = resize(check_picture(content, "content"), size)
        self.style = resize(check_picture(style, "style"), size)
        # Built in the caller's thread: Keras has one number format for all threads
        self._extractor = FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, precision="auto")
        self._weights = self._descent = self._beginning = None

    def _prepare(self):
        """Compile the step, before the first run alone: it takes a second or two."""
        if self._descent:
            return
        loss = StyleTransferLoss(self._extractor, self.content, self.style)
        # Variables instead of floats: a new weight needs no new trace
        self._weights = {name: tf.Variable(value, trainable=False) for name, value in loss.weights.items()}
        loss.weights = self._weights
        descent = PictureOptimizer(loss, self.content, "adam", STEPS, LEARNING_RATES["adam"], "cosine")
        self._beginning = descent.state()
        self._descent = descent

    def paint(self, weights: dict[str, float]) -> Iterator[Iterate]:
        """Run the descent from the photo, with new moments of Adam; yield after each of the 30 steps."""
        self._prepare()
        for name, weight in weights.items():
            self._weights[name].assign(weight)
        # All that a step depends on: the pixels, the moments, the place in the schedule
        self._descent.restore(self._beginning)
        yield from iterates(self._descent, STEPS)

    def draw(self, picture, title, weighted=None):
        """Draw photo, painting and a picture, and each term's share of the sum."""
        given = panels.column(self._draw_given((HEIGHT - panels.GAP - panels.LINE - 4) // 2))
        pictures = panels.row([given, panels.panel(picture, title, HEIGHT)])
        weighted = weighted or dict.fromkeys(WEIGHTS, 0.0)
        share = panels.shares(weighted, "shares of the weighted sum", max(pictures.shape[1], 500))
        return panels.column([pictures, share])

    def _draw_given(self, height):
        given = {"the photo": self.content, "the painting": self.style}
        return [panels.panel(picture, name, height) for name, picture in given.items()]

    def draw_iterate(self, iterate, weights):
        """Draw the picture of one step."""
        weighted = {name: weight * iterate.losses[name] for name, weight in weights.items()}
        return self.draw(iterate.picture, f"step {iterate.step} of {iterate.steps}", weighted)

    def still(self):
        """Draw what the default weights lead to, and what changes of one of them do."""
        parts = self._draw_given(250)
        for title, factors in {"default weights": {}, **STILLS}.items():
            weights = {name: weight * factors.get(name, 1) for name, weight in WEIGHTS.items()}
            *_, last = self.paint(weights)
            parts.append(panels.panel(last.picture, title, 250))
        return panels.grid(parts, 3)


class LossMixer(PaintingDemo):
    """The demo of :func:`loss_mixer`: a painter in the background, and sliders for its weights."""

    def __init__(self, painter):
        self._painter = painter
        options = list(FACTORS.items())
        controls = {
            name: slider(ipywidgets.SelectionSlider, name.replace("_", " "), 1, options=options)
            for name in WEIGHTS
        }
        super().__init__(
            painter.draw(painter.content, "where it starts"),
            "Loss mixer: a photo, a painting, and the picture that three weights lead to",
            "predict the face for content × 10, then for style ÷ 10 and for total variation × 10. Each move"
            " starts again from the photo.",
            controls,
        )

    def paint(self):
        """Show each step, then yield; runs in the background."""
        weights = {name: WEIGHTS[name] * control.value for name, control in self.controls.items()}
        for iterate in self._painter.paint(weights):
            self.show(self._painter.draw_iterate(iterate, weights))
            yield iterate


def loss_mixer(content: Picture, style: Picture, size: int = 128) -> Still:
    """Change the weights of content, style and total variation, and watch the picture change.

    Parameters
    ----------
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1], of any sizes.
    size : int, optional
        Longer side in pixels at which both are used. Twice the size takes four times as long.

    Returns
    -------
    Still
        To be the last value of a cell: controls ``"content"``, ``"style"`` and ``"total_variation"``, in
        multiples of the default weights, and a button that starts and stops. The steps run in a thread: the
        kernel stays free. A move starts again from the photo, and after 30 steps it ends by itself. Where
        there is no front end, a figure of the default weights and of three changes of them.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    """
    painter = Painter(content, style, size)
    if unattended():
        return Still(painter.still(), "Loss mixer: a photo painted with four sets of weights")
    return LossMixer(painter)
