"""Larger than memory: loss and gradient tile by tile, equal to those of the whole picture.

Style and content know the picture only by sums over positions: Gram matrices, and sums of each channel of the
content layers. So two passes are enough. The first adds up the sums of all tiles; from them follow the loss,
and its slope along each sum. The second takes the gradient of slope times sum, tile by tile, and adds it up.
A tile is seen with a margin as wide as the deepest layer sees, and its margin does not count in the sums: no
position knows that it stands in a tile, so there are no seams.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .base.hardware import free_memory
from .base.tensorflow import tf
from .base.types import ArrayOrTensor, Picture
from .features import CONVOLUTIONS, Layer, vgg_layers
from .gram import gram_matrix
from .losses import (
    STRIDE,
    LossTerms,
    StyleTransferLoss,
    add_terms,
    extract_features,
    pad_to_stride,
    shrink_to_layers,
    weigh_target,
)
from .pictures.tensors import as_batch
from .runs.memory import check_memory, estimate_memory

SHARE = 0.8  # of the free memory that tiles may fill
SMALLEST_CORE = 128  # pixels: below, nearly all work would go into margins
# Arrays in float32 beside what a run takes anyway: of the content's features while the targets are made, and
# of the picture's size
FEATURE_COPIES, PICTURE_COPIES = 4, 6
NO_MASK = 1e-12  # added to masks, so that a tile outside of them has a mean

# ----- Where tiles lie -----


def margin_of(layers: Sequence[Layer]) -> int:
    """Pixels beyond its core that a tile needs, so that these layers see there what they would see anyway.

    Parameters
    ----------
    layers : sequence of Layer
        Rows of :func:`nst_utils.features.vgg_layers`.

    Returns
    -------
    int
        A multiple of 16.

    Examples
    --------
    >>> from nst_utils.features import vgg_layers
    >>> margin_of(vgg_layers("VGG19")[:17])  # to block5_conv1
    80
    """
    seen = max(max(layer.offset, layer.field - layer.offset - layer.jump) for layer in layers)
    return math.ceil(seen / STRIDE) * STRIDE


def tile_edges(side: int, tile: int, margin: int) -> list[tuple[int, int, int, int]]:
    """Cut one side of a picture into tiles.

    Parameters
    ----------
    side : int
        Of the picture, in pixels.
    tile : int
        Longest side of a tile with its margins, in pixels.
    margin : int
        Pixels beyond the core, see :func:`nst_utils.tiles.margin_of`.

    Returns
    -------
    list of (int, int, int, int)
        First and last pixel + 1 of each window, and of its core.

    Examples
    --------
    >>> tile_edges(200, 128, 16)
    [(0, 96, 0, 80), (64, 176, 80, 160), (144, 200, 160, 200)]
    """
    count = 1 if side <= tile else math.ceil(side / (tile - 2 * margin))
    core = math.ceil(side / count / STRIDE) * STRIDE
    # The last core takes what is left over, too: fewer pixels than a stride have no position in block 5
    edges = [*range(0, max(side - side % STRIDE, 1), core), side]
    return [(max(a - margin, 0), min(b + margin, side), a, b) for a, b in zip(edges, edges[1:], strict=False)]


def _cut(maps, place, jump=1):
    """Cut ``(top, bottom, left, right)``, in pixels of the picture, out of maps ``(n, height, width, …)``."""
    top, bottom, left, right = tf.unstack(place // jump)
    return maps[:, top:bottom, left:right]


def choose_tile(
    extractor: Callable,
    layers: tuple[Sequence[str], Sequence[str]],
    shapes: tuple[Sequence[int], Sequence[int]],
    optimizer: object,
    snapshots: float = 0.0,
    regions: int = 1,
) -> int | None:
    """Return the side of the tiles that a run needs, or None where it fits into memory as a whole.

    Parameters
    ----------
    extractor : callable
    layers : (sequence of str, sequence of str)
        For content and for style.
    shapes : (sequence of int, sequence of int)
        Of the content and of the largest painting, ``(height, width, 3)``.
    optimizer, snapshots, regions
        See :func:`nst_utils.runs.memory.check_memory`.

    Raises
    ------
    MemoryError
        Where tiles would not fit, and for a network other than VGG or layers below its block 5.
    """
    try:
        return check_memory(extractor, *shapes, optimizer, snapshots, regions)
    except MemoryError:
        used = [_table(extractor).get(name) for names in layers for name in names]
        if None in used or max(layer.jump for layer in used) > STRIDE:
            raise
        pixels = shapes[0][0] * shapes[0][1]
        features = sum(layer.channels / layer.jump**2 for layer in used[: len(layers[0])])
        held = 4 * pixels * (FEATURE_COPIES * features + 3 * PICTURE_COPIES + 2 * regions + 3 * snapshots)
        fixed, with_one = (estimate_memory(extractor, pixels, optimizer, regions, n) for n in (0, 1))
        room = SHARE * free_memory() - fixed - held
        tile = int(math.sqrt(max(0, room) / (with_one - fixed))) // STRIDE * STRIDE
        if tile < SMALLEST_CORE + 2 * margin_of(used):
            raise
    print(
        f"At {max(shapes[0])} px the run does not fit into memory as a whole: it is computed in tiles of"
        f" {tile} px, which takes longer and gives the same picture."
    )
    return tile


def is_larger(tile: int | None, content: Picture, styles: Sequence[Picture]) -> bool:
    """Whether pictures, those of one level of a run, are too large to be computed as a whole."""
    content, *styles = (picture.shape[0] * picture.shape[1] for picture in (content, *styles))
    return tile is not None and max(content, *(pixels // 2 for pixels in styles)) > tile**2


# ----- The content loss from sums -----


class _ContentSums:
    """The content loss of one layer, from sums over its positions.

    ``Σ a (F̂ − t)²`` with ``F̂ = (F − μ) / σ`` is, multiplied out, made of ``Σ aF²``, ``Σ aF``, ``Σ aFt`` and
    of what is known before; μ and σ are made of ``ΣF`` and ``ΣF²``.
    """

    def __init__(self, target, form, weight_map):
        self.target, self.is_normalized = target, form == "normalized"
        target = tf.cast(target, tf.float32)
        self.mean, variance = tf.nn.moments(target, axes=[1, 2]) if self.is_normalized else (0.0, 0.0)
        self.scale = tf.math.rsqrt(variance + 1.0) if self.is_normalized else 1.0
        self.positions = target.shape[1] * target.shape[2]
        compared, counts, self.factor = weigh_target(target, form, weight_map)
        self.counts = tf.broadcast_to(counts, (*target.shape[:3], 1))
        parts = (self.counts, self.counts * compared, self.counts * tf.square(compared))
        self.known = [tf.cast(tf.reduce_sum(part, (0, 1, 2)), tf.float64) for part in parts]

    def sums(self, features, core, jump):
        """Return the five sums of each channel over the core of a tile, ``(5, channels)``."""
        # A channel that is silent, or nearly so: its variance is the small difference of two large sums
        features, target, counts, mean, scale = (
            tf.cast(values, tf.float64)
            for values in (
                features, _cut(self.target, core, jump), _cut(self.counts, core, jump), self.mean, self.scale
            )
        )  # fmt: skip
        counted = counts * features
        parts = (features, features**2, counted, counted * features, counted * (target - mean) * scale)
        return tf.stack([tf.reduce_sum(part, (0, 1, 2)) for part in parts])

    def loss(self, sums):
        """Return the loss from the sums over all tiles."""
        values, squares, counted, counted_squares, products = tf.unstack(sums)
        counts, targets, target_squares = self.known
        mean = values / self.positions if self.is_normalized else 0.0
        scale = tf.math.rsqrt(squares / self.positions - mean**2 + 1) if self.is_normalized else 1.0
        centered = counted_squares - 2 * mean * counted + mean**2 * counts
        along_target = products - mean * targets
        total = tf.reduce_sum(scale**2 * centered - 2 * scale * along_target + target_squares)
        return self.factor * tf.cast(total, tf.float32)


# ----- The loss -----


class TiledLoss(StyleTransferLoss):
    """A :class:`nst_utils.StyleTransferLoss` whose features exist for one tile at a time.

    Parameters
    ----------
    extractor : FeatureExtractor
        Of VGG16 or VGG19, down to block 5 without its pooling.
    content : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    style : picture or list of pictures
        As of a :class:`nst_utils.StyleTransferLoss`.
    tile : int
        Longest side of a tile with its margins, in pixels.
    **settings : object
        As of a :class:`nst_utils.StyleTransferLoss`.

    Examples
    --------
    >>> from nst_utils import FeatureExtractor, painting, photo
    >>> layers = {"content_layers": ["block2_conv1"], "style_layers": ["block1_conv1"]}
    >>> extractor = FeatureExtractor(["block1_conv1", "block2_conv1"], weights="random")
    >>> pair = extractor, photo("chelsea", 96), painting("mosaic", 96)
    >>> whole, tiled = StyleTransferLoss(*pair, **layers), TiledLoss(*pair, tile=64, **layers)
    >>> noise = tf.random.stateless_uniform((1, 64, 96, 3), seed=(0, 0))
    >>> print(np.isclose(whole(noise).total, tiled(noise).total, rtol=1e-4))
    True
    """

    def __init__(
        self,
        extractor: Callable,
        content: Picture,
        style: Picture | Sequence[Picture],
        *,
        tile: int,
        **settings,
    ):
        self._tile, self._network = tile, _table(extractor)
        super().__init__(extractor, content, style, **settings)
        self._contents = {
            name: _ContentSums(target, self.content_form, self.weight_maps[name])
            for name, target in self.content_targets.items()
        }
        self._places = self._tiles_of(pad_to_stride(as_batch(self._content)))

    def _choose_regions(self, mask, count):
        """Do as the parent; where there are no masks, all positions count the same."""
        masks = super()._choose_regions(mask, count)
        return tf.ones(pad_to_stride(as_batch(self._content)).shape[:3]) if masks is None else masks

    def _tiles_of(self, batch):
        """Return window and core of each tile, ``(tiles, 2, 4)``: top, bottom, left, right in pixels."""
        margin = margin_of([self._network[name] for name in (*self.content_layers, *self.layer_weights)])
        rows, columns = (tile_edges(side, self._tile, margin) for side in batch.shape[1:3])
        return tf.constant([[[*r[:2], *c[:2]], [*r[2:], *c[2:]]] for r in rows for c in columns])

    def _features_of(self, part, place, layers):
        """Return the features of a tile's core, from the pixels of its window."""
        window, core = tf.unstack(place)
        within = core - tf.repeat(window[::2], 2)
        features = extract_features(self.extractor, part, layers)
        return {name: _cut(features[name], within, self._network[name].jump) for name in layers}

    def _gram_sums(self, features, core, masks):
        """Return the sum over a tile's core of the outer products in each style layer."""
        sums = {}
        for name in self.layer_weights:
            mask = _cut(masks[name], core, self._network[name].jump) + NO_MASK
            total = tf.reduce_sum(mask, axis=(1, 2))[:, tf.newaxis, tf.newaxis]
            sums[name] = total * gram_matrix(features[name], mask)
        return sums

    def _describe(self, batch, mask, layers=()):
        """Do as the parent, tile by tile."""
        sides = batch.shape[1:3]
        shapes = {name: tuple(side // layer.jump for side in sides) for name, layer in self._network.items()}
        mask = tf.ones(batch.shape[:3]) if mask is None else mask
        masks = shrink_to_layers(mask, {name: shapes[name] for name in self.layer_weights})
        kept, grams = {}, dict.fromkeys(self.layer_weights, 0.0)
        for place in self._tiles_of(batch):
            features = self._features_of(_cut(batch, place[0]), place, (*layers, *self.layer_weights))
            for name, of_tile in self._gram_sums(features, place[1], masks).items():
                grams[name] += of_tile
            for name in layers:
                top, bottom, left, right = place[1].numpy() // self._network[name].jump
                values = features[name].numpy()
                whole = kept.setdefault(name, np.empty((1, *shapes[name], values.shape[-1]), values.dtype))
                whole[:, top:bottom, left:right] = values
        return {name: tf.constant(kept.pop(name)) for name in layers}, _means(grams, masks), shapes

    def __call__(self, picture: ArrayOrTensor) -> LossTerms:
        """Compute all terms for a picture.

        Parameters
        ----------
        picture : array or tensor
            ``(height, width, 3)``, or a batch of one, of the content's size, values in [0, 1].

        Returns
        -------
        LossTerms
            As of a :class:`nst_utils.StyleTransferLoss`.
        """
        picture = self._keep_outside(as_batch(picture))
        padded = pad_to_stride(picture)
        seen = tf.stop_gradient(padded)
        targets = self.content_targets.items()
        nothing = {name: tf.zeros((5, values.shape[-1]), tf.float64) for name, values in targets}
        zeros = tf.nest.map_structure(tf.zeros_like, self.style_targets)
        sums = self._add_up(self._sums, seen, (nothing, zeros))
        with tf.GradientTape() as tape:
            tape.watch(sums)
            terms = self._terms(sums, picture)
        slopes = tf.nest.flatten(tape.gradient(terms.total, sums))

        def pull(part, place):
            with tf.GradientTape() as tape:
                tape.watch(part)
                of_tile = tf.nest.flatten(self._sums(part, place))
            top, bottom, left, right = tf.unstack(place[0])
            around = [(0, 0), (top, seen.shape[1] - bottom), (left, seen.shape[2] - right), (0, 0)]
            return tf.pad(tape.gradient(of_tile, part, output_gradients=slopes), around)

        gradient = self._add_up(pull, seen, tf.zeros_like(seen))
        # Nothing is added to the total: this is the gradient, in the form in which a tape finds it
        return terms._replace(total=terms.total + tf.reduce_sum(gradient * (padded - seen)))

    def _add_up(self, of_tile, batch, start):
        """Add up what a function makes of the pixels and the place of each tile, one after the other."""

        def add(so_far, place):
            found = of_tile(_cut(batch, place[0]), place)
            return tf.nest.map_structure(tf.add, so_far, found)

        total = tf.foldl(add, self._places, start, parallel_iterations=1)
        # What a tape around the loss needs to go back through the loop would be the features of all tiles
        return tf.nest.map_structure(tf.stop_gradient, total)

    def _sums(self, part, place):
        """Return the sums of a tile, from the pixels of its window: those of content layers and of style."""
        features = self._features_of(part, place, (*self.content_layers, *self.layer_weights))
        contents = {
            name: content.sums(features[name], place[1], self._network[name].jump)
            for name, content in self._contents.items()
        }
        return contents, self._gram_sums(features, place[1], self._masks)

    def _terms(self, sums, picture):
        contents, grams = sums
        content = [self._contents[name].loss(of_layer) for name, of_layer in contents.items()]
        style = self._style_losses(_means(grams, self._masks))
        return add_terms(self.weights, content, style, picture, self.layer_weights)


def _means(sums, masks):
    """Divide the Gram sums of a picture by what its positions count."""
    return {
        name: of_layer / tf.reduce_sum(masks[name] + NO_MASK, axis=(1, 2))[:, tf.newaxis, tf.newaxis]
        for name, of_layer in sums.items()
    }


def _table(extractor):
    """Return the layers of the extractor's network by name; none where there is no table."""
    network = getattr(extractor, "network", "").upper()
    return {layer.name: layer for layer in vgg_layers(network)} if network in CONVOLUTIONS else {}
