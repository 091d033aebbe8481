"""gram_explorer: what changes a Gram matrix, and what cannot."""

from functools import partial

import ipywidgets
import numpy as np

from ..base.tensorflow import tf
from ..base.types import Picture
from ..features import FeatureExtractor
from ..gram import gram_matrix
from ..losses import STYLE_LAYERS, style_loss
from ..pictures.arrays import SMALLEST_SIDE, check_picture, resize
from ..pictures.initial import initial_picture
from . import panels
from .demo import Demo, Still, slider, unattended

SIZE = 192  # pixels: five layers in 0.2 s on two cores
HEIGHT = 220
FIRST_LAYER = "block3_conv1"
STRONGEST = 30  # channels that the picture of a Gram matrix shows
FEATURES = "features"
SHUFFLES = {"none": None, FEATURES: None, "64 px": 64, "16 px": 16, "4 px": 4, "1 px": 1}
CROPS = {"none": 1.0, "to 3/4": 0.75, "to 1/2": 0.5, "to 1/4": 0.25}
# What the still shows: share of the other picture, crop, shuffle
STILLS = (0.0, "to 1/2", "none"), (0.5, "none", "none"), (1.0, "none", "none")


def shuffle_blocks(picture, side):
    """Permute the square blocks of a picture ``(height, width, channels)``, always in the same way.

    ``side`` is in pixels. What does not fill a block, at the right and lower edge, is dropped.
    """
    side = min(side, *picture.shape[:2])
    rows, columns, channels = picture.shape[0] // side, picture.shape[1] // side, picture.shape[2]
    blocks = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, channels)
    blocks = blocks.swapaxes(1, 2).reshape(rows * columns, side, side, channels)
    blocks = np.random.default_rng(0).permutation(blocks).reshape(rows, columns, side, side, channels)
    return blocks.swapaxes(1, 2).reshape(rows * side, columns * side, channels)


def _shuffle_positions(features):
    """Permute the positions of the features of one layer, ``(h, w, channels)``, always in the same way."""
    vectors = tf.reshape(features, (-1, features.shape[-1]))
    order = tf.argsort(tf.random.stateless_uniform((tf.shape(vectors)[0],), seed=(0, 0)))
    return tf.reshape(tf.gather(vectors, order), tf.shape(features))


def _changes(share, crop, shuffle):
    """Name the changes in two lines, for the title of a picture."""
    named = {f"{share:.0%} other": share, f"crop {crop}": crop != "none"}
    first = ", ".join(name for name, done in named.items() if done) or "the picture"
    if shuffle == "none":
        return f"\n{first}"
    return f"{first}\n{shuffle} shuffled" if shuffle == FEATURES else f"{first}\nblocks of {shuffle}"


def _compute(extractor, batch, shuffled):
    """Compute features ``(h, w, channels)`` and Gram matrices ``(c, c)`` of a batch of one, by layer."""
    features = {name: f[0] for name, f in extractor(batch).items()}
    features = {
        name: tf.cond(shuffled, partial(_shuffle_positions, f), partial(tf.identity, f))
        for name, f in features.items()
    }
    return features, {name: gram_matrix(f[tf.newaxis])[0] for name, f in features.items()}


