"""The loop of style transfer: an optimizer moves the pixels of a picture until a loss is low.

From the inside out: a loss with its gradient, one compiled step of an optimizer, picture sizes from coarse to
fine, the loop over levels and steps, and :func:`nst_utils.minimize`, :func:`nst_utils.stylize` and
:func:`nst_utils.resume`, which run it.
"""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .base.arguments import (
    STROKE_SIZES,
    check_bool,
    check_callback,
    check_choice,
    check_int,
    check_layers,
    check_number,
    describe_value,
)
from .base.tensorflow import keras, tf
from .base.types import COLORS, Colors, Initial, Picture
from .base.weights import check_layer_weights, check_shares, check_weight_map, check_weights
from .control import adapt_paintings, starting_picture
from .features import FeatureExtractor
from .lbfgs import LBFGS
from .losses import (
    CONTENT_FORMS,
    CONTENT_LAYERS,
    CONTENT_WEIGHT,
    STYLE_LAYERS,
    STYLE_WEIGHT,
    TOTAL_VARIATION_WEIGHT,
    ContentForm,
    LossTerms,
    StyleTransferLoss,
)
from .pictures.arrays import SMALLEST_SIDE, check_picture, resize
from .pictures.initial import check_initial
from .pictures.masks import check_masks, check_pictures, keep_outside
from .pictures.opponent import from_opponent, gradient_in_opponent, restore_colors, to_opponent
from .pictures.tensors import as_batch
from .runs.identity import another_network, describe_network, hash_pictures, sizes_of_targets
from .runs.memory import check_memory, reraise_out_of_memory, snapshots_to_come
from .runs.record import Iterate, RunState, StyleTransferRun
from .runs.recorder import RunRecorder
from .statistics import StyleLoss, find_statistic
from .tiles import TiledLoss, choose_tile, is_larger

STEPS = 100
# Adam: about the largest change of a pixel per step. L-BFGS: root mean square change in its first step. SGD:
# change of a pixel per unit of its gradient times the number of values, see _FirstOrderOptimizer.
LEARNING_RATES = {"adam": 0.05, "sgd": 0.0005, "lbfgs": 0.05}
SCHEDULES = ("cosine", "constant")
FINER_RATE = 0.5  # share of the learning rate that the levels above the coarsest begin with

_LOSS_SETTINGS = ("shares", "mask", "style_mask", "content_layers", "style_layers", "style_loss",
                  "content_form", "content_weight", "style_weight", "total_variation_weight")  # fmt: skip

OptimizerName = Literal["adam", "sgd", "lbfgs"]
Optimizer: TypeAlias = "OptimizerName | keras.optimizers.Optimizer | Callable[[], keras.optimizers.Optimizer]"
Schedule = Literal["cosine", "constant"]

# ----- A loss and its gradient -----


class ValueAndGradient:
    """A loss as the optimizers see it: its values in a vector, and the gradient of the first.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or
        :class:`nst_utils.losses.LossTerms`.

    Attributes
    ----------
    names : tuple of str
        Names of the values, ``"total"`` first; known after the first call or trace.

    Raises
    ------
    ValueError
        For something that cannot be called.

    Examples
    --------
    >>> evaluate = ValueAndGradient(lambda batch: tf.reduce_sum(batch**2))
    >>> values, gradient = evaluate(tf.fill((1, 1, 1, 3), 0.5))
    >>> print(evaluate.names, values.numpy(), gradient.numpy().ravel())
    ('total',) [0.75] [1. 1. 1.]
    """

    def __init__(self, loss: Callable):
        if not callable(loss):
            raise ValueError(
                f"loss is {describe_value(loss)}; it must be a function of a batch (1, h, w, 3)."
            )
        self.loss, self.names = loss, ()

    def __call__(self, batch):
        """Compute the values and the gradient of the total.

        Parameters
        ----------
        batch : array or tensor
            ``(1, height, width, 3)``.

        Returns
        -------
        values : tf.Tensor
            Vector of the values, in the order of ``names``.
        gradient : tf.Tensor
            ``(1, height, width, 3)``.

        Raises
        ------
        ValueError
            For a loss that is not one number, or does not depend on the picture.
        """
        batch = tf.convert_to_tensor(batch)
        with tf.GradientTape() as tape:
            tape.watch(batch)
            values = by_name(self.loss(batch))
        self.names = tuple(values)
        gradient = tape.gradient(values["total"], batch)
        if gradient is None:
            raise ValueError(
                "The loss has no gradient: it does not depend on the picture, or TensorFlow cannot see how."
                " Use TensorFlow's functions, on floats, from the picture to the loss: no NumPy in between,"
                " no cast to whole numbers, no tf.round, no tf.stop_gradient, and no constant alone."
            )
        # One vector: a step then hands one small array to Python, not ten
        return tf.stack([tf.reshape(value, ()) for value in values.values()]), gradient


