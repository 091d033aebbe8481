"""Style transfer as a run: the loop on every level from coarse to fine, interrupted, kept and resumed."""

import hashlib

import numpy as np

from .base.arguments import check_bool, check_callback, check_int, check_layers, describe_value
from .features import FeatureExtractor
from .levels import at_level, coarse_to_fine_levels
from .loop import STEPS, check_settings, descend, make_descent, minimize
from .losses import (
    CONTENT_LAYERS,
    CONTENT_WEIGHT,
    STYLE_LAYERS,
    STYLE_WEIGHT,
    TOTAL_VARIATION_WEIGHT,
    StyleTransferLoss,
    check_weights,
)
from .pictures import images
from .pictures.initial import check_initial, initial_picture
from .runs.memory import check_memory, reraise_out_of_memory
from .runs.record import Iterate, RunRecorder, StyleTransferRun, return_or_raise

__all__ = ["Iterate", "StyleTransferRun", "coarse_to_fine_levels", "minimize", "resume", "stylize"]

FINER_RATE = 0.5  # share of the learning rate that the levels above the coarsest begin with
_LOSS_SETTINGS = (
    "content_layers",
    "style_layers",
    "content_weight",
    "style_weight",
    "total_variation_weight",
)


def stylize(
    content,
    style,
    *,
    content_layers=CONTENT_LAYERS,
    style_layers=STYLE_LAYERS,
    content_weight=CONTENT_WEIGHT,
    style_weight=STYLE_WEIGHT,
    total_variation_weight=TOTAL_VARIATION_WEIGHT,
    initial="content",
    seed=0,
    coarse_to_fine=True,
    optimizer="adam",
    steps=STEPS,
    learning_rate=None,
    schedule="cosine",
    tolerance=0.0,
    extractor=None,
    callback=None,
    every=10,
    snapshot_every=None,
    progress=True,
):
    """Paint the content picture in the manner of the style picture (Gatys, Ecker, Bethge 2016).

    Parameters
    ----------
    content, style : picture
        ``(height, width, 3)``, RGB, values in [0, 1]. They may differ in size; the result has the
        content's. A style picture of about the same size gives strokes in their own proportion.
    content_layers, style_layers : sequence of str, optional
    content_weight, style_weight, total_variation_weight : float, optional
        See :class:`StyleTransferLoss`.
    initial : {"content", "noise", "style", "blurred content"} or picture, optional
        Where the descent starts; see :func:`nst_utils.pictures.initial.initial_picture`.
    seed : int, optional
        Seed of the noise.
    coarse_to_fine : bool, optional
        Begin at half the size, and so on down to 256 pixels; see :func:`coarse_to_fine_levels`. The finer
        levels begin with half the learning rate.
    optimizer, learning_rate, schedule, tolerance
        See :func:`minimize`; the schedule and the early stop are those of each level.
    steps : int, optional
        Steps of all levels together.
    extractor : FeatureExtractor, optional
        One that answers at least the layers above; by default the trained VGG19, in
        bfloat16 where the hardware multiplies it.
    callback, every, snapshot_every, progress
        See :func:`minimize`.

    Returns
    -------
    StyleTransferRun
        After an interrupt from the keyboard, the best picture so far at the content's size;
        :func:`resume` goes on from it.

    Raises
    ------
    nst_utils.ImageError
        For pictures of another kind.
    ValueError
        For numbers and names that make no sense, layers that the extractor does not answer, and weights
        that are all 0.
    MemoryError
        When the run needs more memory than is free; the message says what size fits.
    FloatingPointError
        When the loss is no longer a finite number.

    Notes
    -----
    An error that ends a run after its first step, such as one in the callback, carries what was reached, a
    :class:`StyleTransferRun`, as its attribute ``run``.
    """
    check_bool("coarse_to_fine", coarse_to_fine)
    check_int("seed", seed, least=0)
    check_callback(callback)
    check_weights(content=content_weight, style=style_weight, total_variation=total_variation_weight)
    check_initial(initial)
    settings = {
        "content_layers": check_layers("content_layers", content_layers),
        "style_layers": check_layers("style_layers", style_layers),
        "content_weight": content_weight, "style_weight": style_weight,
        "total_variation_weight": total_variation_weight,
        "initial": initial, "seed": seed, "coarse_to_fine": coarse_to_fine,
        **check_settings(optimizer, steps, learning_rate, schedule, tolerance, every, snapshot_every),
    }  # fmt: skip
    journal = RunRecorder(steps, callback, every, progress, snapshot_every)
    return _run(content, style, settings, extractor, journal, state=None)