class Grams:
    """The Gram matrices of a picture and of its changes; ``other`` is cropped to its aspect."""

    def __init__(self, picture, other, extractor):
        self.picture = resize(check_picture(picture), SIZE)
        self.other = initial_picture("style", self.picture, check_picture(other, "other"))
        # One trace for every crop, and for both orders of the positions
        signature = [tf.TensorSpec((1, None, None, 3)), tf.TensorSpec((), tf.bool)]
        self._compute = tf.function(partial(_compute, extractor), input_signature=signature)
        grams = self._compute(self.picture[np.newaxis], False)[1]
        self.targets = {name: gram.numpy() for name, gram in grams.items()}

    def change(self, share, crop, shuffle):
        """Return the changed picture.

        ``share`` is the part of the width, from the right, that the other picture has. ``crop``, which keeps
        the center, and ``shuffle`` are keys of ``CROPS`` and ``SHUFFLES``.
        """
        height, width = self.picture.shape[:2]
        changed = self.picture.copy()
        seam = width - round(share * width)
        changed[:, seam:] = self.other[:, seam:]
        sides = [max(SMALLEST_SIDE, round(side * CROPS[crop])) for side in (height, width)]
        top, left = (height - sides[0]) // 2, (width - sides[1]) // 2
        changed = changed[top : top + sides[0], left : left + sides[1]]
        return shuffle_blocks(changed, SHUFFLES[shuffle]) if SHUFFLES[shuffle] else changed

    def compare(self, share, crop, shuffle):
        """Return features ``(h, w, channels)``, Gram matrix and relative distance, layer by layer."""
        changed = self.change(share, crop, shuffle)
        features, grams = self._compute(changed[np.newaxis], shuffle == FEATURES)
        distances = {name: float(style_loss(gram, self.targets[name])) for name, gram in grams.items()}
        return features, {name: gram.numpy() for name, gram in grams.items()}, distances

    def gram_picture(self, gram, layer):
        """Color a Gram matrix: the strongest channels of the unchanged picture, on its scale."""
        target = self.targets[layer]
        chosen = np.argsort(-np.diag(target))[:STRONGEST]
        small, top = gram[np.ix_(chosen, chosen)], target[np.ix_(chosen, chosen)].max()
        return panels.heat_colors(np.sqrt(small), np.sqrt(top))  # the root: small entries show as well

    def shown(self, share, crop, shuffle, features):
        """Draw what was changed, pixels or features, at its size within the unchanged picture."""
        if shuffle == FEATURES:
            mean = tf.reduce_mean(tf.cast(features, tf.float32), axis=-1).numpy()
            return panels.scaled(panels.heat_colors(mean, mean.max()), HEIGHT, smooth=False)
        changed, (height, width) = self.change(share, crop, shuffle), self.picture.shape[:2]
        small = panels.scaled(changed, round(HEIGHT * len(changed) / height))
        return panels.centered(small, HEIGHT, round(HEIGHT * width / height))

    def parts(self, layer, share, crop, shuffle):
        """Draw the changed picture, the distances, its Gram matrix and the unchanged one."""
        features, grams, distances = self.compare(share, crop, shuffle)
        changed, title = self.shown(share, crop, shuffle, features[layer]), _changes(share, crop, shuffle)
        values = {name.split("_")[0]: value for name, value in distances.items()}
        values["mean"] = np.mean(list(values.values()))
        matrices = {"its Gram matrix": grams[layer], "Gram matrix, unchanged": self.targets[layer]}
        return [
            panels.panel(changed, title, HEIGHT),
            panels.bars(values, 2.0, "distance (full bar: 2)", max(HEIGHT, changed.shape[1]), HEIGHT),
            *(
                panels.panel(self.gram_picture(gram, layer), title, HEIGHT, smooth=False)
                for title, gram in matrices.items()
            ),
        ]

    def draw(self, layer, share, crop, shuffle):
        """Draw what was changed above its distances, beside them its Gram matrix above the unchanged one."""
        picture, distances, *matrices = self.parts(layer, share, crop, shuffle)
        return panels.row([panels.column([picture, distances]), panels.column(matrices)])

    def still(self):
        """Draw a few of the changes, one below the other."""
        rows = [self.parts(FIRST_LAYER, *state) for state in STILLS]
        return panels.column([panels.row([parts[0], *parts[2:], parts[1]]) for parts in rows])


def gram_explorer(picture: Picture, other: Picture) -> Still:
    """Shuffle, crop and mix a picture, and see its Gram matrices.

    Parameters
    ----------
    picture, other : picture
        ``(height, width, 3)``, RGB, values in [0, 1], of any sizes; used at 192 px.

    Returns
    -------
    Still
        To be the last value of a cell: controls ``"layer"`` (whose Gram matrix is shown), ``"share"`` (of the
        width that the other picture takes), ``"crop"`` and ``"shuffle"``, or a figure of three changes where
        there is no front end. The distances are relative style losses to the unchanged picture.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    """
    grams = Grams(picture, other, FeatureExtractor(STYLE_LAYERS, precision="auto"))
    if unattended():
        return Still(
            grams.still(),
            "Gram explorer: a picture shuffled, cropped and mixed, with its Gram matrix and distances",
        )
    choice = ipywidgets.SelectionSlider
    percent = {"min": 0.0, "max": 1.0, "step": 0.05, "readout_format": ".0%"}
    controls = {
        "shuffle": slider(choice, "shuffle", "none", options=list(SHUFFLES)),
        "crop": slider(choice, "crop", "none", options=list(CROPS)),
        "share": slider(ipywidgets.FloatSlider, "other picture", 0.0, **percent),
        "layer": slider(choice, "Gram matrix of", FIRST_LAYER, options=list(STYLE_LAYERS)),
    }
    unchanged = {name: control.value for name, control in controls.items()}
    demo = Demo(
        grams.draw(**unchanged),
        "Gram explorer: a picture, its Gram matrix and its distance to the unchanged one",
        "predict the five bars before you shuffle the features, before you crop, before the other picture"
        " takes one half.",
        controls,
    )
    demo.follow(grams.draw)

    def reset(_):
        for name, value in unchanged.items():
            controls[name].value = value

    button = ipywidgets.Button(description="Reset")
    button.on_click(reset)
    demo.panel.children = (*demo.panel.children, button)
    return demo