def by_name(terms: "LossTerms | tf.Tensor") -> dict:
    """Return the values of a loss by name, ``"total"`` first; refuse what is not one number."""
    if isinstance(terms, LossTerms):
        layers = {f"style/{layer}": value for layer, value in terms.style_layers.items()}
        return {"total": terms.total, **terms.raw, **layers}
    if not isinstance(terms, (tf.Tensor, tf.Variable)) or terms.shape.num_elements() not in (1, None):
        raise ValueError(
            f"The loss is {describe_value(terms)}; it must return one number that TensorFlow computes from"
            " the picture, such as tf.reduce_mean(tf.square(picture - target))."
        )
    return {"total": tf.cast(terms, tf.float32)}


# ----- One step: Adam, SGD with momentum, or L-BFGS -----


class PictureOptimizer:
    """A picture, a loss, and one compiled step of an optimizer. Made anew for every run and level.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or
        :class:`nst_utils.losses.LossTerms`.
    start : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    optimizer : {"adam", "sgd", "lbfgs"}, keras.optimizers.Optimizer or callable
        See :func:`nst_utils.minimize`.
    steps : int
        Steps over which the learning rate falls.
    learning_rate : float
        See :func:`nst_utils.minimize`.
    schedule : {"cosine", "constant"}
        Whether the rate falls.

    Attributes
    ----------
    image : tf.Variable
        The picture after the last step, ``(1, height, width, 3)``.

    Examples
    --------
    >>> def loss(batch):
    ...     return tf.reduce_mean(tf.square(batch - 0.5))
    >>> descent = PictureOptimizer(loss, np.zeros((16, 16, 3)), "adam", 10, 0.05, "constant")
    >>> losses = [descent.step()["total"] for _ in range(10)]
    >>> losses[0], losses[-1] < 0.05
    (0.25, True)
    """

    def __init__(self, loss, start, optimizer, steps, learning_rate, schedule):
        self.image = tf.Variable(as_batch(start), trainable=False)
        self._evaluate = ValueAndGradient(loss)
        if optimizer == "lbfgs":
            self._method = LBFGS(self._evaluate, self.image, learning_rate)
        else:
            keras_optimizer = _keras_optimizer(optimizer, steps, learning_rate, schedule)
            is_own = not isinstance(optimizer, str)
            self._method = _FirstOrderOptimizer(self._evaluate, self.image, keras_optimizer, is_own)
        # Traced here, once: else TensorFlow warns of retracing when many short runs follow each other
        try:
            self._compiled_step = tf.function(self._method.step).get_concrete_function()
        except Exception as error:
            # AutoGraph puts its own traceback into the message; what the loss raised stands behind it
            raise (error.__context__ or error if "in user code:" in str(error) else error) from None

    def step(self) -> dict:
        """Make one step.

        Returns
        -------
        dict of str to float
            The values of the loss by name, ``"total"`` first: at the picture before the step, or with
            L-BFGS at the one that was tried.
        """
        values = self._compiled_step().numpy()
        return dict(zip(self._evaluate.names, values.tolist(), strict=True))

    def look(self):
        """Let the picture after the last step count: one evaluation more, and a move that nobody sees."""
        if not isinstance(self._method, LBFGS):  # that has evaluated where it stands
            self._compiled_step()  # takes less time than the loss alone, not compiled

    def best(self) -> Picture:
        """Return the picture of the lowest loss so far, ``(height, width, 3)``."""
        return self._method.best.numpy()[0]

    def lowest(self) -> float:
        """Return the loss of that picture."""
        return float(self._method._lowest)

    def state(self) -> list:
        """Return everything that the next step depends on.

        Returns
        -------
        list of numpy.ndarray
            For :meth:`restore` and :meth:`restart`.
        """
        return [variable.numpy() for variable in self._method.variables]

    def restore(self, state: list):
        """Go back to a state.

        Parameters
        ----------
        state : list of numpy.ndarray
            What :meth:`state` has returned, of an optimizer that was made with the same arguments.
        """
        for variable, value in zip(self._method.variables, state, strict=True):
            variable.assign(value)

    def restart(self, start: Picture, beginning: list):
        """Begin at another picture of that size, with any optimizer but L-BFGS.

        Parameters
        ----------
        start : picture
            ``(height, width, 3)``, values in [0, 1].
        beginning : list of numpy.ndarray
            The state of this optimizer when it was new.
        """
        self.restore(beginning)
        for variable in (self.image, self._method.best):
            variable.assign(as_batch(start))
        self._method.opponent.assign(to_opponent(self.image))


