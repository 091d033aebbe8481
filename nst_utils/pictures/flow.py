"""Where everything moves from one picture to another: optical flow, its trust, and flicker along it."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..base.types import Picture
from .arrays import check_picture, to_uint8


def optical_flow(a: Picture, b: Picture) -> NDArray:
    """Find where each pixel of one picture is in another, by dense inverse search (DIS).

    Parameters
    ----------
    a, b : picture
        ``(height, width, 3)``, of one size, RGB, values in [0, 1].

    Returns
    -------
    numpy.ndarray
        ``(height, width, 2)``, float32, in pixels: what is at column x and row y in ``a`` is at
        ``x + flow[y, x, 0]`` and ``y + flow[y, x, 1]`` in ``b``.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    ValueError
        For pictures that differ in size.

    See Also
    --------
    nst_utils.warp : Moves a picture along a flow.
    nst_utils.reliable : Where a flow can be trusted.

    References
    ----------
    Kroeger et al. (2016), "Fast Optical Flow using Dense Inverse Search", https://arxiv.org/abs/1603.03590.

    Examples
    --------
    >>> from nst_utils import photo
    >>> a = photo("chelsea", 96)
    >>> print(optical_flow(a, np.roll(a, 3, axis=1))[20:40, 20:70, 0].mean().round())
    3.0
    """
    a, b = check_picture(a, "a"), check_picture(b, "b")
    if a.shape != b.shape:
        raise ValueError(f"The pictures have the shapes {a.shape} and {b.shape}; give two of one size.")
    gray_a, gray_b = (cv2.cvtColor(to_uint8(picture), cv2.COLOR_RGB2GRAY) for picture in (a, b))
    flow = np.zeros((*a.shape[:2], 2), np.float32)  # where the search starts
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(gray_a, gray_b, flow)


def warp(picture: NDArray, flow: NDArray) -> NDArray:
    """Fetch each pixel from where the flow points to; beyond the edges, from the nearest pixel.

    Parameters
    ----------
    picture : array
        ``(height, width)`` or ``(height, width, channels)``, floats.
    flow : array
        ``(height, width, 2)`` in pixels, as :func:`nst_utils.optical_flow` finds it:
        ``warp(b, optical_flow(a, b))`` is what ``b`` shows, in the places of ``a``.

    Returns
    -------
    numpy.ndarray
        Of the picture's shape, float32; between pixels, interpolated linearly.

    Raises
    ------
    ValueError
        For a flow of another size than the picture.

    Examples
    --------
    >>> row = np.float32([[0.0, 0.5, 1.0]])
    >>> print(warp(row, np.full((1, 3, 2), (1, 0))).tolist())
    [[0.5, 1.0, 1.0]]
    """
    picture, flow = np.asarray(picture, np.float32), np.asarray(flow, np.float32)
    if flow.shape != (*picture.shape[:2], 2):
        raise ValueError(
            f"flow has the shape {flow.shape}, the picture {picture.shape}; give the flow of that picture."
        )
    columns, rows = _targets(flow)
    return cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _targets(flow):
    """Columns and rows that a flow points to."""
    rows, columns = np.indices(flow.shape[:2], np.float32)
    return columns + flow[..., 0], rows + flow[..., 1]


def reliable(forward: NDArray, backward: NDArray) -> NDArray[np.float32]:
    """Find the pixels whose flow can be trusted: there and back again leads home, and no edge of a motion.

    Parameters
    ----------
    forward, backward : array
        ``(height, width, 2)`` in pixels: flow from the earlier frame to the later, and from the later to the
        earlier, as :func:`nst_utils.optical_flow` finds them.

    Returns
    -------
    numpy.ndarray
        ``(height, width)`` of the later frame, float32: 1 where it can be followed back, 0 where it was
        hidden or outside before, and where two motions meet.

    Raises
    ------
    ValueError
        For flows that differ in size.

    References
    ----------
    Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer for videos", section 3.2,
    https://arxiv.org/abs/1604.08610; the checks are those of Sundaram et al. (2010).

    Examples
    --------
    >>> print(reliable(np.full((4, 4, 2), (1, 0)), np.full((4, 4, 2), (-1, 0)))[0].tolist())
    [0.0, 1.0, 1.0, 1.0]
    """
    forward, backward = np.asarray(forward, np.float32), np.asarray(backward, np.float32)
    there = warp(forward, backward)
    lengths = np.sum(there**2, axis=-1) + np.sum(backward**2, axis=-1)
    is_hidden = np.sum((there + backward) ** 2, axis=-1) > 0.01 * lengths + 0.5
    slopes = sum(np.sum(slope**2, axis=-1) for slope in np.gradient(backward, axis=(0, 1)))
    is_border = slopes > 0.01 * np.sum(backward**2, axis=-1) + 0.002
    columns, rows = _targets(backward)
    height, width = backward.shape[:2]
    is_inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    return (is_inside & ~is_hidden & ~is_border).astype(np.float32)


def follow(painted: Picture, before: Picture, frame: Picture) -> tuple[Picture, NDArray[np.float32]]:
    """Move a painted frame to where the next frame has its parts.

    Parameters
    ----------
    painted : picture
        What the frame ``before`` was painted as.
    before, frame : picture
        Two frames of a film, ``(height, width, 3)``, RGB, values in [0, 1].

    Returns
    -------
    moved : numpy.ndarray
        The painted frame, moved: ``(height, width, 3)``, float32.
    mask : numpy.ndarray
        ``(height, width)``, float32: 1 where it can be trusted, else 0, see :func:`nst_utils.reliable`.

    Raises
    ------
    nst_utils.ImageError
        For frames that are not pictures.
    ValueError
        For pictures that differ in size.

    Examples
    --------
    What was painted is the negative; the film moves 3 pixels to the right.

    >>> from nst_utils import photo
    >>> before = photo("chelsea", 96)
    >>> frame = np.roll(before, 3, axis=1)
    >>> moved, mask = follow(1 - before, before, frame)
    >>> print(np.abs(moved - (1 - frame))[mask == 1].mean().round(1))
    0.0
    """
    backward = optical_flow(frame, before)
    return warp(painted, backward), reliable(optical_flow(before, frame), backward)


def flicker(painted: Sequence[Picture], frames: Sequence[Picture]) -> float:
    """Measure how much a painted film flickers: the mean change along the flow, over all reliable pixels.

    The change of a pixel is ``|x(t) − warp(x(t − 1))|``, the mean of its three colors.

    Parameters
    ----------
    painted, frames : sequence of pictures
        The painted frames, and those of the film, which say how everything moves: two at least, all
        ``(height, width, 3)``, values in [0, 1].

    Returns
    -------
    float
        0 for paint that moves with the film; at most 1.

    Raises
    ------
    ValueError
        For fewer frames than two, for two numbers of them, and for pictures that differ in size.

    References
    ----------
    Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer for videos", https://arxiv.org/abs/1604.08610,
    measure stability by such a change along the flow, there squared.

    Examples
    --------
    >>> from nst_utils import photo
    >>> flicker([photo("chelsea", 96)] * 2, [photo("chelsea", 96)] * 2)
    0.0
    """
    if len(painted) != len(frames) or len(frames) < 2:
        raise ValueError(
            f"painted has {len(painted)} frames, the film {len(frames)}; give 2 or more of both."
        )
    changes, pixels = 0.0, 0.0
    for n in range(1, len(frames)):
        moved, mask = follow(painted[n - 1], frames[n - 1], frames[n])
        changes += float(np.sum(mask * np.abs(painted[n] - moved).mean(axis=-1)))
        pixels += float(mask.sum())
    return changes / max(pixels, 1.0)
