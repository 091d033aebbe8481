"""Where a run can start."""

import numpy as np
import pytest

from nst_utils.pictures import arrays
from nst_utils.pictures.initial import INITIAL_PICTURES, initial_picture

CONTENT = np.linspace(0, 1, 24 * 40 * 3, dtype=np.float32).reshape(24, 40, 3)
STYLE = np.random.default_rng(0).random((50, 30, 3), np.float32)


@pytest.mark.parametrize("initial", [*INITIAL_PICTURES, STYLE])
def test_every_start_is_a_picture_of_the_contents_size(initial):
    assert arrays.check_picture(initial_picture(initial, CONTENT, STYLE)).shape == CONTENT.shape


def test_the_style_keeps_its_proportions():
    """A square in the middle of a tall style picture is still a square in a wide start."""
    style = np.zeros((90, 60, 3), np.float32)
    style[40:50, 25:35] = 1
    start = initial_picture("style", np.zeros((40, 80, 3), np.float32), style)
    rows, columns = (np.count_nonzero(start[..., 0].max(axis) > 0.5) for axis in (1, 0))
    assert rows == pytest.approx(columns, abs=1)


def test_blurred_content_keeps_the_mean_and_loses_the_detail():
    content = np.random.default_rng(1).random((64, 96, 3), np.float32)
    blurred = initial_picture("blurred content", content, STYLE)
    assert blurred.mean() == pytest.approx(content.mean(), abs=0.02)
    assert blurred.std() < 0.3 * content.std()


def test_unknown_names_and_what_is_no_picture_are_refused():
    with pytest.raises(ValueError, match="blurred content"):
        initial_picture("random", CONTENT, STYLE)
    with pytest.raises(arrays.ImageError, match="initial"):
        initial_picture(CONTENT * 255, CONTENT, STYLE)