def _keras_optimizer(optimizer, steps, learning_rate, schedule):
    """Make a new Keras optimizer, so that no two runs share its moments."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        return type(optimizer).from_config(optimizer.get_config())
    if callable(optimizer):
        optimizer = optimizer()
        if isinstance(optimizer, keras.optimizers.Optimizer):
            return optimizer
        raise ValueError(f"optimizer returned {describe_value(optimizer)}; it must return a Keras optimizer.")
    if schedule == "cosine":
        learning_rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps, alpha=0.1)
    if optimizer == "sgd":
        return keras.optimizers.SGD(learning_rate, momentum=0.9)
    # beta_1: gradients are averaged over about 1 / (1 - 0.9) = 10 steps, their squares over 100.
    # epsilon keeps a division by zero away; it is far below the size of the scaled gradients.
    return keras.optimizers.Adam(learning_rate, beta_1=0.9, beta_2=0.99, epsilon=1e-8)


class _FirstOrderOptimizer:
    """Adam, gradient descent with momentum, or another Keras optimizer, on the opponent colors."""

    def __init__(self, evaluate, image, optimizer, is_own):
        self.evaluate, self.image, self.optimizer, self.is_own = evaluate, image, optimizer, is_own
        # The losses are means: the more pixels, the smaller the gradient of each. Times their number, one
        # rate of SGD and one epsilon of Adam serve every size.
        self.gradient_scale = float(np.prod(image.shape))
        self.opponent = tf.Variable(to_opponent(image))
        self.optimizer.build([self.opponent])  # before tracing, so that it is traced once
        self.best = tf.Variable(image, trainable=False)
        self._lowest = tf.Variable(np.inf, dtype=tf.float32, trainable=False)
        self.variables = [image, self.opponent, self.best, self._lowest, *self.optimizer.variables]

    def step(self):
        """Move along the gradient; returns the values at the picture before the move."""
        values, gradient = self.evaluate(self.image)
        if values[0] < self._lowest:
            self.best.assign(self.image)
            self._lowest.assign(values[0])
        self._apply(self.gradient_scale * gradient_in_opponent(gradient))
        self.image.assign(tf.clip_by_value(from_opponent(self.opponent), 0.0, 1.0))
        self.opponent.assign(to_opponent(self.image))
        return values

    def _apply(self, gradient):
        if self.is_own:  # its weight decay, clipping and the like count
            self.optimizer.apply([gradient], [self.opponent])
            return
        # Without what sums over devices: TensorFlow never frees that, nor the graph around it
        self.optimizer.update_step(gradient, self.opponent, self.optimizer.learning_rate)
        self.optimizer.iterations.assign_add(1)


# ----- From coarse to fine -----


def coarse_to_fine_levels(size: int, steps: int, shorter: float | None = None) -> list:
    """Picture sizes and steps of a coarse-to-fine run.

    Large shapes are settled where a step is cheap: below every size above 256 pixels stands a level of
    half the size, which takes three quarters of the steps.

    Parameters
    ----------
    size : int
        Longer side of the final picture in pixels.
    steps : int
        Steps of all levels together.
    shorter : float, optional
        Shortest side of the pictures, by default ``size``. No level shrinks it below 16 pixels.

    Returns
    -------
    list of (int, int)
        Longer side and steps of each level, coarsest first.

    Raises
    ------
    ValueError
        For numbers that are not whole or below 1.

    References
    ----------
    Gatys et al. (2017), "Controlling Perceptual Factors in Neural Style Transfer", section 6,
    https://arxiv.org/abs/1611.07865.

    Examples
    --------
    >>> coarse_to_fine_levels(384, 100)
    [(192, 75), (384, 25)]
    """
    check_int("size", size)
    check_int("steps", steps)
    shorter = size if shorter is None else shorter
    if size <= 256 or steps < 4 or shorter < 2 * SMALLEST_SIDE:
        return [(size, steps)]
    fine = steps // 4
    return [*coarse_to_fine_levels(round(size / 2), steps - fine, shorter / 2), (size, fine)]


def _at_level(size, finest, *pictures):
    """Shrink pictures by the factor that brings the content's longer side from ``finest`` to ``size``."""
    if size == finest:
        return pictures
    return [resize(picture, round(max(picture.shape[:2]) * size / finest)) for picture in pictures]


