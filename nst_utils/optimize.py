"""The loop: gradient descent on the pixels, from coarse to fine."""

import os
import time
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from . import images
from .features import FeatureExtractor
from .losses import (
    CONTENT_LAYERS,
    CONTENT_WEIGHT,
    STYLE_LAYERS,
    STYLE_WEIGHT,
    TOTAL_VARIATION_WEIGHT,
    LossTerms,
    StyleTransferLoss,
)
from .opponent import from_opponent, to_opponent
from .tensorflow_quiet import keras, tf
from .tensors import as_batch

LEARNING_RATE = 0.05
STEPS = 100


@dataclass(frozen=True)
class Iterate:
    """What a callback is given while a run goes on."""

    step: int  # steps done so far, of all levels together
    steps: int  # steps of the whole run
    picture: np.ndarray  # (height, width, 3) of this level, RGB, values in [0, 1]
    losses: dict  # name → float, as in the history: measured before this step's change


@dataclass(frozen=True)
class StyleTransferRun:
    """What a run leaves behind.

    Attributes
    ----------
    picture : numpy.ndarray
        The best picture of the finest level reached, ``(height, width, 3)``, RGB, values in [0, 1].
    history : dict of str to numpy.ndarray
        One value per step: ``"total"``, each term before its weight (``"content"``, ``"style"``,
        ``"total_variation"``), each layer's style loss (``"style/block1_conv1"``), ``"seconds"`` since the
        start, and ``"size"``, the longer side of the picture at this step.
    settings : dict
        What the run was asked for.
    interrupted : bool
        Whether it was stopped from the keyboard before its last step.
    """

    picture: np.ndarray
    history: dict
    settings: dict
    interrupted: bool = False


class _Journal:
    """Collects the history of a run, shows its progress and calls back."""

    def __init__(self, steps, callback, every, progress):
        silent = not progress or os.environ.get("NST_PROGRESS") == "0"
        self.bar = tqdm(total=steps, unit="step", disable=silent, leave=False)
        self.steps, self.callback, self.every = steps, callback, every
        self.rows, self.start = [], time.perf_counter()

    def note(self, terms, image):
        row = {"total": float(terms)} if not isinstance(terms, LossTerms) else _flatten(terms)
        row["seconds"] = time.perf_counter() - self.start
        row["size"] = max(image.shape[1:3])
        if not np.isfinite(row["total"]):
            raise FloatingPointError(
                f"The loss became {row['total']} at step {len(self.rows) + 1}. The step is too long or a"
                " weight too large: try a tenth of the learning rate."
            )
        self.rows.append(row)
        self.bar.update()
        self.bar.set_postfix_str(f"loss {row['total']:.4f}", refresh=False)
        if self.callback and len(self.rows) % self.every == 0:
            self.callback(Iterate(len(self.rows), self.steps, image.numpy()[0], row))

    def history(self):
        names = self.rows[0] if self.rows else ()
        return {name: np.array([row[name] for row in self.rows]) for name in names}


def _flatten(terms):
    layers = {f"style/{name}": float(value) for name, value in terms.style_layers.items()}
    raw = {name: float(value) for name, value in terms.raw.items()}
    return {"total": float(terms.total), **raw, **layers}


def _make_step(loss, image, best, optimizer):
    """One step of descent as a graph. Made anew for every run: a shared one would share Adam's moments."""
    opponent = tf.Variable(to_opponent(image))
    lowest = tf.Variable(np.inf, dtype=tf.float32, trainable=False)
    optimizer.build([opponent])  # before tracing, so that it is traced once

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            picture = from_opponent(opponent)
            terms = loss(picture)
            total = terms.total if isinstance(terms, LossTerms) else terms
        gradient = tape.gradient(total, opponent)
        best.assign(tf.where(total < lowest, image, best))
        lowest.assign(tf.minimum(total, lowest))
        optimizer.apply_gradients([(gradient, opponent)])
        image.assign(tf.clip_by_value(from_opponent(opponent), 0.0, 1.0))
        opponent.assign(to_opponent(image))
        return terms

    return step


def _descend(loss, start, steps, learning_rate, journal):
    """Adam on the opponent colors of ``start``; returns the best picture and whether it was interrupted."""
    image = tf.Variable(as_batch(start), trainable=False)
    best = tf.Variable(image, trainable=False)
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps, alpha=0.1)
    step = _make_step(loss, image, best, keras.optimizers.Adam(rate, beta_2=0.99, epsilon=1e-8))
    try:
        for _ in range(steps):
            journal.note(step(), image)
    except KeyboardInterrupt:
        return best.numpy()[0], True
    return best.numpy()[0], False


