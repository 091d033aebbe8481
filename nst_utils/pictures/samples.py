"""Pictures to start with: photos and paintings without a download, and famous works with one.

The photos come with scikit-image and scikit-learn, the paintings with this package: ``scripts/paintings``
painted them.
"""

import difflib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ..base.arguments import check_int, describe_value
from ..base.download import DownloadError
from ..base.types import Picture
from .arrays import ImageError
from .files import load_image


class Sample(NamedTuple):
    """What to say about a picture when showing it; ``origin`` is an address or a description."""

    name: str
    title: str
    author: str
    license: str
    origin: str


def _by_name(*rows):
    return {row[0]: Sample(*row) for row in rows}


PHOTOS = _by_name(
    ("astronaut", "Eileen Collins, astronaut", "NASA", "public domain (no known copyright restrictions)",
     "https://flic.kr/p/r9qvLn"),
    ("chelsea", "Chelsea the cat", "Stefan van der Walt", "CC0", "scikit-image"),
    ("coffee", "Coffee cup", "Rachel Michetti", "CC0", "scikit-image, by courtesy of Pikolo Espresso Bar"),
    ("rocket", "Launch of DSCOVR on a Falcon 9", "SpaceX", "public domain",
     "https://www.flickr.com/photos/spacexphotos/16511594820/"),
    ("china", "Tower of Buddhist Incense, Beijing", "Daniel Büchele", "CC BY 2.0",
     "https://www.flickr.com/photos/danielbuechele/6061409035"),
    ("flower", "Dahlia", "vultilion", "CC BY 2.0", "https://www.flickr.com/photos/vultilion/6056698931"),
)  # fmt: skip

_OURS = ("nst_utils", "MIT", "painted by scripts/paintings of the course's repository")
PAINTINGS = _by_name(
    ("swirls", "Swirls", *_OURS),
    ("woodblock", "Woodblock print", *_OURS),
    ("mosaic", "Mosaic", *_OURS),
    ("composition", "Composition", *_OURS),
    ("ink", "Ink", *_OURS),
)
PAINTING_SEEDS = 0, 1


def _commons(file):
    """Address of a file of Wikimedia Commons at 1280 px, one of the few widths that it serves."""
    return f"https://upload.wikimedia.org/wikipedia/commons/thumb/{file}/1280px-{file.split('/')[-1]}"


_FREE = "public domain"
PUBLIC_DOMAIN = _by_name(
    ("starry-night", "The Starry Night, 1889", "Vincent van Gogh (1853–1890)", _FREE,
     _commons("e/ea/Van_Gogh_-_Starry_Night_-_Google_Art_Project.jpg")),
    ("great-wave", "The Great Wave off Kanagawa, about 1831", "Katsushika Hokusai (1760–1849)", _FREE,
     _commons("0/0d/Great_Wave_off_Kanagawa2.jpg")),
    ("composition-vii", "Composition VII, 1913", "Wassily Kandinsky (1866–1944)", _FREE,
     _commons("b/b4/Vassily_Kandinsky%2C_1913_-_Composition_7.jpg")),
    ("scream", "The Scream, 1893", "Edvard Munch (1863–1944)", _FREE,
     _commons("c/c5/Edvard_Munch%2C_1893%2C_The_Scream%2C_oil%2C_tempera_and_pastel_on_cardboard%2C_91_x_73_cm"
              "%2C_National_Gallery_of_Norway.jpg")),
    ("water-lilies", "Water Lilies, 1906", "Claude Monet (1840–1926)", _FREE,
     _commons("a/aa/Claude_Monet_-_Water_Lilies_-_1906%2C_Ryerson.jpg")),
    ("grande-jatte", "A Sunday on La Grande Jatte, 1884–1886", "Georges Seurat (1859–1891)", _FREE,
     _commons("7/7d/A_Sunday_on_La_Grande_Jatte%2C_Georges_Seurat%2C_1884.jpg")),
)  # fmt: skip