# ----- The loop -----

NOTHING_LOWERED = (
    "No step lowered the loss, so the picture is that of the start. Try a tenth of the learning rate or more"
    " steps; and check the weights: at the start there may be nothing left to lower."
)


def _descend(levels, make_optimizer, state, recorder):
    """All levels, all steps. Progress, history and interrupts are the recorder's."""
    with recorder:
        with recorder.keep_what_was_reached(), reraise_out_of_memory(levels[-1][0]):
            for size, steps in levels[state.level :]:
                with recorder.interrupts.allow_interrupts():  # compiling takes seconds
                    state.optimizer = make_optimizer(size, steps, state)
                for _ in range(state.step, steps):
                    losses = state.optimizer.step()
                    recorder.record(losses, state.optimizer.image)
                    if recorder.has_plateaued():
                        break
                recorder.finish_level()
        if not (state.lowered or recorder.interrupted):
            warnings.warn(NOTHING_LOWERED, stacklevel=3)
        return recorder.run()


def minimize(
    loss: Callable,
    start: Picture,
    *,
    optimizer: Optimizer = "adam",
    steps: int = STEPS,
    learning_rate: float | None = None,
    schedule: Schedule = "cosine",
    tolerance: float = 0.0,
    callback: Callable[[Iterate], object] | None = None,
    every: int = 10,
    snapshot_every: int | None = None,
    progress: bool = True,
) -> StyleTransferRun:
    """Change the pixels of a picture so that a loss falls.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or
        :class:`nst_utils.losses.LossTerms`.
    start : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    optimizer : {"adam", "sgd", "lbfgs"}, keras.optimizers.Optimizer or callable, optional
        Adam; gradient descent with momentum 0.9; L-BFGS inside [0, 1] (:class:`nst_utils.lbfgs.LBFGS`); or a
        Keras optimizer, or a function that makes one, which keeps its own learning rate. All but L-BFGS move
        opponent colors, and are given the gradient times the number of values, height · width · 3.
    steps : int, optional
        Number of steps, at least 1. One step is one evaluation of the loss and its gradient, then a move;
        the picture after the last move is evaluated too. With L-BFGS a step moves first and evaluates then,
        and the first one evaluates the start: one step alone leaves the picture as it is.
    learning_rate : float, optional
        Adam: about the largest change of brightness per step (0.05). SGD: change per unit of that gradient
        (0.0005). L-BFGS: root mean square change in the first step alone (0.05).
    schedule : {"cosine", "constant"}, optional
        Whether the rate falls to a tenth along a cosine. L-BFGS finds its own step lengths.
    tolerance : float, optional
        Stop early when ten steps have lowered the loss by less than this share of it; at least 0, which never
        stops, and below 1.
    callback : callable, optional
        Called with an :class:`nst_utils.Iterate` after every ``every`` steps.
    every : int, optional
        Steps from one call of the callback to the next.
    snapshot_every : int, optional
        Keep the picture after every so many steps in the record, for an animation.
    progress : bool, optional
        Show a progress bar, or where the output is a file or a pipe, one line at the end (never when the
        environment variable ``NST_PROGRESS`` is 0).

    Returns
    -------
    StyleTransferRun
        With the picture of the lowest loss. An interrupt from the keyboard ends the run early and keeps
        what was reached; one more within 10 seconds stops the whole cell, as ``KeyboardInterrupt``.

    Raises
    ------
    ValueError
        For values and names that make no sense, and for a loss that is not one number, or does not
        depend on the picture.
    nst_utils.ImageError
        For a start that is not a picture.
    FloatingPointError
        When the loss is NaN or infinite.

    See Also
    --------
    nst_utils.stylize : Minimizes the loss of style transfer.

    Notes
    -----
    An error that ends a run after its first step, be it this one or the callback's own, carries what was
    reached, a :class:`nst_utils.StyleTransferRun`, as its attribute ``run``. A run in which no step lowered
    the loss warns of it.

    References
    ----------
    Adam: Kingma and Ba (2015), "Adam: A Method for Stochastic Optimization", https://arxiv.org/abs/1412.6980.

    Examples
    --------
    >>> black = np.zeros((16, 16, 3), np.float32)
    >>> run = minimize(lambda picture: tf.reduce_mean(tf.square(picture - 0.5)), black, steps=60)
    >>> bool(abs(run.picture - 0.5).max() < 0.05)
    True
    """
    settings = _check_settings(optimizer, steps, learning_rate, schedule, tolerance, snapshot_every)
    check_int("every", every)
    check_callback(callback)
    start = np.array(check_picture(start))

    def make_optimizer(_size, steps, state):
        return PictureOptimizer(loss, state.picture, optimizer, steps, settings["learning_rate"], schedule)

    state = RunState(start)
    recorder = RunRecorder(settings, state, start.shape[:2], callback, every, progress)
    return _descend([(max(start.shape[:2]), steps)], make_optimizer, state, recorder)


