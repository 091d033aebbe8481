"""How fetched files reach this disk: each source asked once, hashes checked, moved into place in one step.

Files are kept in :func:`cache_folder`. Nobody waits for another's download: each goes to a folder of its own
and is moved into place once its hash is right, so two notebooks may fetch at the same time and a killed
download leaves nothing that is ever read. What it leaves is cleared away by a later one.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from functools import lru_cache
from pathlib import Path

import platformdirs
from tqdm.auto import tqdm

from ..base.download import DownloadError

SERVER_TIMEOUT = 5.0  # seconds without an answer after which a server counts as absent
FETCH_DEADLINE = 600.0  # seconds for a whole download, slow school networks included
STAGING = "nst_utils-arriving-"  # so begin the folders of downloads, and nothing else is cleared away
ABANDONED_AFTER = 3600.0  # seconds: no download takes so long, see FETCH_DEADLINE
DISK_IS_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}

_failed = {}  # source → why; a source that failed is not asked again in the same process


class WeightsError(RuntimeError):
    """Trained weights could not be had; the message says what to do next."""


def cache_folder():
    """Folder of the fetched weights: ``$NST_CACHE``, or the user's cache folder. It may not exist yet."""
    chosen = os.environ.get("NST_CACHE")
    if chosen:
        return _absolute(chosen)
    with contextlib.suppress(RuntimeError):  # a container's user who stands in no list of users
        folder = platformdirs.user_cache_path("nst_utils")
        if folder.is_absolute():  # older platformdirs answer ~/.cache, and a folder called ~ would be made
            return folder
    raise WeightsError(
        "The cache folder has no place, since this account has no home folder. Set the environment variable"
        " NST_CACHE to a folder that you may write to, and try again."
    )


@lru_cache(maxsize=32)
def _absolute(chosen):
    """Complete a path by the current folder, once: the process may change that folder later."""
    return Path(os.path.abspath(os.path.expanduser(chosen)))


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
        raise _unwritable(folder, error) from error
    return folder


def _unwritable(folder, error):
    if error.errno in DISK_IS_FULL:
        return WeightsError(
            f"There is no space left for the cache folder {folder}. Free 200 MB, or set the environment"
            " variable NST_CACHE to a folder on another disk, and try again."
        )
    return WeightsError(
        f"The cache folder {folder} cannot be written ({error.strerror or error}). Set the environment"
        " variable NST_CACHE to a folder that you may write to, and try again."
    )


@contextlib.contextmanager
def staging_folder():
    """Make a folder inside the cache for what arrives; it is gone afterwards, whatever happened.

    A process that is killed in here leaves it behind; whoever comes here an hour later clears it away. Files
    that cannot be written raise ``WeightsError``.
    """
    folder = writable_cache_folder()
    try:
        _clear_abandoned(folder)
        with tempfile.TemporaryDirectory(
            prefix=STAGING, dir=folder, ignore_cleanup_errors=True
        ) as staging:
            yield Path(staging)
    except DownloadError:  # an OSError, too, but not one of the disk
        raise
    except OSError as error:
        raise _unwritable(folder, error) from error


def _clear_abandoned(folder):
    """Remove the folders of downloads that were killed; what cannot be removed stays.

    Their age tells them from those of the living, on network drives too, where locks do not.
    """
    for path in folder.glob(f"{STAGING}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime >= ABANDONED_AFTER:
                shutil.rmtree(path)


def store(source, target, algorithm, expected):
    """Move a fresh download into place, if its hash is right."""
    if not is_intact(source, algorithm, expected):
        raise DownloadError(
            f"{source.name} arrived damaged (its {algorithm} is not the published one), or the login page"
            " of a Wi-Fi came in its place; check the network with a browser."
        )
    try:
        os.replace(source, target)
    except OSError:  # Windows replaces no file that another process reads: then that one serves as well
        if not is_intact(target, algorithm, expected):
            raise


def try_source(source, fetch, item, reasons):
    """Ask a source, unless it has failed in this process before; note in ``reasons`` why it did not help."""
    if source not in _failed:
        try:
            return fetch(item)
        except DownloadError as error:
            _failed[source] = str(error)
    reasons.append(f"{source}: {_failed[source]}")
    return None
