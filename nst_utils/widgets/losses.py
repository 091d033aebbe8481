"""loss_mixer: the three weights under one's hands, the descent before one's eyes."""

import ipywidgets
import numpy as np

from ..base.tensorflow import tf
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
from ..pictures import images
from ..runs.record import Iterate
from . import panels
from .background import Background
from .demo import Demo, Still, slider, unattended

STEPS = 30
HEIGHT = 360
STEP = 0.1  # of the sliders, in powers of ten
WEIGHTS = {"content": CONTENT_WEIGHT, "style": STYLE_WEIGHT, "total_variation": TOTAL_VARIATION_WEIGHT}
# What the still shows besides: one weight changed in each
STILLS = {
    "content × 10": {"content": 10},
    "style ÷ 10": {"style": 0.1},
    "total variation × 10": {"total_variation": 10},
}


def on_slider(weight):
    """Return the nearest value that a slider of weights can have."""
    return 10 ** (round(np.log10(weight) / STEP) * STEP)


class Painter:
    """One descent from a photo that can be run again with other weights, compiled once.

    Parameters
    ----------
    content, style : picture
    size : int
        Longer side of both in pixels.
    """

    def __init__(self, content, style, size):
        self.content = images.resize(images.check_picture(content, "content"), size)
        self.style = images.resize(images.check_picture(style, "style"), size)
        # Built by the caller's thread: Keras builds with one number format for all threads
        self._extractor = FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, precision="auto")
        self._weights = self._descent = self._beginning = None

    def _prepare(self):
        """Compile the step: a second or two, so it is left to whoever paints first."""
        if self._descent:
            return
        loss = StyleTransferLoss(self._extractor, self.content, self.style)
        # Variables instead of numbers: a new weight needs no new trace
        self._weights = {name: tf.Variable(value, trainable=False) for name, value in loss.weights.items()}
        loss.weights = self._weights
        descent = PictureOptimizer(loss, self.content, "adam", STEPS, LEARNING_RATES["adam"], "cosine")
        self._beginning = descent.state()
        self._descent = descent

    def paint(self, weights):
        """Run the descent from the photo, with new moments of Adam.

        Parameters
        ----------
        weights : dict of str to float
            ``"content"``, ``"style"`` and ``"total_variation"``, 0 or more.

        Yields
        ------
        Iterate
            After every one of the 30 steps.
        """
        self._prepare()
        for name, weight in weights.items():
            self._weights[name].assign(weight)
        # All that a step depends on: the pixels, the moments, the place in the schedule
        self._descent.restore(self._beginning)
        for step in range(1, STEPS + 1):
            losses = self._descent.step()
            if not np.isfinite(losses["total"]):
                raise FloatingPointError(
                    f"The loss became {losses['total']} at step {step}: try lower weights."
                )
            yield Iterate(step, STEPS, self._descent.image.numpy()[0], losses)

    def draw(self, picture, title, weighted=None):
        """Draw photo, painting and the picture in between, and each term's share of the sum."""
        side = (HEIGHT - panels.GAP - panels.LINE - 4) // 2
        given = [
            panels.panel(images.to_uint8(p), name, side)
            for p, name in ((self.content, "the photo"), (self.style, "the painting"))
        ]
        result = panels.panel(images.to_uint8(picture), title, HEIGHT)
        pictures = panels.row([panels.column(given), result])
        none = dict.fromkeys(WEIGHTS, 0.0)
        share = panels.shares(weighted or none, "shares of the weighted sum", max(pictures.shape[1], 500))
        return panels.column([pictures, share])

    def draw_iterate(self, iterate, weights):
        """Draw where the descent has come."""
        weighted = {name: weight * iterate.losses[name] for name, weight in weights.items()}
        return self.draw(iterate.picture, f"step {iterate.step} of {iterate.steps}", weighted)

    def still(self):
        """Draw what the default weights lead to, and what becomes of it when one of them changes."""
        parts = [
            panels.panel(images.to_uint8(picture), title, 250)
            for picture, title in ((self.content, "the photo"), (self.style, "the painting"))
        ]
        for title, factors in {"default weights": {}, **STILLS}.items():
            weights = {name: weight * factors.get(name, 1) for name, weight in WEIGHTS.items()}
            *_, last = self.paint(weights)
            parts.append(panels.panel(images.to_uint8(last.picture), title, 250))
        return panels.grid(parts, 3)


class LossMixer(Demo):
    """The demo of :func:`loss_mixer`: a painter in the background, and controls for its weights."""

    def __init__(self, painter):
        self._painter = painter
        limits = {"min": -3, "max": 2, "step": STEP, "readout_format": ".2g"}
        controls = {
            # Begins at a value that the slider can have: the front end would move it to one, as a user does
            name: slider(ipywidgets.FloatLogSlider, name.replace("_", " "), on_slider(value), **limits)
            for name, value in WEIGHTS.items()
        }
        super().__init__(
            painter.draw(painter.content, "where it starts"),
            "Loss mixer: a photo, a painting, and the picture that three weights lead to",
            "predict the face for content × 10, then for style ÷ 10 and for total variation × 10. Each move"
            " starts again from the photo.",
            controls,
        )
        self.button = ipywidgets.Button(description="Paint", button_style="primary")
        self.button.on_click(lambda _: self.stop() if self.background.running else self.start())
        self.box.children = (*self.box.children[:2], self.button, *self.box.children[2:])
        self.background = Background(self._paint, self._label_button, self.show_error)
        for control in controls.values():
            control.observe(self._start_if_moved, "value")

    def _start_if_moved(self, change):
        # The front end's powers of ten differ in the last bits, which is no move
        if not np.isclose(change["new"], change["old"], rtol=1e-3):
            self.start()

    def start(self):
        """Start from the photo, with the weights of the controls."""
        self.background.start()
        self._label_button()

    def stop(self):
        """Stop after the step at work."""
        self.background.stop()
        self._label_button()

    def close(self):
        """Stop, and take the controls away."""
        self.stop()
        super().close()

    def _paint(self):
        """Yield after each step that has been shown; runs in the background."""
        weights = {name: control.value for name, control in self.controls.items()}
        for iterate in self._painter.paint(weights):
            self.show(self._painter.draw_iterate(iterate, weights))
            yield iterate

    def _label_button(self):
        self.button.description = "Stop" if self.background.running else "Paint"

    def show_error(self, error):
        """Show what went wrong in the background."""
        self._label_button()
        super().show_error(error)


def loss_mixer(content, style, size=128):
    """Move the weights of content, style and total variation, and watch the picture repaint.

    Parameters
    ----------
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1], of any sizes.
    size : int, optional
        Longer side in pixels at which both are used. Twice the size takes four times as long.

    Returns
    -------
    object
        To be the last value of a cell: controls ``"content"``, ``"style"`` and ``"total_variation"``, and a
        button that starts and stops. The picture is painted in a thread: the kernel stays free. A move
        starts again from the photo, and after 30 steps it ends by itself. Where nobody listens, a figure of
        the default weights and of three changes of them.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    """
    painter = Painter(content, style, size)
    if unattended():
        return Still(painter.still(), "Loss mixer: a photo painted with four sets of weights")
    return LossMixer(painter)
