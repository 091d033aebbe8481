"""The loop itself: descent on the pixels of a picture, until its steps are made."""

import numpy as np

from .base.arguments import check_callback, check_choice, check_int, check_number
from .descent import LEARNING_RATES, SCHEDULES, Descent
from .pictures import images
from .runs.record import RunRecorder, StyleTransferRun, return_or_raise

STEPS = 100


def minimize(
    loss,
    start,
    *,
    optimizer="adam",
    steps=STEPS,
    learning_rate=None,
    schedule="cosine",
    tolerance=0.0,
    callback=None,
    every=10,
    snapshot_every=None,
    progress=True,
):
    """Change the pixels of a picture so that a loss falls.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or :class:`LossTerms`.
    start : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    optimizer : {"adam", "sgd", "lbfgs"}, optional
        Adam (Kingma and Ba 2015); gradient descent with momentum 0.9; L-BFGS inside [0, 1]
        (:mod:`nst_utils.lbfgs`). The first two move opponent colors (:mod:`nst_utils.opponent`).
    steps : int, optional
        Number of steps, at least 1. One step is one evaluation of the loss and its gradient.
    learning_rate : float, optional
        Adam: about the change of brightness per step (0.05). SGD: change per unit of slope (0.0005).
        L-BFGS: root mean square change in the first step alone (0.05).
    schedule : {"cosine", "constant"}, optional
        Whether the rate falls to a tenth along a cosine. L-BFGS has no use for it.
    tolerance : float, optional
        Stop early when ten steps have lowered the loss by less than this share of it; 0 never stops.
    callback : callable, optional
        Called with an :class:`Iterate` after every ``every`` steps.
    every : int, optional
    snapshot_every : int, optional
        Keep the picture after every so many steps in the record, for an animation.
    progress : bool, optional
        Show a progress bar (never when the environment variable ``NST_PROGRESS`` is 0).

    Returns
    -------
    StyleTransferRun
        With the picture of the lowest loss. An interrupt from the keyboard ends the run early and keeps
        what was reached.

    Raises
    ------
    ValueError
        For numbers and names that make no sense, and for a loss that is not one number.
    nst_utils.ImageError
        For a start that is not a picture.
    FloatingPointError
        When the loss is no longer a finite number.

    Notes
    -----
    An error that ends a run after its first step, be it this one or the callback's own, carries what was
    reached, a :class:`StyleTransferRun`, as its attribute ``run``.
    """
    settings = check_settings(optimizer, steps, learning_rate, schedule, tolerance, every, snapshot_every)
    check_callback(callback)
    journal = RunRecorder(steps, callback, every, progress, snapshot_every)
    reason, descent = None, None
    start = np.array(images.check_picture(start))
    with journal:
        try:
            with journal.interrupts.allow_interrupts():
                descent = make_descent(loss, start, steps, settings)
            descend(descent, steps, tolerance, journal)
        except (KeyboardInterrupt, Exception) as error:
            reason = error
        picture = descent.best() if journal.rows else start
        run = StyleTransferRun(
            picture, journal.history(), settings, reason is not None, tuple(journal.snapshots)
        )
        return return_or_raise(run, reason)


def make_descent(loss, start, steps, settings):
    """Compile the step for a loss, a start and the settings that :func:`check_settings` returned."""
    return Descent(
        loss, start, settings["optimizer"], steps, settings["learning_rate"], settings["schedule"]
    )


def descend(descent, steps, tolerance, journal, done=0):
    """Make the steps ``done + 1`` to ``steps``, and note each in the journal."""
    for step in range(done + 1, steps + 1):
        journal.interrupts.check()
        journal.note(descent.step(), descent.image)
        if journal.stalled(step, tolerance):
            break


def check_settings(optimizer, steps, learning_rate, schedule, tolerance, every, snapshot_every):
    """Return the settings of a loop by name, or raise ``ValueError`` for one that makes no sense."""
    for name, value in (("steps", steps), ("every", every)):
        check_int(name, value)
    if snapshot_every is not None:
        check_int("snapshot_every", snapshot_every)
    check_choice("optimizer", optimizer, tuple(LEARNING_RATES))
    check_choice("schedule", schedule, SCHEDULES)
    rate = LEARNING_RATES[optimizer] if learning_rate is None else learning_rate
    rate = check_number("learning_rate", rate, "a positive number, for instance 0.05", lambda n: n > 0)
    tolerance = check_number(
        "tolerance", tolerance, "at least 0 and below 1, such as 0.01", lambda n: 0 <= n < 1
    )
    return {"optimizer": optimizer, "steps": steps, "learning_rate": rate, "schedule": schedule,
            "tolerance": tolerance, "snapshot_every": snapshot_every}  # fmt: skip
