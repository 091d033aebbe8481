"""TF-Hub's own cache on this disk: what it holds of a module, and what is broken in it.

TF-Hub takes any folder that is not empty for a module, and waits ten minutes for a lock whose owner is dead.
So both are looked at, and mended, before ``hub.load`` sees them.
"""

import hashlib
import os
import shutil
import socket
import tempfile
import time
from enum import Enum
from pathlib import Path

import psutil

from ..base.tensorflow import tf

from tensorflow.core.protobuf.saved_model_pb2 import SavedModel  # isort: skip (chatters if it comes first)

LOCK_EXPIRES = 600.0  # seconds: TF-Hub's own patience with the lock of another computer


class Cached(Enum):
    """What TF-Hub's cache holds of a module."""

    COMPLETE = "complete"
    ABSENT = "absent"
    ARRIVING = "another program is downloading it"
    BLOCKED = "something in the way cannot be removed"


def module_folder(address):
    """Folder in which TF-Hub keeps the module of this address (tensorflow_hub 0.16)."""
    cache = os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir()) / "tfhub_modules"
    return Path(cache) / hashlib.sha1(address.encode()).hexdigest()


def inspect(address):
    """Look for a module in TF-Hub's cache, and clear away what would only be in its way.

    Parameters
    ----------
    address : str
        The handle, as ``hub.load`` takes it.

    Returns
    -------
    state : Cached
    notes : list of str
        What was broken and what became of it, in sentences.
    """
    folder, notes = module_folder(address), []
    lock = folder.with_name(f"{folder.name}.lock")
    halves = list(folder.parent.glob(f"{folder.name}.*.tmp"))  # before the lock: a new download locks first
    if _belongs_to_another(folder.parent):
        notes.append(
            f"TF-Hub's cache {folder.parent} belongs to another user, whose modules are not run: set the"
            " environment variable TFHUB_CACHE_DIR to a folder of your own."
        )
        return Cached.BLOCKED, notes
    try:
        if folder.is_dir() and any(folder.iterdir()):
            damage = _damage(folder)
            if damage is None:
                return Cached.COMPLETE, notes
            notes.append(_remove(folder, f"TF-Hub's cache held a broken copy ({damage})"))
        if lock.exists():
            if _is_alive(lock):
                return Cached.ARRIVING, notes
            notes.append(_remove(lock, "TF-Hub's cache held the lock of a download that was killed"))
        for half in halves:
            shutil.rmtree(half, ignore_errors=True)  # up to 90 MB that nobody reads; not in anyone's way
        if (folder.is_dir() and any(folder.iterdir())) or lock.exists():
            return Cached.BLOCKED, notes
        reason = _why_unwritable(folder.parent)
        if reason is None:
            return Cached.ABSENT, notes
        notes.append(
            f"TF-Hub's cache {folder.parent} cannot be written ({reason}): set the environment variable"
            " TFHUB_CACHE_DIR to a folder of your own."
        )
        return Cached.BLOCKED, notes
    except PermissionError as error:
        notes.append(
            f"TF-Hub's cache is closed to you ({error.filename}): set the environment variable"
            " TFHUB_CACHE_DIR to a folder of your own."
        )
        return Cached.BLOCKED, notes


def _belongs_to_another(cache):
    """Whether the cache lies among everybody's temporary files, and another user (not root) made it."""
    if os.environ.get("TFHUB_CACHE_DIR") or not hasattr(os, "getuid") or not cache.exists():
        return False
    return cache.stat().st_uid not in (0, os.getuid())


def _why_unwritable(cache):
    """Return why TF-Hub could keep no download in its cache, or None; nothing is left there."""
    place = next((folder for folder in (cache, *cache.parents) if os.path.lexists(folder)), cache)
    try:
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        return error.strerror
    return None


def _damage(folder):
    """Return what is wrong with a SavedModel, or None; reading every variable checks its sum."""
    try:
        if not SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs:
            return "its saved_model.pb is empty"
        variables = tf.train.load_checkpoint(str(folder / "variables" / "variables"))
        for name in variables.get_variable_to_shape_map():
            variables.get_tensor(name)
    except FileNotFoundError:
        return "it has no saved_model.pb"
    except Exception as error:  # a half-written file can fail in any way at all
        return f"{type(error).__name__} while it was read"
    return None


def _is_alive(lock):
    """Whether the program that made a lock still runs; its text is ``host.process.task``."""
    try:
        host, process, _task = lock.read_text().rsplit(".", 2)
        if host == socket.gethostname():  # the number may have been given to a younger process since
            return psutil.Process(int(process)).create_time() <= lock.stat().st_mtime
        return time.time() - lock.stat().st_mtime < LOCK_EXPIRES
    except (FileNotFoundError, psutil.NoSuchProcess):
        return False
    except (ValueError, OverflowError):  # cut off while it was written, or never a lock
        return False


def _remove(path, what):
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        return f"{what}, and {path} could not be removed ({error.strerror}): delete it by hand."
    return f"{what}; it was removed."
