"""Magenta's module from TF-Hub: loaded if it is available; nothing in its cache is changed."""

import hashlib
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from ..base.download import DownloadError, starts_with
from ..base.tensorflow import tf
from .fetching import SERVER_TIMEOUT, try_source

MAGENTA_ADDRESS = "https://tfhub.dev/google/magenta/arbitrary-image-stylization-v1-256/2"


class UnavailableError(RuntimeError):
    """TF-Hub's module cannot be loaded here and now; the message says why, and what to do about it."""


def load(address: str) -> Any:
    """Load a module from TF-Hub's cache, or from its server if that responds within 5 seconds.

    Raises
    ------
    UnavailableError
        When neither has the module, or its copy in the cache cannot be loaded.
    ImportError
        When tensorflow_hub cannot be imported; the message says which package to install.
    """
    hub = _import_hub()
    folder = module_folder(address)
    lock, reasons = f"{folder}.lock", []
    if _belongs_to_another(folder.parent):
        raise UnavailableError(
            f"TF-Hub: {folder.parent} belongs to another user, whose modules are not run; set the environment"
            " variable TFHUB_CACHE_DIR to a folder of your own."
        )
    if not os.path.exists(folder):
        if os.path.exists(lock):  # hub.load would wait ten minutes for it to go away
            raise UnavailableError(f"TF-Hub: another program downloads the module; if not, delete {lock}.")
        if not try_source("TF-Hub", lambda: _check_server(address), reasons):
            reason, advice = reasons[0].partition(";")[0], "a local model takes its place"  # no need to act
            raise UnavailableError(f"{reason}; {advice}.")
    try:
        return hub.load(address)
    except Exception as error:  # TF-Hub and TensorFlow raise nearly anything
        advice = f"if this happens again, delete {folder}" if os.path.exists(folder) else "try again later"
        raise UnavailableError(f"TF-Hub: the module could not be loaded ({error}); {advice}.") from error


def module_folder(address: str) -> Path:
    """Folder in which TF-Hub keeps the module of this address (tensorflow_hub 0.16)."""
    cache = os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir(), "tfhub_modules")
    return Path(cache, hashlib.sha1(address.encode()).hexdigest())


def _import_hub():
    """Import tensorflow_hub without its warning about pkg_resources, or say what it lacks."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
            import tensorflow_hub
    except ModuleNotFoundError as error:
        needs = {
            "pkg_resources": "setuptools<81",
            "tf_keras": f"tf_keras=={'.'.join(tf.__version__.split('.')[:2])}.*",
        }.get(error.name, error.name)
        raise ImportError(
            f"tensorflow_hub cannot be imported ({error}): pip install '{needs}', then restart the kernel."
        ) from error
    return tensorflow_hub


def _check_server(address):
    """Whether the server has the module; hub.load itself would wait for it without a limit."""
    if starts_with(f"{address}?tf-hub-format=compressed", b"\x1f\x8b", timeout=SERVER_TIMEOUT):
        return True
    raise DownloadError(
        "the server sent something else, perhaps the login page of a Wi-Fi; check the network with a browser."
    )


def _belongs_to_another(cache):
    """Whether the cache lies among everybody's temporary files, and another user (not root) made it."""
    if os.environ.get("TFHUB_CACHE_DIR") or not hasattr(os, "getuid") or not cache.exists():
        return False
    return cache.stat().st_uid not in (0, os.getuid())
