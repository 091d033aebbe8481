"""Colors of one picture moved to those of another."""

import numpy as np
import pytest

from nst_utils.pictures.arrays import check_picture
from nst_utils.pictures.colors import match_colors
from nst_utils.pictures.samples import painting, photo


def moments(picture):
    pixels = picture.reshape(-1, 3)
    return np.concatenate([pixels.mean(0), np.cov(pixels.T).ravel()])


def test_mean_and_covariance_become_the_targets():
    picture, target = photo("coffee", 64), 0.5 + 0.3 * (painting("swirls", 64) - 0.5)  # nothing is clipped
    np.testing.assert_allclose(moments(match_colors(picture, target)), moments(target), atol=1e-3)


GRAY = np.tile(np.linspace(0.2, 0.8, 32, dtype=np.float32)[:, None, None], (1, 24, 3))
PLAIN = np.full((32, 24, 3), (0.2, 0.5, 0.7), np.float32)


@pytest.mark.parametrize("picture", [GRAY, PLAIN, np.zeros_like(PLAIN)], ids=["gray", "plain", "black"])
@pytest.mark.parametrize("target", [GRAY, PLAIN, np.zeros_like(PLAIN)], ids=["gray", "plain", "black"])
def test_pictures_without_color_give_pictures(picture, target):
    """Their covariances are singular: eigenvalues like -2e-17 would give NaN under a root."""
    matched = check_picture(match_colors(picture, target))
    np.testing.assert_allclose(matched.mean((0, 1)), target.mean((0, 1)), atol=0.02)
