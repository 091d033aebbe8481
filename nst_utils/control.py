"""Control of where, what and how: masks, several paintings, colors, the size of the strokes.

A mask says where to paint: one cut out by a box and strokes, or found by what the network sees. What
:func:`nst_utils.stylize` does with masks and several paintings before its first step is here, too; the Gram
matrices of regions are in :mod:`nst_utils.gram`, their losses in :mod:`nst_utils.losses`.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .base.arguments import check_int, describe_value
from .base.types import Colors, Initial, Picture
from .features import FeatureExtractor
from .pictures.arrays import SMALLEST_SIDE, check_picture, resize, to_uint8
from .pictures.colors import match_colors
from .pictures.initial import initial_picture
from .pictures.masks import check_mask, share_places

ROUNDS = 5  # of GrabCut: colors are learned from the mask, the mask is cut by the colors
SEEN_BY = "block4_conv2"  # deep enough to see sky and roof, in positions of 8 pixels

# ----- Where: masks -----


def cut_out(
    photo: Picture,
    box: tuple[int, int, int, int],
    *,
    inside: ArrayLike | None = None,
    outside: ArrayLike | None = None,
) -> NDArray[np.float32]:
    """Cut a figure out of a photo, by a box around it and strokes on it.

    GrabCut: two mixtures of Gaussians learn the colors within the box and around it; a cut along strong edges
    parts the pixels; and again.

    Parameters
    ----------
    photo : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    box : (int, int, int, int)
        First row, last row + 1, first column, last column + 1 of the box, in pixels. What is around it is
        outside for certain.
    inside, outside : array, optional
        ``(height, width)``: strokes, above 0 where a pixel belongs to the figure, or does not, for certain.

    Returns
    -------
    numpy.ndarray
        ``(height, width)``, float32: 1 in the figure, else 0.

    Raises
    ------
    ValueError
        For a box that is not in the photo, when nothing is left outside, and for strokes of another size.

    See Also
    --------
    nst_utils.find_regions : Masks without a box, from what the network sees.

    References
    ----------
    Rother, Kolmogorov and Blake (2004), "GrabCut: Interactive Foreground Extraction using Iterated Graph
    Cuts".

    Examples
    --------
    >>> picture = np.zeros((32, 32, 3), np.float32)
    >>> picture[8:24, 8:24] = 1
    >>> print(cut_out(picture, (4, 28, 4, 28)).sum() == 16 * 16)
    True
    """
    photo = check_picture(photo, "photo")
    height, width = photo.shape[:2]
    places = np.full((height, width), cv2.GC_BGD, np.uint8)
    top, bottom, left, right = _check_box(box, height, width)
    places[top:bottom, left:right] = cv2.GC_PR_FGD
    for stroke, name, label in ((inside, "inside", cv2.GC_FGD), (outside, "outside", cv2.GC_BGD)):
        if stroke is not None:
            places[check_mask(stroke, photo.shape, name) > 0] = label
    if (places == cv2.GC_BGD).all() or not (places == cv2.GC_BGD).any():
        raise ValueError("Nothing is left outside, or nothing inside; choose another box or other strokes.")
    outer, inner = np.zeros((1, 65)), np.zeros((1, 65))  # models of the colors, which GrabCut fills
    cv2.setRNGSeed(0)  # it begins with clusters drawn by chance
    cv2.grabCut(to_uint8(photo), places, (0, 0, 0, 0), outer, inner, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(places, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def _check_box(box, height, width):
    if np.shape(box) != (4,):
        raise ValueError(f"box is {describe_value(box)}; give four numbers: top, bottom, left and right.")
    for name, value in zip(("top", "bottom", "left", "right"), box, strict=True):
        check_int(f"{name} of box", value, least=0)
    top, bottom, left, right = box
    if not (top < bottom <= height and left < right <= width):
        raise ValueError(
            f"box is {tuple(box)}; rows must rise within 0 to {height}, columns within 0 to {width}."
        )
    return box


def find_regions(
    photo: Picture, count: int = 3, *, layer: str = SEEN_BY, extractor: Callable | None = None
) -> NDArray[np.float32]:
    """Part a photo into regions that look alike to the network: clusters of its deep features.

    Parameters
    ----------
    photo : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    count : int, optional
        Number of regions, at least 2.
    layer : str, optional
        The deeper, the more a region is a kind of thing, and the coarser its edge.
    extractor : callable, optional
        A :class:`nst_utils.FeatureExtractor` of this layer; by default the trained VGG19.

    Returns
    -------
    numpy.ndarray
        Masks ``(count, height, width)``, float32, largest first: they add up to 1 everywhere, soft at their
        edges.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    ValueError
        For a count below 2, or above the number of positions that the layer has here.
    nst_utils.WeightsError
        When no source has the trained weights.

    See Also
    --------
    nst_utils.cut_out : A mask by a box around a figure.

    Examples
    --------
    >>> from nst_utils import photo
    >>> find_regions(photo("china", 96), 2).shape
    (2, 64, 96)
    """
    from sklearn.cluster import KMeans  # takes a second, which no other function needs

    photo = check_picture(photo, "photo")
    check_int("count", count, least=2)
    extractor = FeatureExtractor((layer,)) if extractor is None else extractor
    features = np.asarray(extractor(photo)[layer][0], np.float32)
    rows, columns, channels = features.shape
    if count > rows * columns:
        raise ValueError(f"count is {count}; take {rows * columns} at most, the positions of {layer} here.")
    vectors = features.reshape(-1, channels)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # what is seen counts, not how strongly
    clusters = KMeans(count, n_init=3, random_state=0).fit_predict(vectors / np.maximum(lengths, 1e-6))
    largest_first = np.argsort(-np.bincount(clusters, minlength=count))
    masks = [(clusters == n).reshape(rows, columns).astype(np.float32) for n in largest_first]
    shape = photo.shape[1::-1]
    return np.stack([cv2.resize(mask, shape, interpolation=cv2.INTER_LINEAR) for mask in masks])


# ----- What and how: several paintings, their colors, the size of their strokes -----


def adapt_paintings(
    paintings: Sequence[Picture],
    photo: Picture,
    colors: Colors = "painting",
    stroke_size: float = 1.0,
    *,
    masks: Sequence[NDArray] | None = None,
    style_masks: Sequence[NDArray] | None = None,
) -> list[Picture]:
    """Give paintings the photo's palette, each that of its region, and their strokes another size.

    Parameters
    ----------
    paintings, photo, colors, stroke_size, masks, style_masks
        As :func:`nst_utils.stylize` takes them, but in lists.

    Raises
    ------
    ValueError
        For strokes so small that nothing is left of a painting.
    """
    none = [None] * len(paintings)
    if colors == "photo palette":
        regions = zip(paintings, masks or none, style_masks or none, strict=True)
        paintings = [match_colors(one, photo, mask=own, target_mask=mask) for one, mask, own in regions]
    if stroke_size == 1:
        return list(paintings)
    shortest = stroke_size * min(min(painting.shape[:2]) for painting in paintings)
    if shortest < SMALLEST_SIDE:
        raise ValueError(
            f"stroke_size is {stroke_size:g}, which leaves a painting {shortest:.0f} pixels one way; choose a"
            f" larger one: {SMALLEST_SIDE} are needed."
        )
    return [resize(painting, round(stroke_size * max(painting.shape[:2]))) for painting in paintings]


def starting_picture(
    initial: Initial | Picture,
    content: Picture,
    styles: Sequence[Picture],
    seed: int = 0,
    *,
    shares: Sequence[float],
    masks: Sequence[NDArray] | None = None,
    style_masks: Sequence[NDArray] | None = None,
) -> Picture:
    """Make the picture that a run starts from: the mean of its paintings' starts, by share or by place.

    Where no mask is, it is the content. See :func:`nst_utils.pictures.initial.initial_picture`.
    """
    none, weights = [None] * len(styles), np.array(shares, np.float32)
    if masks:
        masks = [check_mask(mask, content.shape) for mask in masks]
        weights = share_places(masks)[..., np.newaxis]
    start = (1 - sum(weights)) * content
    for weight, style, mask, own in zip(weights, styles, masks or none, style_masks or none, strict=True):
        own = None if own is None else check_mask(own, style.shape)
        start = start + weight * initial_picture(initial, content, style, seed, mask=mask, style_mask=own)
    return np.clip(start, 0, 1)
