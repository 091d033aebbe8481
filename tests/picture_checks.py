"""What tests of pictures look at."""

import numpy as np


def assert_is_picture(picture, shape):
    assert picture.shape == shape
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1


def color_of(picture):
    """Return the one color of a plain picture."""
    color = picture[0, 0]
    np.testing.assert_array_equal(picture, np.broadcast_to(color, picture.shape))
    return tuple(color)