def minimize(
    loss, start, *, steps=STEPS, learning_rate=LEARNING_RATE, callback=None, every=10, progress=True
):
    """Change the pixels of a picture so that a loss falls.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or :class:`LossTerms`.
    start : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    steps : int, optional
        Number of steps, at least 1.
    learning_rate : float, optional
        Adam's rate at the start: about the change of brightness per step; it falls to a tenth along a cosine.
    callback : callable, optional
        Called with an :class:`Iterate` after every ``every`` steps.
    every : int, optional
    progress : bool, optional
        Show a progress bar (never when the environment variable ``NST_PROGRESS`` is 0).

    Returns
    -------
    StyleTransferRun
        An interrupt from the keyboard ends the run early and keeps what was reached.

    Raises
    ------
    FloatingPointError
        When the loss is no longer a finite number.
    """
    _check_counts(steps, learning_rate, every)
    journal = _Journal(steps, callback, every, progress)
    with journal.bar:
        picture, interrupted = _descend(loss, start, steps, learning_rate, journal)
    settings = {"steps": steps, "learning_rate": learning_rate}
    return StyleTransferRun(picture, journal.history(), settings, interrupted)


def _check_counts(steps, learning_rate, every):
    for name, value in (("steps", steps), ("every", every)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} is {value!r}; it must be a whole number of at least 1.")
    if not 0 < learning_rate < float("inf"):
        raise ValueError(
            f"learning_rate is {learning_rate!r}; it must be a positive number, for instance 0.05."
        )


def coarse_to_fine_levels(size, steps):
    """Picture sizes and steps of a coarse-to-fine run.

    Large shapes are settled where a step is cheap: below every size above 256 pixels stands a level of
    half the size, which takes three quarters of the steps (Gatys et al. 2017, section 6).

    Parameters
    ----------
    size : int
        Longer side of the final picture.
    steps : int
        Steps of all levels together.

    Returns
    -------
    list of (int, int)
        Longer side and steps of each level, coarsest first.
    """
    if size <= 256 or steps < 4:
        return [(size, steps)]
    fine = steps // 4
    return [*coarse_to_fine_levels(round(size / 2), steps - fine), (size, fine)]


def stylize(
    content,
    style,
    *,
    content_layers=CONTENT_LAYERS,
    style_layers=STYLE_LAYERS,
    content_weight=CONTENT_WEIGHT,
    style_weight=STYLE_WEIGHT,
    total_variation_weight=TOTAL_VARIATION_WEIGHT,
    steps=STEPS,
    learning_rate=LEARNING_RATE,
    extractor=None,
    callback=None,
    every=10,
    progress=True,
):
    """Paint the content picture in the manner of the style picture (Gatys, Ecker, Bethge 2016).

    Starts from the content picture and descends with Adam (Kingma and Ba 2015), coarse to fine, in
    opponent colors (:mod:`nst_utils.opponent`).

    Parameters
    ----------
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1]. They may differ in size; the result has the
        content's. A style picture of about the same size gives strokes in their own proportion.
    content_layers, style_layers : sequence of str, optional
    content_weight, style_weight, total_variation_weight : float, optional
        See :class:`StyleTransferLoss`.
    steps : int, optional
        Steps of all levels together.
    learning_rate : float, optional
    extractor : FeatureExtractor, optional
        One that answers at least the layers above; by default the trained VGG19, in
        bfloat16 where the hardware multiplies it.
    callback, every, progress
        See :func:`minimize`.

    Returns
    -------
    StyleTransferRun
        After an interrupt from the keyboard, the best picture so far at the content's size.

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind.
    ValueError
        For weights below 0, or fewer steps than 1.
    FloatingPointError
        When the loss is no longer a finite number.
    """
    settings = {
        "content_layers": tuple(content_layers), "style_layers": tuple(style_layers),
        "content_weight": content_weight, "style_weight": style_weight,
        "total_variation_weight": total_variation_weight,
    }  # fmt: skip
    content, style = images.check_picture(content, "content"), images.check_picture(style, "style")
    _check_counts(steps, learning_rate, every)
    extractor = extractor or FeatureExtractor((*content_layers, *style_layers), precision="auto")
    journal = _Journal(steps, callback, every, progress)
    picture, longer, interrupted = content, max(content.shape[:2]), False
    with journal.bar:
        for size, level_steps in coarse_to_fine_levels(longer, steps):
            level_content, level_style = _at_level(content, size), _shrink(style, size / longer)
            loss = StyleTransferLoss(extractor, level_content, level_style, **settings)
            start = images.resize(picture, level_content.shape[:2])
            picture, interrupted = _descend(loss, start, level_steps, learning_rate, journal)
            if interrupted:
                break
    settings |= {"steps": steps, "learning_rate": learning_rate, "weights": extractor.source,
                 "precision": extractor.precision}  # fmt: skip
    picture = images.resize(picture, content.shape[:2])
    return StyleTransferRun(picture, journal.history(), settings, interrupted)


def _at_level(content, size):
    return content if size == max(content.shape[:2]) else images.resize(content, size)


def _shrink(style, factor):
    return style if factor == 1 else images.resize(style, round(max(style.shape[:2]) * factor))
