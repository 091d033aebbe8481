"""Samples: photos and paintings without network, famous works with it, and finding any of them."""

import hashlib
import re
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from nst_utils.base import download
from nst_utils.base.download import DownloadError
from nst_utils.pictures import samples
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.files import load_image, save_image
from nst_utils.pictures.samples import (
    PAINTINGS,
    PHOTOS,
    PUBLIC_DOMAIN,
    artwork_from_web,
    find_picture,
    painting,
    painting_names,
    photo,
    photo_names,
)
from scripts import paintings


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Let every look-up of a name fail at once, as on a train."""

    def fail(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(download.urllib.request, "getproxies", dict)
    monkeypatch.setattr("socket.getaddrinfo", fail)


def assert_is_picture(picture, shape):
    assert picture.shape == shape
    assert picture.dtype == np.float32
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.05  # there is something to see


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("astronaut", (512, 512, 3)),
        ("chelsea", (300, 451, 3)),
        ("coffee", (400, 600, 3)),
        ("rocket", (427, 640, 3)),
    ],
)
def test_a_photo_comes_with_scikit_image(name, shape):
    assert_is_picture(photo(name), shape)


def test_a_photo_at_another_size():
    assert_is_picture(photo("chelsea", size=128), (85, 128, 3))


def test_photos_are_those_of_scikit_image_and_scikit_learn():
    from skimage import data
    from sklearn.datasets import load_sample_image

    for name in photo_names():
        original = getattr(data, name)() if hasattr(data, name) else load_sample_image(f"{name}.jpg")
        np.testing.assert_array_equal(photo(name), load_image(original))


def test_samples_do_not_load_tensorflow():
    code = (
        "import sys; from nst_utils.pictures import samples; samples.photo('coffee', 64);"
        "print(sorted({'tensorflow', 'scipy', 'sklearn', 'pooch'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", painting_names())
def test_a_painting_has_the_size_asked_for_and_follows_its_seed(name):
    first = painting(name, size=64)
    assert_is_picture(first, (64, 64, 3))
    assert np.abs(painting(name, size=64, seed=1) - first).mean() > 0.03


def test_a_painting_is_as_its_file_or_enlarged():
    assert painting("ink", None).shape == (1024, 1024, 3)
    assert painting("ink", 1100).shape == (1100, 1100, 3)


def test_a_seed_that_is_not_there_gets_those_that_are():
    with pytest.raises(ValueError, match="0, 1"):
        painting("ink", 64, seed=2)


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("swirls", 1),
        ("mosaic", 0),
        ("ink", 1),
        pytest.param("woodblock", 0, marks=pytest.mark.slow),
        pytest.param("composition", 1, marks=pytest.mark.slow),
    ],
)
def test_make_paintings_paints_what_the_package_holds(name, seed):
    assert sorted(paintings.PAINTERS) == sorted(painting_names())
    assert paintings.SEEDS == samples.PAINTING_SEEDS
    painted = load_image(paintings.jpeg(name, seed))
    difference = np.abs(painted - painting(name, None, seed)).mean()
    assert difference < 0.005  # versions of the libraries round differently; another seed is 0.1 away


@pytest.mark.parametrize("catalog", [PHOTOS, PAINTINGS, PUBLIC_DOMAIN])
def test_every_record_is_complete(catalog):
    for name, sample in catalog.items():
        assert sample.name == name
        assert re.fullmatch("[a-z-]+", name)
        assert all([sample.title, sample.author, sample.license, sample.origin])


def test_the_catalogs_share_no_name():
    names = [*PHOTOS, *PAINTINGS, *PUBLIC_DOMAIN]
    assert len(names) == len(set(names))


def test_web_artworks_have_consistent_addresses():
    """Wikimedia keeps a file in folders named by the MD5 of its name: that finds misspellings."""
    for sample in PUBLIC_DOMAIN.values():
        address = urlsplit(sample.origin)
        first, second, name, scaled = unquote(address.path).split("/")[-4:]
        digest = hashlib.md5(name.encode()).hexdigest()
        assert (address.scheme, address.netloc) == ("https", "upload.wikimedia.org")
        assert (first, second) == (digest[0], digest[:2])
        assert scaled == f"1280px-{name}"


def test_web_artworks_are_free_in_europe_too():
    for sample in PUBLIC_DOMAIN.values():
        died = int(re.search(r"\(\d{4}–(\d{4})\)", sample.author).group(1))
        assert died < 1955
        assert sample.license == "public domain"


def test_without_network_an_artwork_names_the_paintings():
    with pytest.raises(DownloadError, match="The Scream, 1893, is not available now") as caught:
        artwork_from_web("scream")
    assert all(name in str(caught.value) for name in PAINTINGS)


def test_with_network_an_artwork_comes_at_the_size_asked_for(monkeypatch, tmp_path):
    body = save_image(photo("coffee"), tmp_path / "coffee.png").read_bytes()
    asked = []

    def read_url(url, **_):
        asked.append(url)
        return body

    monkeypatch.setattr("nst_utils.pictures.files.read_url", read_url)
    assert_is_picture(artwork_from_web("great-wave"), (341, 512, 3))
    assert_is_picture(find_picture("great-wave", size=120), (80, 120, 3))
    assert asked == [PUBLIC_DOMAIN["great-wave"].origin] * 2


@pytest.mark.parametrize(
    ("function", "name", "says"),
    [
        (photo, "astronaut ", "no photo called 'astronaut '; did you mean astronaut"),
        (photo, "zebra", "no photo called 'zebra'. Choose one of: astronaut, chelsea, coffee, r"),
        (painting, "SWIRL", "no painting called 'SWIRL'; did you mean swirls"),
        (artwork_from_web, "stary-night", "did you mean starry-night"),
        (find_picture, "cofee", "no file or sample called 'cofee'; did you mean coffee"),
        (find_picture, "zebra", "Choose one of: astronaut, .*swirls, .*scream"),
    ],
)
def test_an_unknown_name_gets_the_known_ones(function, name, says):
    with pytest.raises(ImageError, match=says):
        function(name)


def test_find_picture_knows_names_paths_and_addresses(tmp_path):
    np.testing.assert_array_equal(find_picture("coffee", 100), photo("coffee", 100))
    np.testing.assert_array_equal(find_picture("mosaic", 64), painting("mosaic", 64))
    path = save_image(photo("chelsea"), tmp_path / "my cat.png")
    np.testing.assert_array_equal(find_picture(str(path)), photo("chelsea"))
    with pytest.raises(DownloadError, match=r"example\.com could not be read"):
        find_picture("https://example.com/cat.png")


def test_find_picture_loads_a_painting_at_512_unless_told():
    assert find_picture("ink").shape == (512, 512, 3)


def test_find_picture_prefers_the_sample_to_a_file_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("coffee", "cat"):
        save_image(photo("chelsea", 64), tmp_path / "a.png").rename(tmp_path / name)
    assert find_picture("coffee").shape == photo("coffee").shape
    assert find_picture("cat").shape == (43, 64, 3)


def test_find_picture_of_a_missing_file_is_about_the_file(tmp_path):
    with pytest.raises(ImageError, match=r"cat\.png"):
        find_picture(str(tmp_path / "cat.png"))


def test_the_photos_keep_their_authors():
    facts = {name: (sample.author, sample.license) for name, sample in samples.PHOTOS.items()}
    assert facts == {
        "astronaut": ("NASA", "public domain (no known copyright restrictions)"),
        "chelsea": ("Stefan van der Walt", "CC0"),
        "coffee": ("Rachel Michetti", "CC0"),
        "rocket": ("SpaceX", "public domain"),
        "china": ("Daniel Büchele", "CC BY 2.0"),
        "flower": ("vultilion", "CC BY 2.0"),
    }
