"""Colors of one picture moved to those of another."""

import numpy as np
import pytest

from nst_utils.pictures.arrays import check_picture
from nst_utils.pictures.colors import match_colors
from nst_utils.pictures.opponent import restore_colors, to_opponent
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


def test_masks_choose_whose_colors_are_moved_where_to():
    picture, target = photo("coffee", 64), photo("china", 64)
    left = np.float32(np.indices(target.shape[:2])[1] < 20)
    middle = np.full_like(target, 0.5)
    target = np.where(left[..., None] > 0, 0.5 + 0.3 * (target - 0.5), middle)
    matched = match_colors(picture, target, mask=left, target_mask=left)
    np.testing.assert_allclose(matched[:, :20].mean((0, 1)), target[:, :20].mean((0, 1)), atol=0.01)


@pytest.mark.parametrize("painted", [painting("swirls", 64), GRAY, PLAIN], ids=["swirls", "gray", "plain"])
@pytest.mark.parametrize("own", [photo("coffee", 64), GRAY, PLAIN * 0], ids=["coffee", "gray", "black"])
def test_restored_colors_are_the_photos_and_the_brightness_is_the_paintings(painted, own):
    restored = check_picture(restore_colors(painted, own))
    assert restored.shape == painted.shape
    inside = ((restored > 0) & (restored < 1)).all(axis=-1)  # colors that would leave [0, 1] end there
    brightness = to_opponent(restored).numpy()[..., 0], to_opponent(painted).numpy()[..., 0]
    np.testing.assert_allclose(*(one[inside] for one in brightness), atol=1e-5)
    np.testing.assert_allclose(restore_colors(own, own), own, atol=1e-5)
    batch = restore_colors(np.stack([painted] * 2), own)
    np.testing.assert_array_equal(batch[1], restored)
