"""The generated paintings: what holds for all five, and for the three that are cut or washed."""

import cv2
import numpy as np
import pytest

from nst_utils.artworks import PAINTINGS, paint
from nst_utils.artworks.mosaic import lay_rows, nearest_stones
from nst_utils.artworks.shapes import evenly, ribbon, smooth_curve

OURS = ["woodblock", "mosaic", "composition"]


@pytest.fixture(scope="module")
def picture():
    """Painter of 160-pixel squares that paints each picture once."""
    done = {}

    def get(name, seed=0):
        if (name, seed) not in done:
            done[name, seed] = paint(name, 160, seed)
        return done[name, seed]

    return get


def coarse(picture, side=64):
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), 1.0)


def correlation(first, second):
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


def test_the_course_has_five_paintings_in_order():
    assert list(PAINTINGS) == ["swirls", "woodblock", "mosaic", "composition", "ink"]


@pytest.mark.parametrize("name", PAINTINGS)
def test_a_painting_is_a_picture(name, picture):
    painted = picture(name)
    assert painted.shape == (160, 160, 3)
    assert painted.dtype == np.float32
    assert painted.min() >= 0
    assert painted.max() <= 1
    assert np.ptp(painted) > 0.7


@pytest.mark.parametrize("name", OURS)
def test_the_same_seed_paints_the_same_picture(name, picture):
    np.testing.assert_array_equal(paint(name, 160, 0), picture(name))


@pytest.mark.parametrize("name", OURS)
def test_another_seed_paints_another_picture(name, picture):
    assert np.abs(picture(name, 1) - picture(name)).mean() > 0.03


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", OURS)
def test_the_composition_is_the_same_at_every_size(name, seed, picture):
    reference = coarse(picture(name, seed))
    for size in (96, 256):
        assert correlation(coarse(paint(name, size, seed)), reference) > 0.95


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", OURS)
def test_no_part_of_a_painting_is_flat(name, seed, picture):
    gray = picture(name, seed).mean(axis=2)
    fine = gray - cv2.GaussianBlur(gray, (0, 0), 5)  # without slow gradations
    tiles = fine.reshape(8, 20, 8, 20).std(axis=(1, 3))
    assert tiles.min() > 0.02
    assert np.median(tiles) > 0.05


@pytest.mark.parametrize("size", [(96, 160), (160, 96), (100, 167), (16, 40), 8])
@pytest.mark.parametrize("name", OURS)
def test_any_rectangle_can_be_painted(name, size):
    painted = paint(name, size)
    assert painted.shape == ((size, size, 3) if isinstance(size, int) else (*size, 3))
    assert np.isfinite(painted).all()
    assert painted.std() > 0.05


@pytest.mark.parametrize("size", [7, 0, (64, 4), (-5, 64)])
@pytest.mark.parametrize("name", OURS)
def test_a_size_that_is_too_small_is_refused(name, size):
    with pytest.raises(ValueError, match="at least 8"):
        paint(name, size)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="swirls, woodblock, mosaic, composition, ink") as error:
        paint("Mosaics")
    assert "Did you mean 'mosaic'?" in str(error.value)
    with pytest.raises(ValueError, match="No painting is named 'zzz'") as error:
        paint("zzz")
    assert "Did you mean" not in str(error.value)


def test_a_smooth_curve_goes_through_its_points():
    points = np.array([(0, 0), (1, 2), (3, 1), (4, 4)], float)
    curve = smooth_curve(points, steps=10)
    for point in points:
        assert np.hypot(*(curve - point).T).min() < 1e-9
    steps = np.linalg.norm(np.diff(evenly(curve, 50), axis=0), axis=1)
    assert steps.std() < 0.02 * steps.mean()


def test_a_ribbon_has_the_width_asked_for():
    path = np.stack([np.linspace(0, 1, 5), np.zeros(5)], 1)
    outline = ribbon(path, np.full(5, 0.2))
    np.testing.assert_allclose(np.abs(outline[:, 1]), 0.1)


def test_rows_of_stones_follow_the_edge_of_a_piece():
    y, x = np.mgrid[-100:101, -100:101]
    inside = np.hypot(x, y) < 95
    stones = lay_rows(inside, 10, np.random.default_rng(0))
    radius, angle = np.hypot(*(stones[:, :2] - 100).T), np.arctan2(*(stones[:, 1::-1] - 100).T)
    outer = stones[:, 4] == 0
    assert outer.sum() > 40
    np.testing.assert_allclose(radius[outer], 90, atol=3)
    across_the_radius = np.abs(np.sin(stones[outer, 2] - angle[outer]))
    assert across_the_radius.mean() > 0.97


def test_a_pixel_belongs_to_the_nearest_stone_of_its_own_piece():
    labels = np.zeros((20, 40), np.int32)
    labels[:, 30:] = 1
    stones = np.array([(0.25, 0.25, 0, 0.25, 0.25, 0), (0.60, 0.25, 0, 0.25, 0.25, 0)])
    owner, border = nearest_stones(stones, labels)
    assert (owner[5:15, :16] == 0).all()
    assert (owner[5:15, 18:30] == 1).all()
    assert (owner[:, 30:] == -1).all()
    assert border[10, 10] > border[10, 16]