def photo_names() -> list[str]:
    """Names of the photos that need no download.

    Returns
    -------
    list of str
        Each is a name for :func:`nst_utils.photo`.

    Examples
    --------
    >>> photo_names()
    ['astronaut', 'chelsea', 'coffee', 'rocket', 'china', 'flower']
    """
    return list(PHOTOS)


def painting_names() -> list[str]:
    """Names of the course's own paintings.

    Returns
    -------
    list of str
        Each is a name for :func:`nst_utils.painting`.

    Examples
    --------
    >>> painting_names()
    ['swirls', 'woodblock', 'mosaic', 'composition', 'ink']
    """
    return list(PAINTINGS)


def photo(name: str, size: int | None = None) -> Picture:
    """Load a photo that comes with scikit-image or scikit-learn.

    Parameters
    ----------
    name : str
        One of :func:`nst_utils.photo_names`; ``python -m nst_utils samples`` lists authors and licenses.
    size : int, optional
        Longer side in pixels; by default as the file is (451 to 640).

    Returns
    -------
    numpy.ndarray
        ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For an unknown name or size.

    See Also
    --------
    nst_utils.load_image : Loads your own photo.

    Examples
    --------
    >>> photo("chelsea").shape
    (300, 451, 3)
    """
    _check_name(name, PHOTOS, "photo")
    folders = [_folder("skimage") / "data", _folder("sklearn") / "datasets" / "images"]
    [file] = (file for folder in folders for file in folder.glob(f"{name}.*"))
    return load_image(file, size)


def _folder(package):
    """Folder of an installed package, which is not imported."""
    return Path(find_spec(package).origin).parent


def painting(name: str, size: int | None = 512, seed: int = 0) -> Picture:
    """Load one of the course's own paintings; all are square.

    Parameters
    ----------
    name : str
        One of :func:`nst_utils.painting_names`.
    size : int or None, optional
        Side in pixels. The files have 1024, which None keeps; a larger size enlarges without new detail.
    seed : int, optional
        0, or 1 for another painting in the same style.

    Returns
    -------
    numpy.ndarray
        ``(size, size, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For an unknown name or size.
    ValueError
        For another seed.

    Examples
    --------
    >>> painting("swirls", size=256).shape
    (256, 256, 3)
    """
    _check_name(name, PAINTINGS, "painting")
    check_int("seed", seed, least=0)
    if seed not in PAINTING_SEEDS:
        raise ValueError(f"seed is {seed}; choose one of {', '.join(map(str, PAINTING_SEEDS))}.")
    return load_image(Path(__file__).parent / "paintings" / f"{name}_{seed}.jpg", size)


def artwork_from_web(name: str, size: int | None = 512) -> Picture:
    """Download a famous work that is in the public domain.

    ``name`` is a key of :data:`PUBLIC_DOMAIN`, ``size`` the longer side in pixels; None keeps the width of
    1280 px. Raises :class:`ImageError` for an unknown name, and without network ``nst_utils.DownloadError``,
    whose message names the paintings that need none.
    """
    _check_name(name, PUBLIC_DOMAIN, "artwork")
    try:
        return load_image(PUBLIC_DOMAIN[name].origin, size)
    except DownloadError as error:
        raise DownloadError(
            f"{PUBLIC_DOMAIN[name].title}, is not available now. {error} Or take a painting that"
            f" needs no network: {', '.join(PAINTINGS)}."
        ) from error


def find_picture(source: str, size: int | None = None) -> Picture:
    """Find a picture by the name of a sample (tried first), or load it from a path or an https address.

    ``size`` is the longer side in pixels; by default photos and files keep theirs, and the others have 512.
    Raises as :func:`load_image` does; for a name that is unknown the message lists the samples.
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
    choices = ", ".join(known)
    raise ImageError(f"There is no {kind} called {describe_value(name)}{guess} Choose one of: {choices}.")
