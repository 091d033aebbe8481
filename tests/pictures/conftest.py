"""A picture that the tests of pictures share."""

import numpy as np
import pytest


@pytest.fixture
def gradient():
    """Return a picture, 24 high and 32 wide, that differs in every direction and channel."""
    y, x = np.mgrid[0:24, 0:32].astype(np.float32)
    return np.stack([x / 31, y / 23, (x + y) / 54], axis=-1)
