"""The colors of one picture moved to those of another: their mean and their covariance."""

import numpy as np
from numpy.typing import NDArray

from ..base.types import Picture
from .arrays import check_picture
from .masks import check_mask

# Variance added along every axis of color: gray and one-color pictures have none along some. 0.01², about
# what rounding to 8 bits and the noise of a camera leave in any picture.
NOISE_VARIANCE = 1e-4


def match_colors(
    picture: Picture,
    target: Picture,
    *,
    mask: NDArray | None = None,
    target_mask: NDArray | None = None,
) -> Picture:
    """Move the colors of a picture to the mean and the covariance of another one's.

    Of all linear maps that do so, this one changes the colors least: the optimal transport between two
    Gaussians (Pitié and Kokaram 2007). Gatys et al. (2017) match mean and covariance to keep a photo's
    colors.

    Parameters
    ----------
    picture, target : picture
        ``(height, width, 3)``, RGB, values in [0, 1]; they may differ in size.
    mask, target_mask : array, optional
        ``(height, width)``, from 0 to 1: how much each place of the picture, and of the target, counts for
        the mean and the covariance.

    Returns
    -------
    numpy.ndarray
        Like ``picture``, float32; colors that would leave [0, 1] end there.

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture, and for masks of other proportions or 0 everywhere.

    See Also
    --------
    nst_utils.restore_colors : Puts each place's own color back, after the painting.

    References
    ----------
    Pitié and Kokaram (2007), "The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour
    Transfer".

    Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer", on colors,
    https://arxiv.org/abs/1611.07865.

    Examples
    --------
    >>> from nst_utils import painting, photo
    >>> night = painting("swirls", 64)
    >>> recolored = match_colors(photo("chelsea", 64), night)
    >>> print(abs(recolored.mean((0, 1)) - night.mean((0, 1))).max().round(1))
    0.0
    """
    picture, target = check_picture(picture), check_picture(target, "target")
    mean, covariance = _moments(picture, mask)
    target_mean, target_covariance = _moments(target, target_mask)
    root, inverse_root = _power(covariance, 0.5), _power(covariance, -0.5)
    transport = inverse_root @ _power(root @ target_covariance @ root, 0.5) @ inverse_root
    return np.clip((picture - mean) @ transport + target_mean, 0, 1).astype(np.float32)


def _moments(picture, mask):
    pixels = picture.reshape(-1, 3).astype(np.float64)
    weights = None if mask is None else check_mask(mask, picture.shape).ravel()
    covariance = np.cov(pixels.T, bias=True, aweights=weights)
    return np.average(pixels, axis=0, weights=weights), covariance + NOISE_VARIANCE * np.eye(3)


def _power(matrix, exponent):
    """Power of a symmetric positive definite matrix."""
    values, directions = np.linalg.eigh(matrix)
    return (directions * values**exponent) @ directions.T
