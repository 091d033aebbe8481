"""Pictures to start with: photos and paintings without a download, and famous works with one.

The photos come with scikit-image. The paintings come with this package; ``scripts/paintings`` painted them.
"""

import difflib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from ..base.arguments import check_int, describe_value
from ..base.download import DownloadError
from .images import ImageError, load_image


@dataclass(frozen=True)
class Sample:
    """What to say about a picture when showing it; ``origin`` is an address or a description."""

    name: str
    title: str
    author: str
    license: str
    origin: str


def _by_name(*samples):
    return {sample.name: sample for sample in samples}


PHOTOS = _by_name(
    Sample(
        "astronaut",
        "Eileen Collins, astronaut",
        "NASA",
        "public domain (no known copyright restrictions)",
        "https://flic.kr/p/r9qvLn",
    ),
    Sample("chelsea", "Chelsea the cat", "Stefan van der Walt", "CC0", "scikit-image"),
    Sample(
        "coffee",
        "Coffee cup",
        "Rachel Michetti",
        "CC0",
        "scikit-image, by courtesy of Pikolo Espresso Bar",
    ),
    Sample(
        "rocket",
        "Launch of DSCOVR on a Falcon 9",
        "SpaceX",
        "public domain",
        "https://www.flickr.com/photos/spacexphotos/16511594820/",
    ),
)
PHOTO_FILES = {
    "astronaut": "astronaut.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
}

_OURS = ("nst_utils", "MIT", "painted by scripts/paintings of the course's repository")
PAINTINGS = _by_name(
    Sample("swirls", "Swirls", *_OURS),
    Sample("woodblock", "Woodblock print", *_OURS),
    Sample("mosaic", "Mosaic", *_OURS),
    Sample("composition", "Composition", *_OURS),
    Sample("ink", "Ink", *_OURS),
)
PAINTING_SEEDS = 0, 1

# Wikimedia serves scaled copies in a few fixed widths alone; 1280 px is one of them.
_COMMONS = "https://upload.wikimedia.org/wikipedia/commons/thumb"
_FREE = "public domain"
PUBLIC_DOMAIN = _by_name(
    Sample(
        "starry-night",
        "The Starry Night, 1889",
        "Vincent van Gogh (1853–1890)",
        _FREE,
        f"{_COMMONS}/e/ea/Van_Gogh_-_Starry_Night_-_Google_Art_Project.jpg"
        "/1280px-Van_Gogh_-_Starry_Night_-_Google_Art_Project.jpg",
    ),
    Sample(
        "great-wave",
        "The Great Wave off Kanagawa, about 1831",
        "Katsushika Hokusai (1760–1849)",
        _FREE,
        f"{_COMMONS}/0/0d/Great_Wave_off_Kanagawa2.jpg/1280px-Great_Wave_off_Kanagawa2.jpg",
    ),
    Sample(
        "composition-vii",
        "Composition VII, 1913",
        "Wassily Kandinsky (1866–1944)",
        _FREE,
        f"{_COMMONS}/b/b4/Vassily_Kandinsky%2C_1913_-_Composition_7.jpg"
        "/1280px-Vassily_Kandinsky%2C_1913_-_Composition_7.jpg",
    ),
    Sample(
        "scream",
        "The Scream, 1893",
        "Edvard Munch (1863–1944)",
        _FREE,
        f"{_COMMONS}/c/c5/Edvard_Munch%2C_1893%2C_The_Scream%2C_oil%2C_tempera_and_pastel_on"
        "_cardboard%2C_91_x_73_cm%2C_National_Gallery_of_Norway.jpg"
        "/1280px-Edvard_Munch%2C_1893%2C_The_Scream%2C_oil%2C_tempera_and_pastel_on"
        "_cardboard%2C_91_x_73_cm%2C_National_Gallery_of_Norway.jpg",
    ),
    Sample(
        "water-lilies",
        "Water Lilies, 1906",
        "Claude Monet (1840–1926)",
        _FREE,
        f"{_COMMONS}/a/aa/Claude_Monet_-_Water_Lilies_-_1906%2C_Ryerson.jpg"
        "/1280px-Claude_Monet_-_Water_Lilies_-_1906%2C_Ryerson.jpg",
    ),
    Sample(
        "grande-jatte",
        "A Sunday on La Grande Jatte, 1884–1886",
        "Georges Seurat (1859–1891)",
        _FREE,
        f"{_COMMONS}/7/7d/A_Sunday_on_La_Grande_Jatte%2C_Georges_Seurat%2C_1884.jpg"
        "/1280px-A_Sunday_on_La_Grande_Jatte%2C_Georges_Seurat%2C_1884.jpg",
    ),
)