def stylize(
    content: Picture,
    style: Picture | Sequence[Picture],
    *,
    shares: Sequence[float] | None = None,
    mask: NDArray | Sequence[NDArray] | None = None,
    style_mask: NDArray | Sequence[NDArray] | None = None,
    colors: Colors = "painting",
    stroke_size: float = 1.0,
    content_layers: Sequence[str] = CONTENT_LAYERS,
    style_layers: Sequence[str] | Mapping[str, float] = STYLE_LAYERS,
    style_loss: StyleLoss = "gram",
    content_form: ContentForm = "normalized",
    content_weight: float | NDArray = CONTENT_WEIGHT,
    style_weight: float = STYLE_WEIGHT,
    total_variation_weight: float = TOTAL_VARIATION_WEIGHT,
    initial: Initial | Picture = "recolored content",
    seed: int = 0,
    coarse_to_fine: bool = True,
    optimizer: Optimizer = "adam",
    steps: int = STEPS,
    learning_rate: float | None = None,
    schedule: Schedule = "cosine",
    tolerance: float = 0.0,
    extractor: Callable | None = None,
    callback: Callable[[Iterate], object] | None = None,
    every: int = 10,
    snapshot_every: int | None = None,
    progress: bool = True,
) -> StyleTransferRun:
    """Paint the content picture in the manner of the style picture.

    The method of Gatys, Ecker and Bethge (2016): minimize :class:`nst_utils.StyleTransferLoss` over the
    pixels, here from coarse to fine.

    Parameters
    ----------
    content : picture
        The photo, ``(height, width, 3)``, RGB, values in [0, 1]; the result has its size.
    style : picture or list of pictures
        The painting, or several: mixed, or one for each region. One of about the content's size gives strokes
        in their own proportion.
    shares : sequence of float, optional
        What each painting of a mixture counts; by default all the same.
    mask : array or list of arrays, optional
        Where to paint, one mask ``(height, width)`` from 0 to 1 for each painting; the photo stays as it is
        where no mask is. Masks that overlap share the place.
    style_mask : array or list of arrays, optional
        Where in each painting to look for the style.
    colors : {"painting", "photo palette", "photo"}, optional
        Whose colors the result has: the painting's; the photo's, all over, because they are given to the
        painting before (:func:`nst_utils.match_colors`); the photo's, place by place, because they are put
        back after (:func:`nst_utils.restore_colors`).
    stroke_size : float, optional
        Size of the strokes against the photo, from 1/16 to 16: by so much the painting is enlarged, or
        shrunk, before. Enlarging adds no detail: for strokes of twice the size a painting of twice the
        pixels, at 1.0, is sharper than one enlarged by 2.0.
    content_layers : sequence of str, optional
        Layers of the network whose features hold the content.
    style_layers : sequence of str, or mapping of str to float, optional
        Layers of the network whose statistics make the style, or layer → what it counts.
    style_loss : str, optional
        How features are compared with the painting's: ``"gram"``, ``"mean and spread"``,
        ``"sliced wasserstein"``, ``"nearest neighbors"`` or ``"earth mover"``, see
        :class:`nst_utils.StyleTransferLoss`.
    content_form : {"normalized", "relative", "gatys", "tensorflow"}, optional
        Form of the content loss, see :func:`nst_utils.content_loss`.
    content_weight : float or array, optional
        0 or more, or a map ``(height, width)`` of the content's size.
    style_weight, total_variation_weight : float, optional
        Weights of the other terms, 0 or more.
    initial : {"recolored content", "content", "blurred content", "style", "noise"} or picture, optional
        Where the descent starts; see :func:`nst_utils.initial_picture`.
    seed : int, optional
        Seed of the noise.
    coarse_to_fine : bool, optional
        Begin at half the size, halved until it is 256 pixels or less:
        :func:`nst_utils.loop.coarse_to_fine_levels`. The finer levels begin with half the learning rate. At
        equal time: larger shapes, but a higher loss.
    optimizer : {"adam", "sgd", "lbfgs"}, keras.optimizers.Optimizer or callable, optional
        See :func:`nst_utils.minimize`.
    steps : int, optional
        Steps of all levels together.
    learning_rate : float, optional
        See :func:`nst_utils.minimize`.
    schedule : {"cosine", "constant"}, optional
        Of each level, see :func:`nst_utils.minimize`.
    tolerance : float, optional
        For the early stop of each level, see :func:`nst_utils.minimize`.
    extractor : callable, optional
        A :class:`nst_utils.FeatureExtractor` of at least the layers above, or any callable that turns a batch
        into a dict of features. By default the trained VGG19, in bfloat16 where the hardware multiplies it: a
        run then takes half the time, and its picture is as good.
    callback : callable, optional
        Called with an :class:`nst_utils.Iterate` after every ``every`` steps.
    every : int, optional
        Steps from one call of the callback to the next.
    snapshot_every : int, optional
        Keep the picture after every so many steps in the record, for an animation.
    progress : bool, optional
        Show a progress bar, see :func:`nst_utils.minimize`.

    Returns
    -------
    StyleTransferRun
        After an interrupt from the keyboard, the best picture so far at the content's size;
        :func:`nst_utils.resume` goes on from it. One more interrupt within 10 seconds stops the whole cell.

    Raises
    ------
    nst_utils.ImageError
        For arrays that are not pictures.
    ValueError
        For values and names that make no sense, layers that the extractor does not have, and weights
        that are all 0.
    nst_utils.WeightsError
        When no source has the trained weights.
    MemoryError
        When the run needs more memory than is free, in tiles too; the message says what size fits.
    FloatingPointError
        When the loss is NaN or infinite.

    See Also
    --------
    nst_utils.stylize_fast : One pass of a network, no steps.
    nst_utils.stylize_film : Paints a film.

    Notes
    -----
    An error that ends a run carries what was reached as its attribute ``run``, and a run that lowered nothing
    warns, as in :func:`nst_utils.minimize`. On a processor, levels that do not fit into memory are computed
    in tiles, to the same result (:class:`nst_utils.tiles.TiledLoss`); ``run.settings["tile"]`` is their side
    in pixels, or None.

    References
    ----------
    Gatys, Ecker and Bethge (2016), "Image Style Transfer Using Convolutional Neural Networks"; preprint of
    2015, https://arxiv.org/abs/1508.06576.

    Examples
    --------
    >>> from nst_utils import painting, photo
    >>> run = stylize(photo("chelsea", 32), painting("mosaic", 32), steps=3)
    >>> run.picture.shape
    (21, 32, 3)
    """
    check_bool("coarse_to_fine", coarse_to_fine)
    check_int("seed", seed, least=0)
    check_int("every", every)
    check_callback(callback)
    if np.ndim(content_weight):
        content_weight = check_weight_map(content_weight, check_picture(content, "content").shape)
    check_weights(content=content_weight, style=style_weight, total_variation=total_variation_weight)
    check_choice("content_form", content_form, CONTENT_FORMS)
    find_statistic(style_loss)
    check_initial(initial)
    check_choice("colors", colors, COLORS)
    least, most = STROKE_SIZES
    must_be = "a number from 1/16 to 16, such as 0.5 or 2"
    stroke_size = check_number("stroke_size", stroke_size, must_be, lambda n: least <= n <= most)
    layers = check_layer_weights("style_layers", style_layers)
    settings = {
        "shares": shares, "mask": mask, "style_mask": style_mask, "colors": colors,
        "stroke_size": stroke_size,
        "content_layers": check_layers("content_layers", content_layers),
        "style_layers": layers if isinstance(style_layers, Mapping) else tuple(layers),
        "style_loss": style_loss, "content_form": content_form, "content_weight": content_weight,
        "style_weight": style_weight, "total_variation_weight": total_variation_weight,
        "initial": initial, "seed": seed, "coarse_to_fine": coarse_to_fine,
        **_check_settings(optimizer, steps, learning_rate, schedule, tolerance, snapshot_every),
    }  # fmt: skip
    return _descend(*_prepare(content, style, settings, extractor, callback, every, progress))


