"""Train a painter: a small network that repaints any photo in the manner of one painting, in one pass.

The losses are those of :mod:`nst_utils.losses`. There the pixels of one picture change; here the weights of a
network that makes pictures (Johnson, Alahi, Fei-Fei 2016; Ulyanov, Vedaldi, Lempitsky 2017). No photo needs a
label, and a handful of photos is enough: the painter sees other crops of them at every step.
"""

import json
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .base.arguments import check_callback, check_int, check_number, describe_value
from .base.hardware import check_fits_in_memory, free_memory
from .base.tensorflow import keras, tf
from .base.types import ArrayOrTensor, Batch, Picture
from .base.weights import check_weights
from .fast import check_content, paint_each
from .features import FeatureExtractor
from .gram import gram_matrix
from .loop import by_name
from .losses import LossTerms, add_terms, content_loss, style_loss
from .magenta import (
    conditional_instance_normalization,
    pad_to_multiples_of_4,
    reflection_pad,
    upsample_nearest,
)
from .pictures import samples
from .pictures.arrays import SMALLEST_SIDE, ImageError, check_picture, resize
from .pictures.files import written_whole
from .runs.identity import describe_network, hash_pictures
from .runs.memory import estimate_memory, reraise_out_of_memory
from .runs.record import Iterate, TrainingRun, TrainingState
from .runs.recorder import TrainingRecorder

STEPS = 250
BATCH, SIZE = 4, 128  # crops a step, and their side in pixels
CONTENT_LAYERS = ("block3_conv3",)
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1")
CONTENT_WEIGHT = 0.15
STYLE_WEIGHT = 1.0
TOTAL_VARIATION_WEIGHT = 0.5
LEARNING_RATE = 3e-3
PHOTOS, PHOTO_SIZE = ("astronaut", "chelsea", "coffee", "rocket"), 256  # and the paintings, at that size

BYTES_PER_PIXEL = 600  # peak while painting on the CPU, measured at 1024 to 3072 px
MOST_CHANNELS, MOST_RESIDUALS = 256, 16
LARGEST_FILE = 64 * 2**20  # bytes, unpacked; the usual painter takes 1.1 MB

# ----- The painter -----


class Convolution(keras.layers.Layer):
    """A convolution that keeps the size (or halves it), then instance normalization."""

    def __init__(self, filters, side, seeds, stride=1):
        super().__init__(dtype="float32")
        self.side = side
        self.convolution = keras.layers.Conv2D(
            filters, side, stride, use_bias=False,  # it would be subtracted with the mean
            kernel_initializer=_initializer(seeds), dtype="float32",
        )  # fmt: skip
        self.scale = self.add_weight(shape=(filters,), initializer="ones", name="scale")
        self.shift = self.add_weight(shape=(filters,), initializer="zeros", name="shift")

    def call(self, x: ArrayOrTensor) -> tf.Tensor:
        """Convolve and normalize feature maps ``(batch, height, width, channels)``."""
        x = self.convolution(reflection_pad(x, self.side))
        return conditional_instance_normalization(x, self.scale, self.shift)


def _initializer(seeds):
    return keras.initializers.GlorotUniform(next(seeds))