def photo_names():
    """Return the names that :func:`photo` knows, as a list."""
    return list(PHOTOS)


def painting_names():
    """Return the names that :func:`painting` knows, as a list."""
    return list(PAINTINGS)


def photo(name, size=None):
    """Load a photo that comes with scikit-image.

    Parameters
    ----------
    name : str
        One of :func:`photo_names`; :data:`PHOTOS` names the authors and licenses.
    size : int, optional
        Longer side in pixels; by default as the file is (451 to 640).

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ImageError
        For an unknown name, and if scikit-image is not installed.
    """
    _check_name(name, PHOTOS, "photo")
    package = importlib.util.find_spec("skimage")  # only its files are needed: no slow import
    if package is None:
        raise ImageError("The photos come with scikit-image; install it: pip install scikit-image.")
    folder = Path(package.submodule_search_locations[0]) / "data"
    return load_image(folder / PHOTO_FILES[name], size)


def painting(name, size=512, seed=0):
    """Load one of the course's own paintings; all are square.

    Parameters
    ----------
    name : str
        One of :func:`painting_names`.
    size : int or None
        Side in pixels. The files have 1024, which None keeps; a larger size enlarges without new detail.
    seed : int
        0, or 1 for another painting in the same style.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ImageError
        For an unknown name.
    ValueError
        For another seed.
    """
    _check_name(name, PAINTINGS, "painting")
    check_int("seed", seed, least=0)
    if seed not in PAINTING_SEEDS:
        raise ValueError(f"seed is {seed}; choose one of {', '.join(map(str, PAINTING_SEEDS))}.")
    return load_image(Path(__file__).parent / "paintings" / f"{name}_{seed}.jpg", size)


def artwork_from_web(name, size=512):
    """Download a famous work that is in the public domain.

    Parameters
    ----------
    name : str
        A key of :data:`PUBLIC_DOMAIN`, which names the authors and the addresses.
    size : int or None
        Longer side in pixels; None keeps the downloaded size (1280 px wide).

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ImageError
        For an unknown name, and when something else than an image came.
    nst_utils.base.download.DownloadError
        Without network; the message names the paintings that need none.
    """
    _check_name(name, PUBLIC_DOMAIN, "artwork")
    try:
        return load_image(PUBLIC_DOMAIN[name].origin, size)
    except DownloadError as error:
        raise DownloadError(
            f"{PUBLIC_DOMAIN[name].title}, is not available now. {error} Or take a painting that"
            f" needs no network: {', '.join(PAINTINGS)}."
        ) from error


def find_picture(source, size=None):
    """Find a picture by the name of a sample, or load it from a path or an address.

    Parameters
    ----------
    source : str
        Name of a photo, painting or artwork from the web (tried first), path or https address.
    size : int, optional
        Longer side in pixels. By default photos and files keep theirs, and the others have 512.

    Returns
    -------
    numpy.ndarray
        Picture ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ImageError
        If nothing is found (the message lists the samples), or it is not a usable image.
    nst_utils.base.download.DownloadError
        If it is on the web and cannot be read.
    """
    if source in PHOTOS:
        return photo(source, size)
    if source in PAINTINGS:
        return painting(source, 512 if size is None else size)
    if source in PUBLIC_DOMAIN:
        return artwork_from_web(source, 512 if size is None else size)
    is_plain_word = Path(source).name == source and not Path(source).suffix
    if is_plain_word and not os.path.exists(source):
        _check_name(source, PHOTOS | PAINTINGS | PUBLIC_DOMAIN, "file or sample")
    return load_image(source, size)


def _check_name(name, known, kind):
    """Raise an error that lists the known names, nearest first, unless ``name`` is one of them."""
    if isinstance(name, str) and name in known:
        return
    near = difflib.get_close_matches(str(name).lower(), known, n=1)
    guess = f"; did you mean {near[0]}?" if near else "."
    raise ImageError(
        f"There is no {kind} called {describe_value(name)}{guess} Choose one of: {', '.join(known)}."
    )
