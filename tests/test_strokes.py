import cv2
import numpy as np
import pytest

from nst_utils.artworks import ink, strokes, swirls

PAINTINGS = [swirls, ink]


@pytest.fixture(scope="module", params=PAINTINGS, ids=lambda paint: paint.__name__)
def paint(request):
    return request.param


@pytest.fixture(scope="module")
def small(paint):
    return paint(128)


def test_is_a_picture(small):
    assert small.shape == (128, 128, 3)
    assert small.dtype == np.float32
    assert small.min() >= 0
    assert small.max() <= 1


def test_same_seed_same_painting(paint, small):
    np.testing.assert_array_equal(paint(128), small)


def test_other_seed_other_painting(paint, small):
    assert np.abs(paint(128, seed=1) - small).mean() > 0.03


@pytest.mark.parametrize("shape", [(96, 160), (160, 96), (8, 300), (300, 8)])
def test_rectangles(paint, shape):
    assert paint(shape).shape == (*shape, 3)


@pytest.mark.parametrize("shape", [(128, 128), (120, 200)])
def test_same_composition_at_every_size(paint, shape):
    small = paint(shape)
    large = paint((4 * shape[0], 4 * shape[1]))
    large = cv2.resize(large, shape[::-1], interpolation=cv2.INTER_AREA)
    blurred = [cv2.GaussianBlur(picture, (0, 0), 2).ravel() for picture in (small, large)]
    assert np.corrcoef(*blurred)[0, 1] > 0.97
    assert abs(small.mean() - large.mean()) < 0.02


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_texture_everywhere(paint, seed):
    picture = paint(256, seed).mean(axis=-1)
    fine = picture - cv2.GaussianBlur(picture, (0, 0), 4)
    tiles = fine.reshape(8, 32, 8, 32).std(axis=(1, 3))
    assert tiles.min() > 0.02


def test_contrast_is_strong(small):
    dark, light = np.percentile(small.mean(axis=-1), [2, 98])
    assert light - dark > 0.5


@pytest.mark.parametrize("size", [7, (7, 100), (100, 0)])
def test_too_small(paint, size):
    with pytest.raises(ValueError, match="at least 8"):
        paint(size)


def test_trace_follows_the_flow():
    flow = np.zeros((64, 64, 2))
    flow[..., 0] = 1
    paths = strokes.trace(flow, np.array([[0.25, 0.5]]), np.array([0.3]), count=4)
    np.testing.assert_allclose(paths, [[[0.25, 0.5], [0.35, 0.5], [0.45, 0.5], [0.55, 0.5]]])


def test_lay_strokes_has_the_width_asked_for():
    canvas = np.zeros((200, 200, 1), np.uint8)
    path = np.array([[[0.2, 0.5], [0.5, 0.5], [0.8, 0.5]]])
    strokes.lay_strokes(canvas, path, np.array([[200]]), np.full((1, 3), 0.1))
    assert (canvas[:, 100, 0] / 200).sum() == pytest.approx(20, abs=1)
    assert not canvas[:80].any()
    assert not canvas[120:].any()


def test_relief_is_lit_from_the_upper_left():
    canvas = np.full((200, 200, 4), 100, np.uint8)
    cv2.circle(canvas, (100, 100), 40, (100, 100, 100, 250), -1)
    lit = strokes.light_relief(canvas)[..., 0]
    edge = 40 * np.sqrt(0.5)
    upper_left, lower_right = round(100 - edge), round(100 + edge)
    assert lit[upper_left, upper_left] > lit[100, 100] > lit[lower_right, lower_right]
    assert lit[100, 100] == pytest.approx(100 / 255)