@keras.saving.register_keras_serializable("nst_utils")
class StylePainter(keras.Model):
    """A network that repaints photos of any size in the manner of one painting.

    The design of Johnson et al. (2016, https://arxiv.org/abs/1603.08155): two convolutions halve the sides,
    residual blocks repaint, and the sides grow again. The normalization is that of single pictures (Ulyanov
    et al. 2017, https://arxiv.org/abs/1701.02096); enlarging repeats pixels, because transposed convolutions
    leave checkerboards; edges are continued by reflection.

    Parameters
    ----------
    channels : sequence of int, optional
        Feature maps at the full size, at half of it and at a quarter.
    residuals : int, optional
        Number of residual blocks, of two convolutions each.
    seed : int, optional
        Seed of the first weights.

    Raises
    ------
    ValueError
        For other numbers of channels or blocks.

    Examples
    --------
    >>> StylePainter().count_params()
    276131
    """

    def __init__(self, channels: Sequence[int] = (16, 32, 64), residuals: int = 3, seed: int = 0):
        super().__init__()
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
        """Return the design, which Keras writes into a file beside the weights."""
        return {"channels": self.channels, "residuals": len(self.residuals) // 2}

    def call(self, batch: ArrayOrTensor) -> tf.Tensor:
        """Repaint a batch ``(batch, height, width, 3)``, values in [0, 1]; the result has its shape."""
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
        """Save the painter in Keras' own format, ``.keras``, for :func:`load_painter`; return the path.

        The file appears whole or not at all; an existing one is replaced.
        """
        file = _check_ending(path)
        with written_whole(file, "choose another folder") as part:
            super().save(part)
        return file


def load_painter(path: str | os.PathLike) -> StylePainter:
    """Load a painter that :meth:`StylePainter.save` has written.

    Of the file, the numbers alone count: the classes are this package's own, whatever the file names.

    Parameters
    ----------
    path : str or path
        Ends in ``.keras``.

    Raises
    ------
    ValueError
        For anything but an intact file of a painter.
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


# ----- The loss of a batch, and a step -----


def random_crops(photos: Sequence[Picture], count: int, size: int, rng: np.random.Generator) -> Batch:
    """Cut squares out of photos: of any place and scale, some mirrored or in other colors.

    Parameters
    ----------
    photos : sequence of pictures
        No side below ``size``.
    count, size : int
        Number of squares, and their side in pixels.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray
        Batch ``(count, size, size, 3)``.

    Examples
    --------
    >>> from nst_utils import photo
    >>> random_crops([photo("coffee", 96)], 2, 32, np.random.default_rng(0)).shape
    (2, 32, 32, 3)
    """
    crops = []
    for photo in (photos[index] for index in rng.integers(len(photos), size=count)):
        side = rng.integers(size, min(photo.shape[:2]), endpoint=True)
        top, left = (rng.integers(length - side, endpoint=True) for length in photo.shape[:2])
        crop = resize(photo[top : top + side, left : left + side], size)
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        crop = crop[..., rng.permutation(3)] if rng.random() < 0.3 else crop
        crops.append(np.clip(crop * rng.uniform(0.7, 1.2) + rng.uniform(-0.1, 0.1), 0, 1))
    return np.stack(crops).astype(np.float32)


def _compile_step(painter, optimizer, extractor, style, settings):
    """Return a function of a batch of crops: the losses by name, and what was painted, then a step."""
    batch, size, names = settings["batch"], settings["size"], []
    weights = {n: settings[f"{n}_weight"] for n in ("content", "style", "total_variation")}
    style_features, look_at_content = extractor(style), FeatureExtractor(CONTENT_LAYERS, precision="auto")
    targets = {n: tf.repeat(gram_matrix(style_features[n]), batch, axis=0) for n in STYLE_LAYERS}

    def loss(painted, crops) -> LossTerms:
        seen, original = extractor(painted), look_at_content(crops)
        content = [content_loss(seen[n], original[n], "normalized") for n in CONTENT_LAYERS]
        style = {n: style_loss(gram_matrix(seen[n]), target) for n, target in targets.items()}
        return add_terms(weights, content, style, painted)

    @tf.function(input_signature=[tf.TensorSpec((batch, size, size, 3))], autograph=False)
    def step(crops):
        with tf.GradientTape() as tape:
            painted = painter(crops)
            values = by_name(loss(painted, crops))
        names[:] = values
        gradients = tape.gradient(values["total"], painter.trainable_variables)

        def move():
            optimizer.apply(gradients, painter.trainable_variables)
            return True

        tf.cond(tf.math.is_finite(values["total"]), move, lambda: False)  # else it stays as good as it was
        return tf.stack(list(values.values())), painted

    step = step.get_concrete_function()

    def named_step(crops):
        values, painted = step(tf.constant(crops))
        return dict(zip(names, values.numpy().tolist(), strict=True)), painted

    return named_step


# ----- Training -----


def train_painter(
    style: Picture,
    photos: Sequence[Picture] | None = None,
    *,
    steps: int = STEPS,
    batch: int = BATCH,
    size: int = SIZE,
    content_weight: float = CONTENT_WEIGHT,
    style_weight: float = STYLE_WEIGHT,
    total_variation_weight: float = TOTAL_VARIATION_WEIGHT,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
    callback: Callable[[Iterate], object] | None = None,
    every: int = 10,
    progress: bool = True,
) -> TrainingRun:
    """Train a painter: each step moves its weights so that it paints a few crops of photos better.

    Parameters
    ----------
    style : picture
        ``(height, width, 3)``, RGB, values in [0, 1]. Its size decides that of the strokes, which is the same
        in every picture that the painter will paint.
    photos : sequence of pictures, optional
        What it learns on, no side below ``size``; a handful will do. By default four photos and the paintings
        of the course.
    steps : int, optional
        Steps of Adam, whose rate falls along a cosine.
    batch, size : int, optional
        Number of crops in a step, and their side in pixels.
    content_weight, style_weight, total_variation_weight : float, optional
        As in :func:`nst_utils.stylize`; content in the normalized form.
    learning_rate : float, optional
        About the largest change of a weight per step.
    seed : int, optional
        Seed of the first weights and of the crops.
    callback : callable, optional
        Called with an :class:`nst_utils.Iterate` after every ``every`` steps: its picture is a crop as it was
        painted in this step, and its ``painter`` is the painter as it is then.
    every : int, optional
    progress : bool, optional
        Show a progress bar (never when the environment variable ``NST_PROGRESS`` is 0).

    Returns
    -------
    TrainingRun
        With the painter. An interrupt from the keyboard ends the training early and keeps the painter so
        far; :func:`resume_training` goes on. One more within 10 seconds stops the whole cell.

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind, and photos smaller than a crop.
    ValueError
        For values that make no sense.
    MemoryError
        When the crops of a step need more memory than is free.
    FloatingPointError
        When the loss is NaN or infinite. An error after the first step carries what was reached as its
        attribute ``run``.

    Examples
    --------
    >>> from nst_utils import painting, photo
    >>> run = train_painter(painting("mosaic", 64), steps=2, batch=1, size=32)
    >>> run.painter.paint(photo("china", 64)).shape
    (43, 64, 3)
    """
    for name, number, least in (("steps", steps, 1), ("batch", batch, 1), ("size", size, SMALLEST_SIDE)):
        check_int(name, number, least)
    check_int("seed", seed, least=0)
    weights = {"content": content_weight, "style": style_weight, "total_variation": total_variation_weight}
    rate = check_number("learning_rate", learning_rate, "a positive number, such as 0.003", lambda n: n > 0)
    settings = {
        "steps": steps, "batch": batch, "size": size, "learning_rate": rate, "seed": seed,
        **{f"{name}_weight": weight for name, weight in check_weights(**weights).items()},
    }  # fmt: skip
    return _train(style, photos, settings, callback, every, progress)


def resume_training(
    run: TrainingRun,
    style: Picture,
    photos: Sequence[Picture] | None = None,
    *,
    callback: Callable[[Iterate], object] | None = None,
    every: int = 10,
    progress: bool = True,
) -> TrainingRun:
    """Go on with an interrupted run of :func:`train_painter`, as if it had not been interrupted.

    Parameters
    ----------
    run : TrainingRun
        An interrupted one; it and its painter are not changed.
    style, photos
        The pictures of that run.
    callback, every, progress
        As in :func:`train_painter`.

    Returns
    -------
    TrainingRun
        With the history of both parts, and a painter of its own.

    Raises
    ------
    ValueError
        For a run that is complete or whose loss was NaN, and for other pictures than those of the run.
    """
    if not isinstance(run, TrainingRun):
        raise ValueError(f"run is {describe_value(run)}; give an interrupted run of train_painter.")
    if run.state is None:
        raise ValueError("This run is complete, or its loss was NaN: start another one with train_painter.")
    return _train(style, photos, run.settings, callback, every, progress, run)


def _train(style, photos, settings, callback, every, progress, before=None):
    """Train from the start, or from where the run ``before`` was interrupted."""
    check_int("every", every)
    check_callback(callback)
    style = np.array(check_picture(style, "style"))  # a copy: a callback may change what it was given
    go_on = f"nst.resume_training(run, style{'' if photos is None else ', photos'})"
    photos = _check_photos(photos, settings["size"])
    inputs = hash_pictures(style, *photos)
    if before and before.state.inputs != inputs:
        raise ValueError("These are not the pictures of that run: give the same style and photos.")
    with reraise_out_of_memory(settings["size"]):
        extractor = FeatureExtractor((*CONTENT_LAYERS, *STYLE_LAYERS), precision="auto")
    _check_memory(extractor, settings["batch"], settings["size"])
    painter = StylePainter(seed=settings["seed"])
    rate = keras.optimizers.schedules.CosineDecay(settings["learning_rate"], settings["steps"], alpha=0.05)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(painter.trainable_variables)  # before tracing, so that it is traced once
    state = TrainingState(inputs, [*painter.variables, *optimizer.variables])
    if before:
        state.restore(before.state)
    settings = settings | describe_network(extractor)
    recorder = TrainingRecorder(painter, settings, state, callback, every, progress, before, go_on)
    with recorder:
        with recorder.keep_what_was_reached(), reraise_out_of_memory(settings["size"]):
            with recorder.interrupts.allow_interrupts():  # compiling takes seconds
                step = _compile_step(painter, optimizer, extractor, style, settings)
            for number in range(state.step, settings["steps"]):
                rng = np.random.default_rng((settings["seed"], number))  # so that a resumed run sees the same
                recorder.record(*step(random_crops(photos, settings["batch"], settings["size"], rng)))
        return recorder.run()


def _check_photos(photos, size):
    """Return copies of the photos, or of the default ones; raise an error for what crops cannot be cut of."""
    if photos is None:
        longer = max(PHOTO_SIZE, 2 * size)
        paintings = [samples.painting(name, longer) for name in samples.painting_names()]
        return [samples.photo(name, longer) for name in PHOTOS] + paintings
    if isinstance(photos, str) or not np.iterable(photos):
        raise ValueError(f"photos is {describe_value(photos)}; give a list of pictures.")
    photos = [np.array(check_picture(photo, f"photo {n}")) for n, photo in enumerate(photos)]
    if not photos:
        raise ValueError("There are no photos to learn on: give a few, or leave them out for the course's.")
    for number, photo in enumerate(photos):
        height, width = photo.shape[:2]
        if min(height, width) < size:
            raise ImageError(
                f"photo {number} has {width} × {height} pixels, which is less than a crop of {size} × {size};"
                f" choose larger photos, or try size={max(SMALLEST_SIDE, min(height, width))}."
            )
    return photos


def _check_memory(extractor, batch, size):
    if not tf.config.list_physical_devices("GPU"):
        needed = 2 * estimate_memory(extractor, batch * size**2)
        check_fits_in_memory(free_memory(), needed, size, f"{batch} crops of {size} px a step")
