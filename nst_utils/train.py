"""Train a painter: a small network that repaints any photo in the manner of one painting, in one pass.

The losses are those of :mod:`nst_utils.losses`. There the pixels of one picture change; here the weights of a
network that makes pictures (Johnson, Alahi, Fei-Fei 2016; Ulyanov, Vedaldi, Lempitsky 2017). No photo needs a
label, and a handful of photos is enough: the painter sees other crops of them at every step.
"""

from collections.abc import Callable, Sequence

import numpy as np

from .base.arguments import check_callback, check_int, check_number, describe_value
from .base.hardware import check_fits_in_memory, free_memory
from .base.tensorflow import keras, tf
from .base.types import Batch, Picture
from .base.weights import check_weights
from .features import FeatureExtractor
from .gram import gram_matrix
from .loop import by_name
from .losses import LossTerms, add_terms, content_loss, style_loss
from .painter import StylePainter
from .pictures import samples
from .pictures.arrays import SMALLEST_SIDE, ImageError, check_picture, resize
from .runs.identity import describe_network, hash_pictures
from .runs.memory import estimate_memory, reraise_out_of_memory
from .runs.record import Iterate, TrainingRun, TrainingState
from .runs.recorder import TrainingRecorder

STEPS = 200
BATCH, SIZE = 4, 128  # crops a step, and their side in pixels
CONTENT_LAYERS = ("block3_conv3",)
STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1")
CONTENT_WEIGHT = 0.3
STYLE_WEIGHT = 1.0
TOTAL_VARIATION_WEIGHT = 0.5
LEARNING_RATE = 2e-3
PHOTOS, PHOTO_SIZE = ("astronaut", "chelsea", "coffee", "rocket"), 256  # and the paintings, at that size

MEMORY = 2.2  # of the step, as a multiple of the loss network's share: measured at 128 and 256 px

# ----- The loss of a batch, and a step -----


def random_crops(photos: Sequence[Picture], count: int, size: int, rng: np.random.Generator) -> Batch:
    """Cut squares out of photos: of any place and scale, some mirrored or in other colors.

    Parameters
    ----------
    photos : sequence of pictures
        ``(height, width, 3)``, values in [0, 1], no side below ``size``.
    count : int
        Number of squares.
    size : int
        Their side in pixels.
    rng : numpy.random.Generator
        What draws place, scale and colors.

    Returns
    -------
    numpy.ndarray
        Batch ``(count, size, size, 3)``, float32, values in [0, 1].

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
        Steps of Adam.
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
        Steps from one call of the callback to the next.
    progress : bool, optional
        Show a progress bar, see :func:`nst_utils.minimize`.

    Returns
    -------
    TrainingRun
        With the painter. An interrupt from the keyboard ends the training early and keeps the painter so
        far; :func:`nst_utils.resume_training` goes on. One more within 10 seconds stops the whole cell.

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind, and photos smaller than a crop.
    ValueError
        For values that make no sense.
    nst_utils.WeightsError
        When no source has the trained weights of the network that the losses look through.
    MemoryError
        When the crops of a step need more memory than is free.
    FloatingPointError
        When the loss is NaN or infinite. An error after the first step carries what was reached as its
        attribute ``run``.

    References
    ----------
    Johnson, Alahi and Fei-Fei (2016), "Perceptual Losses for Real-Time Style Transfer and Super-Resolution",
    https://arxiv.org/abs/1603.08155.

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
    rate = check_number("learning_rate", learning_rate, "a positive number, such as 0.002", lambda n: n > 0)
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
    """Go on with an interrupted run of :func:`nst_utils.train_painter`, as if it had not been interrupted.

    Parameters
    ----------
    run : TrainingRun
        An interrupted one; it and its painter are not changed.
    style : picture
        That of the run.
    photos : sequence of pictures, optional
        Those of the run, if it was given some.
    callback : callable, optional
        Called with an :class:`nst_utils.Iterate` after every ``every`` steps.
    every : int, optional
        Steps from one call of the callback to the next.
    progress : bool, optional
        Show a progress bar, see :func:`nst_utils.minimize`.

    Returns
    -------
    TrainingRun
        With the history of both parts, and a painter of its own.

    Raises
    ------
    ValueError
        For a run that is complete or whose loss was NaN, and for other pictures than those of the run.

    Examples
    --------
    An error in a callback ends a run as the interrupt key does, and carries the run:

    >>> import nst_utils as nst
    >>> style, photos = nst.painting("ink", 32), [nst.photo("coffee", 64)]
    >>> try:
    ...     stop = {"callback": lambda iterate: 1 / 0, "every": 1}
    ...     run = nst.train_painter(style, photos, steps=2, batch=1, size=32, **stop)
    ... except ZeroDivisionError as error:
    ...     run = error.run
    >>> len(run.history["total"]), len(nst.resume_training(run, style, photos).history["total"])
    (1, 2)
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
    optimizer = keras.optimizers.Adam(settings["learning_rate"])
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
        needed = MEMORY * estimate_memory(extractor, batch * size**2)
        check_fits_in_memory(free_memory(), needed, size, f"{batch} crops of {size} px a step")
