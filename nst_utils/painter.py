"""The painter: a small network that repaints photos of any size in the manner of one painting, and its file.

:mod:`nst_utils.train` trains it. All that it knows of the painting is in its weights, 1.1 MB of them.
"""

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .base.arguments import check_int, describe_value
from .base.tensorflow import keras, tf
from .base.types import ArrayOrTensor, Batch, Picture
from .fast import check_content, paint_each
from .magenta import pad_to_multiples_of_4, reflection_pad, upsample_nearest
from .pictures.arrays import SMALLEST_SIDE
from .pictures.files import written_whole

BYTES_PER_PIXEL = 600  # peak while painting on the CPU, measured at 1024 and 2048 px
MOST_CHANNELS, MOST_RESIDUALS = 256, 16
LARGEST_FILE = 64 * 2**20  # bytes, unpacked

# ----- The network -----


class Convolution(keras.layers.Layer):
    """A convolution that keeps the size (or halves it), then instance normalization."""

    def __init__(self, filters, side, seeds, stride=1):
        super().__init__(dtype="float32")
        self.side = side
        self.convolution = keras.layers.Conv2D(
            filters, side, stride, use_bias=False,  # it would be subtracted with the mean
            kernel_initializer=_initializer(seeds), dtype="float32",
        )  # fmt: skip
        self.normalization = keras.layers.GroupNormalization(-1, epsilon=1e-5, dtype="float32")

    def call(self, x: ArrayOrTensor) -> tf.Tensor:
        """Convolve and normalize feature maps ``(batch, height, width, channels)``."""
        return self.normalization(self.convolution(reflection_pad(x, self.side)))


def _initializer(seeds):
    return keras.initializers.GlorotUniform(next(seeds))


