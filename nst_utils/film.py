"""Film: what is painted moves with what it covers, so that the paint does not flicker.

Painted each alone, two frames that differ by a hair may come out with different strokes. Here the last
painted frame is moved along the optical flow; the next one starts from it, and a *temporal* term of the loss
holds it there, wherever the flow can be trusted (Ruder, Dosovitskiy and Brox 2016,
https://arxiv.org/abs/1604.08610).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .base.arguments import check_int, check_number, describe_value
from .base.progress import progress_bar
from .base.tensorflow import tf
from .base.types import ArrayOrTensor, Picture
from .base.weights import check_weights
from .control import starting_picture
from .features import FeatureExtractor
from .loop import STEPS, PictureOptimizer, stylize
from .losses import (
    CONTENT_LAYERS,
    CONTENT_WEIGHT,
    STYLE_LAYERS,
    STYLE_WEIGHT,
    TOTAL_VARIATION_WEIGHT,
    LossTerms,
    StyleTransferLoss,
    pad_to_stride,
)
from .pictures.arrays import ImageError, check_picture
from .pictures.films import Film
from .pictures.flow import follow
from .pictures.masks import check_pictures
from .pictures.tensors import as_batch
from .runs.memory import reraise_out_of_memory

TEMPORAL_WEIGHT = 10.0
# A frame that starts from the one before is nearly right: fewer steps do, and long ones would undo it
LATER_STEPS = 0.3  # share of the steps
LATER_RATE = 0.01  # learning rate of Adam; with 0.025 the first steps raise the loss, for good
BLEND = 0.7  # what the moved frame counts against that of a fast painter
CUT = 0.3  # where fewer pixels than this share can be followed, another scene begins

# ----- The temporal term -----


def temporal_loss(picture: ArrayOrTensor, moved: ArrayOrTensor, mask: ArrayOrTensor) -> "tf.Tensor":
    """Mean squared distance from the moved frame before, where it can be trusted.

    Parameters
    ----------
    picture, moved : array or tensor
        Pictures ``(height, width, 3)`` or batches of one size, x and w.
    mask : array or tensor
        ``(height, width)``, c, from 0 to 1: see :func:`nst_utils.reliable`.

    Returns
    -------
    tf.Tensor
        Scalar ``Σ c (x − w)² / Σ c``, of squares that are means over the colors; 0 where nothing can be
        trusted.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.

    References
    ----------
    Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer for videos",
    https://arxiv.org/abs/1604.08610.

    Examples
    --------
    >>> mask = np.eye(2, dtype=np.float32)
    >>> print(temporal_loss(tf.ones((2, 2, 3)), tf.fill((2, 2, 3), 0.5), mask).numpy())
    0.25
    """
    squares = tf.reduce_mean(tf.square(as_batch(picture) - as_batch(moved)), axis=-1)
    return tf.reduce_sum(mask * squares) / tf.maximum(tf.reduce_sum(mask), 1.0)


class FilmLoss:
    """The loss of a frame that follows another: that of its picture, and the temporal term.

    Parameters
    ----------
    loss : StyleTransferLoss
        Of the frame and the style; its content targets become variables.
    moved : picture
        The painted frame before, moved: see :func:`nst_utils.follow`.
    mask : array
        ``(height, width)``, float32: where it can be trusted.
    weight : float
        Of the temporal term.

    Examples
    --------
    >>> import nst_utils as nst
    >>> frame, style = nst.photo("chelsea", 32), nst.painting("mosaic", 32)
    >>> extractor = nst.FeatureExtractor(CONTENT_LAYERS + STYLE_LAYERS, weights="random")
    >>> mask = np.ones(frame.shape[:2], np.float32)
    >>> loss = FilmLoss(StyleTransferLoss(extractor, frame, style), frame, mask, weight=10.0)
    >>> float(loss(frame).raw["temporal"])
    0.0
    """

    def __init__(self, loss: StyleTransferLoss, moved: Picture, mask: NDArray, weight: float):
        loss.content_targets = {name: tf.Variable(target) for name, target in loss.content_targets.items()}
        self.loss, self.weight = loss, weight
        self.moved, self.mask = tf.Variable(as_batch(moved)), tf.Variable(mask)

    def go_on(self, frame: Picture, moved: Picture, mask: NDArray):
        """Take the next frame of that size; a step compiled with this loss then follows it.

        Parameters
        ----------
        frame : picture
            The next frame of the film.
        moved : picture
            The painted frame before, moved to where this one has its parts.
        mask : array
            ``(height, width)``, float32: where it can be trusted.
        """
        features = self.loss.extractor(pad_to_stride(as_batch(frame)))
        for name, target in self.loss.content_targets.items():
            target.assign(features[name])
        self.moved.assign(as_batch(moved))
        self.mask.assign(mask)

    def __call__(self, picture: ArrayOrTensor) -> LossTerms:
        """Compute all terms for a picture.

        Parameters
        ----------
        picture : array or tensor
            ``(height, width, 3)``, or a batch of one, of the frame's size.

        Returns
        -------
        LossTerms
            With a term named ``"temporal"`` beside the others.
        """
        terms, temporal = self.loss(picture), temporal_loss(picture, self.moved, self.mask)
        weighted = self.weight * temporal
        return terms._replace(
            total=terms.total + weighted,
            raw=terms.raw | {"temporal": temporal},
            weighted=terms.weighted | {"temporal": weighted},
        )


# ----- The film -----


def stylize_film(
    frames: Iterable[Picture] | str | os.PathLike,
    style: Picture | Sequence[Picture] | Callable[[Picture], Picture],
    *,
    size: int | None = None,
    first: Picture | None = None,
    steps: int = STEPS,
    temporal_weight: float = TEMPORAL_WEIGHT,
    content_weight: float = CONTENT_WEIGHT,
    style_weight: float = STYLE_WEIGHT,
    total_variation_weight: float = TOTAL_VARIATION_WEIGHT,
    extractor: Callable | None = None,
    progress: bool = True,
) -> Iterator[Picture]:
    """Paint the frames of a film, one by one, in the manner of the style.

    The first frame is painted as :func:`nst_utils.stylize` does. Each later one starts from the last result,
    moved along the optical flow, and from the recolored frame where nothing can be followed; it has the
    temporal term and three tenths of the steps. Where hardly anything can be followed, another scene has
    begun: that frame is painted as the first one.

    Parameters
    ----------
    frames : iterable of pictures, or path
        Pictures of one size, read one at a time; or a film file.
    style : picture, list of pictures or callable
        The painting, or several to mix; or a fast painter: a :class:`nst_utils.StylePainter`, or any function
        from a picture to a picture, such as ``lambda frame: nst.stylize_fast(frame, painting)``. Its pictures
        are blended with the last result, moved along the flow.
    size : int, optional
        Longer side of the frames of a film file in pixels; by default theirs.
    first : picture, optional
        The first frame, painted already: the film goes on from it.
    steps : int, optional
        Of the first frame.
    temporal_weight : float, optional
        Of :func:`nst_utils.temporal_loss`; with 0 a frame starts from the moved one, and nothing holds it
        there.
    content_weight, style_weight, total_variation_weight : float, optional
        As in :func:`nst_utils.stylize`.
    extractor : callable, optional
        As in :func:`nst_utils.stylize`.
    progress : bool, optional
        Show a bar of the frames, see :func:`nst_utils.minimize`.

    Yields
    ------
    numpy.ndarray
        A painted frame as soon as it is done, the first one too: ``(height, width, 3)``, values in [0, 1]. An
        interrupt from the keyboard ends the film as ``KeyboardInterrupt``; what was yielded before is
        finished.

    Raises
    ------
    nst_utils.ImageError
        For frames that are not pictures, or not of one size.
    ValueError
        For values that make no sense.
    FloatingPointError
        When the loss of a frame is NaN or infinite.

    See Also
    --------
    nst_utils.save_film : Writes the painted frames into a file.
    nst_utils.flicker : Measures how steady they are.

    References
    ----------
    Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer for videos",
    https://arxiv.org/abs/1604.08610.

    Examples
    --------
    >>> import nst_utils as nst
    >>> frames = [np.roll(nst.photo("chelsea", 48), n, axis=1) for n in range(3)]
    >>> painted = list(nst.stylize_film(frames, nst.painting("mosaic", 48), steps=4))
    >>> len(painted)
    3
    """
    if isinstance(frames, (str, os.PathLike)):
        frames = Film(frames, size)
    elif not np.iterable(frames):
        raise ValueError(f"frames is {describe_value(frames)}; give a list of pictures, or a film's path.")
    style_or_paint = getattr(style, "paint", style)
    if callable(style_or_paint):
        paint, repaint = style_or_paint, _blend_with(style_or_paint)
    else:
        weights = {"content_weight": content_weight, "style_weight": style_weight,
                   "total_variation_weight": total_variation_weight}  # fmt: skip
        check_weights(content=content_weight, style=style_weight, total_variation=total_variation_weight)
        must_be = "0 or a positive number"
        temporal_weight = check_number("temporal_weight", temporal_weight, must_be, lambda n: n >= 0)
        check_int("steps", steps)
        styles = check_pictures(style_or_paint, "style")
        paint, repaint = _optimizer(styles, steps, temporal_weight, weights, extractor)
    return _paint_frames(frames, paint, repaint, first, progress)


def _blend_with(paint):
    """Return how a later frame is painted by one pass of a network."""

    def repaint(frame, moved, mask):
        share = BLEND * mask[..., np.newaxis]
        return share * moved + (1 - share) * paint(frame)

    return repaint


def _optimizer(styles, steps, temporal_weight, weights, extractor):
    """Return how a first frame is painted and how a later one, by an optimizer."""
    extractor = extractor or FeatureExtractor((*CONTENT_LAYERS, *STYLE_LAYERS), precision="auto")

    def paint(frame):
        run = stylize(frame, styles, steps=steps, extractor=extractor, progress=False, **weights)
        if run.interrupted:  # a frame that is not finished would be seen as a flash
            raise KeyboardInterrupt
        return run.picture

    def make_loss(frame, moved, mask):
        return FilmLoss(StyleTransferLoss(extractor, frame, styles, **weights), moved, mask, temporal_weight)

    shares = [1 / len(styles)] * len(styles)

    def start_anew(frame):
        return starting_picture("recolored content", frame, styles, shares=shares)

    return paint, _LaterFrames(make_loss, start_anew, max(1, round(LATER_STEPS * steps)))


class _LaterFrames:
    """Paints as :func:`minimize` does, with one compiled step for all: tracing takes longer than a frame."""

    def __init__(self, make_loss, start_anew, steps):
        self.make_loss, self.start_anew, self.steps, self.descent = make_loss, start_anew, steps, None

    def __call__(self, frame, moved, mask):
        share = mask[..., np.newaxis]  # what cannot be followed would drag its old paint along
        start = share * moved + (1 - share) * self.start_anew(frame)
        with reraise_out_of_memory(max(frame.shape[:2])):
            if self.descent is None:
                self.loss = self.make_loss(frame, moved, mask)
                self.descent = PictureOptimizer(self.loss, start, "adam", self.steps, LATER_RATE, "cosine")
                self.beginning = self.descent.state()
            self.loss.go_on(frame, moved, mask)
            self.descent.restart(start, self.beginning)
            for _ in range(self.steps):
                if not np.isfinite(total := self.descent.step()["total"]):
                    raise FloatingPointError(f"The loss of a frame became {total}: try smaller weights.")
            self.descent.look()
            return self.descent.best()


def _paint_frames(frames, paint, repaint, first, progress):
    """Paint one frame after the other, each from the one before."""
    before = painted = None
    for frame in progress_bar(frames, unit="frame", show=progress):
        frame = check_picture(frame, "frame")
        if before is None:
            painted = paint(frame) if first is None else _check_size(first, frame, "first")
        else:
            _check_size(frame, before, "frame")
            moved, mask = follow(painted, before, frame)
            painted = paint(frame) if mask.mean() < CUT else repaint(frame, moved, mask)
        yield painted
        before = frame


def _check_size(picture, other, name):
    picture = check_picture(picture, name)
    if picture.shape != other.shape:
        (height, width), (expected_height, expected_width) = picture.shape[:2], other.shape[:2]
        raise ImageError(
            f"{name} has {width} × {height} pixels, and the film {expected_width} × {expected_height}; give"
            " frames of one size."
        )
    return picture
