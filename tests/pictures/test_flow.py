"""Optical flow, what is moved along it, and what of it can be trusted."""

import numpy as np
import pytest

import nst_utils
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.flow import flicker, follow, optical_flow, reliable, warp

PHOTO = nst_utils.photo("chelsea", 96)
HEIGHT, WIDTH = PHOTO.shape[:2]


def shifted(right, down):
    """Two pictures cut from a larger one: what is in the first lies that far right and down in the second."""
    large = nst_utils.photo("chelsea", 128)
    return large[20:60, 30:90], large[20 - down : 60 - down, 30 - right : 90 - right]


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -2), (-4, 5)])
def test_the_flow_of_a_shift_is_that_shift_and_the_warp_undoes_it(right, down):
    a, b = shifted(right, down)
    flow = optical_flow(a, b)
    assert (flow.shape, flow.dtype) == ((40, 60, 2), np.float32)
    inside = np.s_[8:-8, 8:-8]
    np.testing.assert_allclose(np.median(flow[inside], axis=(0, 1)), (right, down), atol=0.1)
    assert np.abs(warp(b, flow) - a)[inside].mean() < 0.01
    assert np.abs(b - a)[inside].mean() > 0.03


def test_the_warp_fetches_each_pixel_exactly_and_continues_the_edge():
    flow = np.full((HEIGHT, WIDTH, 2), (2, -1), np.float32)
    moved = warp(PHOTO, flow)
    np.testing.assert_allclose(moved[1:, :-2], PHOTO[:-1, 2:], atol=1e-6)
    np.testing.assert_allclose(moved[1:, -1], PHOTO[:-1, -1], atol=1e-6)
    half = warp(np.float32([[0, 1]]), np.full((1, 2, 2), (0.5, 0)))
    np.testing.assert_allclose(half, [[0.5, 1]])
    with pytest.raises(ValueError, match="give the flow of that picture"):
        warp(PHOTO, flow[1:])


def test_a_square_that_moves_hides_and_uncovers_and_is_bordered():
    """A square moves 4 to the right over a still ground: flows by hand, as they are in truth."""
    forward, backward = np.zeros((2, 32, 32, 2), np.float32)
    forward[10:20, 8:18] = (4, 0)
    backward[10:20, 12:22] = (-4, 0)
    trust = reliable(forward, backward)
    assert trust.dtype == np.float32
    assert trust[14, 9] == 0  # uncovered: there the way back leads to the square, which has moved on
    assert trust[15, 17] == 1  # the square itself
    assert trust[15, 12] == 0  # its edge, where two motions meet
    assert trust[2:8].min() == 1  # the ground
    outside = reliable(np.full((8, 8, 2), (3, 0)), np.full((8, 8, 2), (-3, 0)))
    np.testing.assert_array_equal(outside, np.float32(np.indices((8, 8))[1] >= 3))


def test_flicker_is_the_mean_change_along_the_flow():
    a, b = shifted(3, 2)
    moves_along = flicker([a, b], [a, b])
    assert moves_along < 0.01
    np.testing.assert_allclose(flicker([a, np.clip(b * 0.5, 0, 1)], [a, b]), b.mean() * 0.5, atol=0.04)
    gray = np.full_like(PHOTO, 0.25)
    assert flicker([gray, gray + 0.5, gray], [PHOTO] * 3) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="give 2 or more of both"):
        flicker([a], [a])
    with pytest.raises(ValueError, match="two of one size"):
        follow(a, a, b[1:])
    with pytest.raises(ImageError, match="a has values"):
        optical_flow(a * 255, b)