@keras.saving.register_keras_serializable("nst_utils")
class StylePainter(keras.Model):
    """A network that repaints photos of any size in the manner of one painting.

    The design of Johnson et al. (2016): two convolutions halve the sides, residual blocks repaint, and the
    sides grow again. The normalization is that of single pictures (Ulyanov et al. 2017); enlarging repeats
    pixels, because transposed convolutions leave checkerboards; edges are continued by reflection.

    Parameters
    ----------
    channels : sequence of int, optional
        Feature maps at the full size, at half of it and at a quarter: three numbers up to 256.
    residuals : int, optional
        Number of residual blocks, of two convolutions each, up to 16.
    seed : int, optional
        Seed of the first weights.

    Raises
    ------
    ValueError
        For other numbers of channels or blocks.

    See Also
    --------
    nst_utils.train_painter : Trains a painter.
    nst_utils.load_painter : Loads a trained one.

    References
    ----------
    Johnson, Alahi and Fei-Fei (2016), "Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
    https://arxiv.org/abs/1603.08155.

    Ulyanov, Vedaldi and Lempitsky (2017), "Improved Texture Networks", https://arxiv.org/abs/1701.02096.

    Examples
    --------
    >>> StylePainter().count_params()
    276131
    """

    def __init__(self, channels: Sequence[int] = (16, 32, 64), residuals: int = 3, seed: int = 0):
        super().__init__(dtype="float32")
        _check_design(channels, residuals)
        check_int("seed", seed, least=0)
        seeds = iter(range(100 * seed, 100 * seed + 100))  # equal ones would give equal kernels
        full, half, quarter = self.channels = tuple(channels)
        self.first = Convolution(full, 9, seeds)
        self.shrinking = [Convolution(n, 3, seeds, stride=2) for n in (half, quarter)]
        self.residuals = [Convolution(quarter, 3, seeds) for _ in range(2 * residuals)]
        self.enlarging = [Convolution(n, 3, seeds) for n in (half, full)]
        self.last = keras.layers.Conv2D(3, 9, kernel_initializer=_initializer(seeds), dtype="float32")
        self(tf.zeros((1, SMALLEST_SIDE, SMALLEST_SIDE, 3)))  # makes the kernels

    def get_config(self) -> dict:
        """Return the design, which Keras writes into a file beside the weights.

        Returns
        -------
        dict
            ``"channels"`` and ``"residuals"``.
        """
        return {"channels": self.channels, "residuals": len(self.residuals) // 2}

    def call(self, batch: ArrayOrTensor) -> tf.Tensor:
        """Repaint a batch: what ``painter(batch)`` does.

        Parameters
        ----------
        batch : array or tensor
            ``(batch, height, width, 3)``, values in [0, 1].

        Returns
        -------
        tf.Tensor
            Of that shape.
        """
        x = tf.nn.relu(self.first(pad_to_multiples_of_4(batch)))
        for convolution in self.shrinking:
            x = tf.nn.relu(convolution(x))
        for one, other in zip(self.residuals[::2], self.residuals[1::2], strict=True):
            x += other(tf.nn.relu(one(x)))
        for convolution in self.enlarging:
            x = tf.nn.relu(convolution(upsample_nearest(x)))
        x, shape = tf.nn.sigmoid(self.last(reflection_pad(x, 9))), tf.shape(batch)
        return tf.ensure_shape(x[:, : shape[1], : shape[2]], batch.shape)

    @tf.function(input_signature=[tf.TensorSpec((None, None, None, 3))], autograph=False)
    def _paint(self, batch):
        return self(batch)

    def paint(self, content: Picture | Batch) -> Picture | Batch:
        """Repaint a picture, or every picture of a batch.

        Parameters
        ----------
        content : picture or batch
            ``(height, width, 3)`` or ``(batch, height, width, 3)``, RGB, values in [0, 1], at least 16 px
            each way. The strokes have a fixed size in pixels: they look large in a small picture.

        Returns
        -------
        numpy.ndarray
            Like ``content``: the same shape, float32, values in [0, 1].

        Raises
        ------
        nst_utils.ImageError
            For pictures of another kind.
        MemoryError
            When the picture is too large for the free memory; the message says what size fits.
        """
        batch = check_content(content, BYTES_PER_PIXEL)
        compiled = self._paint.get_concrete_function()  # once; TensorFlow warns when many painters do that
        result = paint_each(lambda picture: compiled(tf.constant(picture)), batch)
        return result if np.ndim(content) == 4 else result[0]

    def save(self, path: str | os.PathLike) -> Path:
        """Save the painter in Keras' own format, for :func:`nst_utils.load_painter`.

        The file appears whole or not at all; an existing one is replaced.

        Parameters
        ----------
        path : str or path
            Ends in ``.keras``.

        Returns
        -------
        pathlib.Path
            The path of the file.

        Raises
        ------
        ValueError
            For another name.
        nst_utils.ImageError
            When the file cannot be written.
        """
        file = _check_ending(path)
        with written_whole(file, "choose another folder") as part:
            super().save(part)
        return file


# ----- Its file -----


def load_painter(path: str | os.PathLike) -> StylePainter:
    """Load a painter that :meth:`nst_utils.StylePainter.save` has written.

    Of the file, the numbers alone count: the classes are this package's own, whatever the file names.

    Parameters
    ----------
    path : str or path
        Ends in ``.keras``.

    Returns
    -------
    StylePainter
        For ``painter.paint(photo)``.

    Raises
    ------
    ValueError
        For anything but an intact file of a painter.

    Examples
    --------
    >>> import tempfile
    >>> from nst_utils import photo
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     painter = load_painter(StylePainter().save(f"{folder}/mine.keras"))
    >>> painter.paint(photo("coffee", 64)).shape
    (43, 64, 3)
    """
    file = _check_ending(path)
    try:
        file.open("rb").close()
    except OSError as error:
        raise ValueError(f"{file} cannot be opened ({error.strerror}); check the path.") from error
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > LARGEST_FILE:
                raise ValueError
            config = json.loads(archive.read("config.json"))["config"]
        painter = StylePainter(config["channels"], config["residuals"])
        painter.load_weights(file)
        if not all(np.isfinite(weights).all() for weights in painter.get_weights()):
            raise ValueError
    except Exception as error:  # a damaged file makes the readers raise nearly anything
        raise ValueError(
            f"{file} is damaged, or no painter; save one with painter.save(path), or train one:"
            " python -m nst_utils train."
        ) from error
    return painter


def _check_ending(path) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise ValueError(f"path is {describe_value(path)}; give that of a file: it must end in .keras.")
    path = Path(os.path.expanduser(path))
    if path.suffix != ".keras":
        raise ValueError(f"{path}: a painter's file must end in .keras.")
    return path


def _check_design(channels, residuals):
    if np.shape(channels) != (3,):
        raise ValueError(f"channels is {describe_value(channels)}; give three whole numbers: (16, 32, 64).")
    numbers = [(f"channels[{n}]", count, MOST_CHANNELS) for n, count in enumerate(channels)]
    for name, count, most in [*numbers, ("residuals", residuals, MOST_RESIDUALS)]:
        check_int(name, count)
        if count > most:
            raise ValueError(f"{name} is {count}; it must be {most} at most.")
