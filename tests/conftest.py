"""What several tests share: the trained network, a photo and a painting at small size."""

import os

import pytest

os.environ.setdefault("NST_PROGRESS", "0")
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(scope="session")
def extractor():
    from nst_utils import FeatureExtractor, losses

    return FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS)


@pytest.fixture(scope="session")
def photo():
    import nst_utils

    return nst_utils.photo("astronaut", size=96)


@pytest.fixture(scope="session")
def painting():
    import nst_utils

    return nst_utils.painting("swirls", size=96)
