"""How fetched files reach this disk: each source asked once, hashes checked, moved into place in one step.

Files are kept in :func:`cache_folder`. Nothing is locked: every download goes to a folder of its own and
is moved into place once its hash is right, so two notebooks may fetch at the same time and a killed
download leaves nothing that is ever read.
"""

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

import platformdirs
from tqdm.auto import tqdm

from .download import DownloadError

SERVER_TIMEOUT = 5.0  # seconds without an answer after which a server counts as absent
FETCH_DEADLINE = 600.0  # seconds for a whole download, slow school networks included

_failed = {}  # source → why; a source that failed is not asked again in the same process


class WeightsError(RuntimeError):
    """Trained weights could not be had; the message says what to do next."""


def cache_folder():
    """Folder of the fetched weights: ``$NST_CACHE``, or the user's cache folder. It may not exist yet."""
    chosen = os.environ.get("NST_CACHE")
    return Path(chosen).expanduser().resolve() if chosen else platformdirs.user_cache_path("nst_utils")


@lru_cache(maxsize=32)
def _digest(path, algorithm, _modified, _size):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def is_intact(path, algorithm, expected):
    """Whether a file exists and has this hash; the answer is remembered until the file changes."""
    try:
        status = path.stat()
        return _digest(path, algorithm, status.st_mtime_ns, status.st_size) == expected
    except OSError:
        return False


def progress_bar(name, expected):
    """Make a bar for a download of so many bytes; silent when ``NST_PROGRESS`` is 0."""
    silent = os.environ.get("NST_PROGRESS") == "0"
    return tqdm(total=expected, unit="B", unit_scale=True, desc=name, disable=silent, leave=False)


def writable_cache_folder():
    """Make the cache folder if need be, and return it; raise ``WeightsError`` if it cannot be written."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise WeightsError(
            f"The cache folder {folder} cannot be written ({error.strerror}). Set the environment variable"
            " NST_CACHE to a folder that you may write to, and try again."
        ) from error
    return folder


def store(source, target, algorithm, expected):
    """Move a fresh download into place, if its hash is right."""
    if not is_intact(source, algorithm, expected):
        raise DownloadError(f"{source.name} arrived damaged: its {algorithm} is not the published one")
    os.replace(source, target)


def ask_once(source, fetch, item, reasons):
    """Ask a source, unless it has failed in this process before; note in ``reasons`` why it did not help."""
    if source not in _failed:
        try:
            return fetch(item)
        except DownloadError as error:
            _failed[source] = str(error)
    reasons.append(f"{source}: {_failed[source]}")
    return None