def resume(
    run: StyleTransferRun,
    content: Picture,
    style: Picture | Sequence[Picture],
    *,
    extractor: Callable | None = None,
    callback: Callable[[Iterate], object] | None = None,
    every: int = 10,
    progress: bool = True,
) -> StyleTransferRun:
    """Go on with an interrupted run of :func:`nst_utils.stylize`, as if it had not been interrupted.

    Parameters
    ----------
    run : StyleTransferRun
        An interrupted one; it is not changed.
    content : picture
        That of the run.
    style : picture or list of pictures
        Those of the run; its masks and all its other settings are in its record.
    extractor : callable, optional
        That of the run, if it was given one.
    callback : callable, optional
        Called with an :class:`nst_utils.Iterate` after every ``every`` steps.
    every : int, optional
        Steps from one call of the callback to the next.
    progress : bool, optional
        Show a progress bar, see :func:`nst_utils.minimize`.

    Returns
    -------
    StyleTransferRun
        With the history of both parts.

    Raises
    ------
    ValueError
        For a run that is complete or whose loss was NaN, and for other pictures or another extractor than
        those of the run.

    Examples
    --------
    An error in a callback ends a run as the interrupt key does, and carries the run:

    >>> import nst_utils as nst
    >>> content, style = nst.photo("chelsea", 32), nst.painting("mosaic", 32)
    >>> try:
    ...     run = nst.stylize(content, style, steps=3, callback=lambda iterate: 1 / 0, every=2)
    ... except ZeroDivisionError as error:
    ...     run = error.run
    >>> len(run.history["total"]), len(nst.resume(run, content, style).history["total"])
    (2, 3)
    """
    if not isinstance(run, StyleTransferRun):
        raise ValueError(f"run is {describe_value(run)}; give an interrupted run that stylize returned.")
    check_int("every", every)
    check_callback(callback)
    if run.state is None:
        reason = "it is complete, or came from minimize, or its loss was NaN"
        raise ValueError(f"This run cannot go on: {reason}. Start anew: stylize(..., initial=run.picture).")
    return _descend(*_prepare(content, style, run.settings, extractor, callback, every, progress, run))