def resume(run, content, style, *, extractor=None, callback=None, every=10, progress=True):
    """Go on with an interrupted run of :func:`stylize`, as if it had not been interrupted.

    Parameters
    ----------
    run : StyleTransferRun
        An interrupted one; it is not changed.
    content, style : picture
        The pictures of that run.
    extractor, callback, every, progress
        As in :func:`stylize`.

    Returns
    -------
    StyleTransferRun
        With the history of both parts.

    Raises
    ------
    ValueError
        For a run that is complete or whose loss was no number, and for other pictures than those of the run.
    """
    if not isinstance(run, StyleTransferRun):
        raise ValueError(f"run is {describe_value(run)}; give an interrupted run that stylize returned.")
    check_int("every", every)
    check_callback(callback)
    if run.state is None:
        raise ValueError(
            "This run cannot go on: it is complete, or came from minimize, or its loss was no finite number."
            " Start another one: stylize(..., initial=run.picture)."
        )
    shape = images.check_picture(content, "content").shape
    if shape != run.picture.shape:
        raise ValueError(
            f"The run's picture has the shape {run.picture.shape}, this content {shape}: give the same one."
        )
    if _fingerprint(content, images.check_picture(style, "style")) != run.state["pictures"]:
        raise ValueError(
            "These are not the pictures of that run: give the same content and style, or start another run"
            " with stylize(..., initial=run.picture)."
        )
    settings = run.settings
    journal = RunRecorder(settings["steps"], callback, every, progress, settings["snapshot_every"], run)
    return _run(content, style, settings, extractor, journal, run.state)


def _run(content, style, settings, extractor, journal, state):
    """All levels of a run, from the start or from a state; keeps what was reached when it ends early."""
    # Copies, since a callback, or a cell after an interrupt, may change what it has given
    content = np.array(images.check_picture(content, "content"))
    style = np.array(images.check_picture(style, "style"))
    longer = max(content.shape[:2])
    levels = [(longer, settings["steps"])]
    if settings["coarse_to_fine"]:
        shorter = min(*content.shape[:2], *style.shape[:2])
        levels = coarse_to_fine_levels(longer, settings["steps"], shorter)
    with reraise_out_of_memory(longer):
        layers = (*settings["content_layers"], *settings["style_layers"])
        extractor = FeatureExtractor(layers, precision="auto") if extractor is None else extractor
    if not isinstance(extractor, FeatureExtractor):
        raise ValueError(f"extractor is {describe_value(extractor)}; give a FeatureExtractor of all layers.")
    check_memory(extractor, content.shape, style.shape, settings["optimizer"])
    settings = settings | {"weights": extractor.source, "precision": extractor.precision}
    reason = None
    with journal:
        if state is None:
            shrunk = at_level(0, levels, content, style)
            picture = initial_picture(settings["initial"], *shrunk, settings["seed"])
            state = {"level": 0, "done": 0, "variables": None, "picture": np.array(picture),
                     "pictures": _fingerprint(content, style)}  # fmt: skip
        while state["level"] < len(levels) and reason is None:
            state, reason = _run_level(levels, content, style, settings, extractor, journal, state)
        run = StyleTransferRun(
            images.resize(state["picture"], content.shape[:2]),
            journal.history(),
            settings,
            interrupted=reason is not None,
            snapshots=tuple(journal.snapshots),
            state=state if reason is not None and _is_sound(state) else None,
        )
        return return_or_raise(run, reason)


def _fingerprint(*pictures):
    """Return what tells these pictures from others."""
    arrays = [images.check_picture(picture) for picture in pictures]
    return [hashlib.sha256(array.tobytes()).hexdigest() for array in arrays]


def _run_level(levels, content, style, settings, extractor, journal, state):
    """Run one level to its end or until something ends it; returns the state then, and what ended it."""
    level, rows, reason = state["level"], len(journal.rows), None
    content, style = at_level(level, levels, content, style)
    try:
        with reraise_out_of_memory(levels[-1][0]):
            with journal.interrupts.allow_interrupts():
                descent = _prepare(levels, content, style, settings, extractor, state)
            descend(descent, levels[level][1], settings["tolerance"], journal, state["done"])
    except (KeyboardInterrupt, Exception) as error:
        reason = error
    made = len(journal.rows) - rows
    if reason is None:
        return {**state, "level": level + 1, "done": 0, "variables": None, "picture": descent.best()}, None
    if not made:
        return state, reason
    return {**state, "done": state["done"] + made, "variables": descent.state(),
            "picture": descent.best()}, reason  # fmt: skip


def _prepare(levels, content, style, settings, extractor, state):
    """Make the loss and the compiled step of a level, at the state given."""
    loss = StyleTransferLoss(extractor, content, style, **{name: settings[name] for name in _LOSS_SETTINGS})
    # What comes enlarged from below is nearly right: long steps would undo it
    rate = settings["learning_rate"] * (FINER_RATE if state["level"] else 1.0)
    start = images.resize(state["picture"], content.shape[:2])
    steps = levels[state["level"]][1]
    descent = make_descent(loss, start, steps, settings | {"learning_rate": rate})
    if state["variables"]:
        descent.restore(state["variables"])
    return descent


def _is_sound(state):
    """Whether a step can be made from here: not after a loss that was no number."""
    return all(np.isfinite(variable).all() for variable in state["variables"] or ())
