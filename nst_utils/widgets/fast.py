"""style_mixer: the styles of paintings interpolated by their style vectors."""

import ipywidgets
import numpy as np

from ..base.arguments import describe_value
from ..base.types import Picture
from ..fast import style_vector, stylize_fast
from ..pictures.arrays import check_picture, resize
from . import panels
from .demo import Demo, Still, slider, unattended

MAX_SIDE = 384  # pixels: 0.1 s a picture on two cores
HEIGHT = 400


def check_paintings(paintings, taken):
    """Return paintings by name, checked; ``taken`` is a name that they cannot have."""
    if not isinstance(paintings, dict) or not paintings:
        found = "empty" if isinstance(paintings, dict) else describe_value(paintings)
        raise ValueError(f'paintings is {found}; give a dict such as {{"swirls": painting}}.')
    if taken in paintings:
        raise ValueError(f'"{taken}" is the name of something else here; choose another name.')
    return {name: check_picture(painting, name) for name, painting in paintings.items()}


class Mixture:
    """A photo, and the style vectors of some paintings by name."""

    def __init__(self, content, paintings):
        self.paintings = check_paintings(paintings, "strength")
        self.content = check_picture(content, "content")
        if max(self.content.shape) > MAX_SIDE:
            self.content = resize(self.content, MAX_SIDE)
        self.vectors = {name: style_vector(painting) for name, painting in self.paintings.items()}

    @staticmethod
    def portions(weights):
        """Normalize weights by name, 0 or more, to a sum of 1; None if all of them are 0."""
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()} if total else None

    def paint(self, weights, strength=1.0):
        """Stylize the photo with the weighted mean of the style vectors; all weights 0 mean its own style."""
        portions = self.portions(weights)
        if portions is None:
            portions, strength = dict.fromkeys(weights, 0.0), 0.0
        vector = np.sum([portion * self.vectors[name] for name, portion in portions.items()], axis=0)
        return stylize_fast(self.content, vector.astype(np.float32), strength)

    def draw(self, strength, **weights):
        """Draw the paintings with their portions, and the stylized photo."""
        repainted = f"repainted with strength {strength:.0%}" if any(weights.values()) else "in its own style"
        side = (HEIGHT - (len(weights) - 1) * (panels.GAP + panels.LINE + 4)) // len(weights)
        shown = [
            panels.panel(self.paintings[name], f"{name} {percent:.0f}%", max(side, 60))
            for name, percent in panels.percents(weights).items()
        ]
        photo = panels.panel(self.paint(weights, strength), f"the photo, {repainted}", HEIGHT)
        return panels.row([panels.column(shown), photo])

    def still(self):
        """Draw the photo in the style of each painting, and between one and the next."""
        names = list(self.paintings)
        parts = [panels.panel(self.content, "the photo", 250)]
        for name, after in zip(names, [*names[1:], None], strict=True):
            parts.append(panels.panel(self.paint({name: 1.0}), name, 250))
            if after:
                halves = self.paint({name: 1.0, after: 1.0})
                parts.append(panels.panel(halves, f"half {name}, half {after}", 250))
        return panels.grid(parts, 3)


def style_mixer(content: Picture, paintings: dict[str, Picture]) -> Still:
    """Interpolate the styles of paintings, and stylize a photo while the sliders move.

    Parameters
    ----------
    content : picture
        ``(height, width, 3)``, RGB, values in [0, 1]; used at 384 px at most.
    paintings : dict of str to picture
        Name to painting, about three.

    Returns
    -------
    Still
        To be the last value of a cell: one control for the weight of each painting, by its name, and
        ``"strength"``, or a figure of the styles and of mixtures of two where there is no front end. Only the
        ratio of the weights matters.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    ValueError
        When there is no painting, or one that is called "strength".
    nst_utils.WeightsError
        When Magenta's model is not available.
    """
    mixture = Mixture(content, paintings)
    if unattended():
        return Still(mixture.still(), "Style mixer: the photo in the style of each painting, and between two")
    fine = {"min": 0.0, "max": 1.0, "step": 0.05, "readout": False}  # the figure says what they lead to
    weights = {name: 0.5 * (place < 2) for place, name in enumerate(paintings)}
    controls = {name: slider(ipywidgets.FloatSlider, name, value, **fine) for name, value in weights.items()}
    controls["strength"] = slider(ipywidgets.FloatSlider, "strength", 1.0, **fine)
    demo = Demo(
        mixture.draw(1.0, **weights),
        "Style mixer: a photo repainted in a mixture of styles",
        "set one painting to 0, then give all the same weight: only the ratio counts. Then find the"
        " strength at which the photo looks painted.",
        controls,
    )
    demo.follow(mixture.draw)
    return demo