def _prepare(content, style, settings, extractor, callback, every, progress, before=None):
    """Make ready for :func:`_descend` from the start, or from where the run ``before`` was interrupted."""
    # Copies, since a callback, or a cell after an interrupt, may change what it has given
    content = np.array(check_picture(content, "content"))
    styles = [np.array(one) for one in check_pictures(style, "style")]
    shares = check_shares(settings["shares"], len(styles))
    masks = check_masks(settings["mask"], [content] * len(styles), "mask")
    style_masks = check_masks(settings["style_mask"], styles, "style_mask")
    statistic = find_statistic(settings["style_loss"], len(styles), bool(masks or style_masks))
    inputs = hash_pictures(content, *styles, *(masks or ()), *(style_masks or ()), np.array(shares))
    if before and inputs != before.state.inputs:
        raise ValueError(
            "These are not the pictures of that run: give the same content and style, or start another run"
            " with stylize(..., initial=run.picture)."
        )
    settings = settings | {"mask": masks, "style_mask": style_masks}
    styles = adapt_paintings(
        styles, content, settings["colors"], settings["stroke_size"], masks=masks, style_masks=style_masks
    )
    finest, steps = max(content.shape[:2]), settings["steps"]
    levels = [(finest, steps)]
    if settings["coarse_to_fine"]:
        shorter = min(side for picture in (content, *styles) for side in picture.shape[:2])
        levels = coarse_to_fine_levels(finest, steps, shorter)
    go_on = f"nst.resume(run, content, style{'' if extractor is None else ', extractor=extractor'})"
    with reraise_out_of_memory(finest):
        layers = settings["content_layers"], tuple(settings["style_layers"])
        extractor = FeatureExtractor(sum(layers, ()), precision="auto") if extractor is None else extractor
    network = describe_network(extractor)
    if before and not before.settings.items() >= network.items():
        raise another_network(before.settings, network)
    snapshots = snapshots_to_come(levels, settings["snapshot_every"], before.snapshots if before else ())
    largest = max((one.shape for one in styles), key=math.prod)
    shapes, regions = (content.shape, largest), len(masks or [None])
    if statistic:  # of whole sets of features, which tiles cannot add up
        tile = check_memory(extractor, *shapes, settings["optimizer"], snapshots, statistic.copies)
    else:
        tile = choose_tile(extractor, layers, shapes, settings["optimizer"], snapshots, regions)
    settings = settings | network | {"tile": tile}

    def make_optimizer(size, steps, state):
        shrunk_content, *shrunk_styles = _at_level(size, finest, content, *styles)
        loss_settings = {name: settings[name] for name in _LOSS_SETTINGS}
        if np.ndim(weights := settings["content_weight"]):
            shrunk_map = tf.image.resize(weights[..., np.newaxis], shrunk_content.shape[:2], "area")
            loss_settings["content_weight"] = shrunk_map[..., 0]
        is_tiled = is_larger(tile, shrunk_content, shrunk_styles)
        make_loss = partial(TiledLoss, tile=tile) if is_tiled else StyleTransferLoss
        loss = make_loss(extractor, shrunk_content, shrunk_styles, **loss_settings)
        targets = sizes_of_targets(loss)
        if state.variables and not np.allclose(targets, state.targets, rtol=0.01):
            raise another_network(settings, network)
        state.targets = targets
        rate = settings["learning_rate"]
        if state.level and rate:  # what comes enlarged from below is nearly right: long steps would undo it
            rate *= FINER_RATE
        start = keep_outside(resize(state.picture, shrunk_content.shape[:2]), shrunk_content, masks)
        optimizer = PictureOptimizer(loss, start, settings["optimizer"], steps, rate, settings["schedule"])
        if state.variables:
            optimizer.restore(state.variables)
        return optimizer

    def finish(picture):
        picture = keep_outside(picture, content, masks)
        return restore_colors(picture, content) if settings["colors"] == "photo" else picture

    if before is None:
        shrunk, *shrunk_styles = _at_level(levels[0][0], finest, content, *styles)
        how = {"shares": shares, "masks": masks, "style_masks": style_masks}
        start = starting_picture(settings["initial"], shrunk, shrunk_styles, settings["seed"], **how)
        state = RunState(start, inputs)
    else:
        state = replace(before.state)
    shape, how = content.shape[:2], {"before": before, "go_on": go_on, "finish": finish}
    recorder = RunRecorder(settings, state, shape, callback, every, progress, **how)
    return levels, make_optimizer, state, recorder


def _check_settings(optimizer, steps, learning_rate, schedule, tolerance, snapshot_every):
    """Return the settings of the loop by name, or raise ``ValueError`` for one that makes no sense."""
    check_int("steps", steps)
    if snapshot_every is not None:
        check_int("snapshot_every", snapshot_every)
    check_choice("schedule", schedule, SCHEDULES)
    tolerance = check_number(
        "tolerance", tolerance, "at least 0 and below 1, such as 0.01", lambda n: 0 <= n < 1
    )
    is_own = callable(optimizer) or isinstance(optimizer, keras.optimizers.Optimizer)
    if not is_own:
        check_choice("optimizer", optimizer, tuple(LEARNING_RATES))
        learning_rate = LEARNING_RATES[optimizer] if learning_rate is None else learning_rate
        learning_rate = check_number(
            "learning_rate", learning_rate, "a positive number, for instance 0.05", lambda n: n > 0
        )
    elif learning_rate is not None:
        raise ValueError("learning_rate is given beside an optimizer of your own: set it in that optimizer.")
    return {"optimizer": optimizer, "steps": steps, "learning_rate": learning_rate, "schedule": schedule,
            "tolerance": tolerance, "snapshot_every": snapshot_every}  # fmt: skip
