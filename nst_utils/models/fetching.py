"""How files are fetched: sources in order, hashes checked, moved into the cache in one step.

Each download goes to a folder of its own inside :func:`cache_folder` and is moved into place once its hash is
right. So two notebooks may fetch at the same time, and a killed download leaves nothing that is ever read.
"""

import contextlib
import hashlib
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import platformdirs

from ..base.download import DownloadError
from ..base.progress import progress_bar

SERVER_TIMEOUT = 5.0  # seconds without a response after which a server counts as absent
FETCH_DEADLINE = 600.0  # seconds for a whole download, slow school networks included
RETRY_AFTER = 60.0  # seconds until a source that failed is tried again

_failures = {}  # source → time of its last failure, reason
T = TypeVar("T")


class WeightsError(RuntimeError):
    """Trained weights are not available; the message says what to do next.

    It comes when a network or the sample film is used for the first time and no source has its file, when a
    file that is given as weights is none, and when the cache folder cannot be written. It is a
    ``RuntimeError``. Connect to a network and run ``python -m nst_utils fetch``; or follow the message, which
    names the ways without a network.
    """


class RemoteFile(NamedTuple):
    """A published file of known size and hash, and how it is transferred into a folder."""

    name: str
    size: int  # bytes
    digest: str  # md5 or sha256, told apart by the length
    transfer: Callable[[Path, Callable[[int], object]], object]  # takes the folder and a callback of progress

    def is_intact(self, path: Path) -> bool:
        """Whether the file at this path is the published one."""
        try:
            status = path.stat()
            return _digest(path, len(self.digest), status.st_mtime_ns, status.st_size) == self.digest
        except OSError:
            return False

    def find(self) -> Path | None:
        """Path of the file in the course's cache; None if it is not there, or damaged."""
        path = cache_folder() / self.name
        return path if self.is_intact(path) else None

    def fetch(self) -> Path:
        """Path of the file in the course's cache, transferred if need be.

        Raises
        ------
        DownloadError
            When it cannot be transferred, or arrived damaged.
        WeightsError
            When the cache folder cannot be written.
        """
        if path := self.find():
            return path
        target = cache_folder() / self.name
        bar = progress_bar(total=self.size, unit="B", unit_scale=True, desc=self.name)
        with bar, staging_folder() as staging:
            self.transfer(staging, lambda received: bar.update(received - bar.n))
            if not self.is_intact(staging / self.name):
                raise DownloadError(
                    f"{self.name} arrived damaged, or the login page of a Wi-Fi came in its place; check the"
                    " network with a browser."
                )
            bar.update(self.size - bar.n)
            try:
                os.replace(staging / self.name, target)
            except OSError:  # Windows replaces no file that another process reads: then that one serves
                if not self.is_intact(target):
                    raise
        return target


@lru_cache(maxsize=32)
def _digest(path, length, _modified, _size):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, {32: "md5", 64: "sha256"}[length]).hexdigest()


def cache_folder() -> Path:
    """Folder of the fetched files: ``$NST_CACHE``, or the user's cache folder. It may not exist yet."""
    folder = os.environ.get("NST_CACHE") or platformdirs.user_cache_path("nst_utils")
    return Path(folder).expanduser().absolute()


@contextlib.contextmanager
def staging_folder() -> Iterator[Path]:
    """Make a temporary folder inside the cache; files that cannot be written raise ``WeightsError``."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as staging:
            yield Path(staging)
    except DownloadError:  # an OSError, too, but not one of the disk
        raise
    except OSError as error:
        raise WeightsError(
            f"The cache folder {folder} cannot be written ({error.strerror or error}). Free 200 MB, or set"
            " the environment variable NST_CACHE to a folder that you may write to, and try again."
        ) from error


def try_source(source: str, fetch: Callable[[], T], reasons: list[str]) -> T | None:
    """Fetch from a source, unless it failed within the last minute; append to ``reasons`` why it failed."""
    failed_at, reason = _failures.get(source, (-math.inf, ""))
    if time.monotonic() - failed_at >= RETRY_AFTER:
        try:
            return fetch()
        except DownloadError as error:
            reason = str(error)
            _failures[source] = time.monotonic(), reason
    reasons.append(f"{source}: {reason}")
    return None
