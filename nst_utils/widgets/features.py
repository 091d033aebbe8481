"""layer_browser: every channel of every layer, laid over the photo."""

import cv2
import ipywidgets
import numpy as np

from ..base.types import Picture
from ..features import FeatureExtractor, layer_names
from ..pictures.arrays import check_picture, resize
from . import panels
from .demo import Demo, Still, slider, unattended

MAX_SIDE = 384  # pixels: all layers of a picture this large take 170 MB
HEIGHT = 340
FIRST_LAYER = "block4_conv2"
STILL_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv2", "block5_conv1")


class Maps:
    """All feature maps of a picture: ``features`` is a dict of layer to activations ``(h, w, channels)``."""

    def __init__(self, picture, extractor):
        self.picture = check_picture(picture)
        if max(self.picture.shape) > MAX_SIDE:
            self.picture = resize(self.picture, MAX_SIDE)
        self.features = {name: np.asarray(f[0], np.float32) for name, f in extractor(self.picture).items()}

    def liveliest(self, layer):
        """Return the channel of a layer whose map varies most, except at the border.

        Some channels are active only there, where the convolutions pad their input with zeros.
        """
        maps = self.features[layer]
        down, right = maps.shape[0] // 8, maps.shape[1] // 8
        inner = maps[down : maps.shape[0] - down, right : maps.shape[1] - right]
        return int(np.argmax(inner.std(axis=(0, 1))))

    def overlay(self, layer, channel, height, lines="{layer}, channel {channel}"):
        """Overlay a feature map on the gray photo, which shows where the channel is inactive.

        The title ``lines`` may contain ``{layer}``, ``{channel}``, ``{size}`` and ``{strongest}``.
        """
        heat = self.features[layer][..., channel]
        top, size = heat.max(), "{} × {}".format(*heat.shape)
        title = lines.format(layer=layer, channel=channel, size=size, strongest=f"{top:,.0f}")
        photo = panels.scaled(self.picture, height)
        gray = photo.mean(axis=-1, keepdims=True) * 0.8
        stretched = cv2.resize(heat, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        strength = np.sqrt(np.clip(stretched / max(top, 1e-12), 0, 1))[..., np.newaxis]
        mixed = (1 - strength) * gray + strength * panels.heat_colors(stretched, top)
        return panels.panel(np.rint(mixed).astype(np.uint8), title, height)

    def draw(self, layer, channel):
        """Draw the map over the photo, the map alone, and the scale of its colors."""
        heat = self.features[layer][..., channel]
        title = "{} × {} positions, strongest {:,.0f}".format(*heat.shape, heat.max())
        alone = panels.panel(panels.heat_colors(heat, heat.max()), title, HEIGHT, smooth=False)
        return panels.row([self.overlay(layer, channel, HEIGHT), alone, panels.color_bar(heat.max(), HEIGHT)])

    def still(self):
        """Draw the photo and the liveliest channel of a few layers."""
        known = [layer for layer in STILL_LAYERS if layer in self.features] or list(self.features)[:5]
        lines = "{layer}, channel {channel}\n{size}, strongest {strongest}"
        photo = panels.panel(self.picture, "the photo\n", 270)
        heats = [self.overlay(layer, self.liveliest(layer), 270, lines) for layer in known]
        return panels.grid([photo, *heats], 3)


def layer_browser(picture: Picture, extractor: FeatureExtractor | None = None) -> Still:
    """Browse the feature maps of a picture: choose a layer and a channel, see where it is active.

    Parameters
    ----------
    picture : picture
        ``(height, width, 3)``, RGB, values in [0, 1]; shown with 384 px at most.
    extractor : FeatureExtractor, optional
        Its layers are those to choose from; by default all convolutions of the trained VGG19.

    Returns
    -------
    Still
        To be the last value of a cell: controls ``"layer"`` and ``"channel"``, or a figure of one channel of
        each block where there is no front end. A new layer begins with its liveliest channel.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    """
    if extractor is None:
        extractor = FeatureExtractor([name for name in layer_names() if "conv" in name])
    maps = Maps(picture, extractor)
    if unattended():
        return Still(maps.still(), "Layer browser: the photo, and one feature map of several layers over it")
    layers = list(maps.features)
    layer = FIRST_LAYER if FIRST_LAYER in layers else layers[-1]
    channel, channels = maps.liveliest(layer), maps.features[layer].shape[-1]
    controls = {
        "layer": slider(ipywidgets.SelectionSlider, "layer", layer, options=layers),
        "channel": slider(ipywidgets.IntSlider, "channel", channel, min=0, max=channels - 1),
    }
    demo = Demo(
        maps.draw(layer, channel),
        "Layer browser: a feature map laid over the photo",
        "find a channel that lights up on one thing alone. Then look for it in a deeper layer.",
        controls,
    )
    demo.panel.layout.flex, demo.panel.layout.max_width = "1 1 100%", "62em"  # for up to 512 channels

    def begin_layer(change):
        control, layer = controls["channel"], change["new"]
        with control.hold_trait_notifications():  # one redraw, not one for each change
            control.max = maps.features[layer].shape[-1] - 1
            control.value = maps.liveliest(layer)

    controls["layer"].observe(begin_layer, "value")
    demo.follow(maps.draw)
    return demo
