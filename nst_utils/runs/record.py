"""What a run tells while it goes on, and what it leaves behind."""

import os
import sys
import time
from dataclasses import dataclass, field

import numpy as np
from tqdm.auto import tqdm

from ..base.interrupts import DelayedKeyboardInterrupt

WINDOW = 10  # steps over which an early stop looks for improvement


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
        Whether it ended before its last step: from the keyboard, or by an error that carries this record.
    snapshots : tuple of numpy.ndarray
        The picture after every ``snapshot_every`` steps, each in the size of its level.
    state : dict or None
        Of an interrupted run, what :func:`nst_utils.resume` needs; else None.
    """

    picture: np.ndarray
    history: dict
    settings: dict
    interrupted: bool = False
    snapshots: tuple = ()
    state: dict | None = field(default=None, repr=False)


KEPT = (
    "What the run reached is kept in this exception. In the next cell: import sys; run = sys.last_value.run\n"
    "Then run.picture is the best picture so far."
)
RESUMABLE = " nst.resume(run, content, style) goes on from it."


def return_or_raise(run, reason):
    """Return a run, or raise the error that ended it; the error then carries what was reached.

    Parameters
    ----------
    run : StyleTransferRun
    reason : BaseException or None
        What ended it before its last step. An interrupt from the keyboard is no error.
    """
    if isinstance(reason, KeyboardInterrupt):
        reason.__traceback__ = None  # it holds the frames of the run, and with them the optimizer's memory
    if reason is None or isinstance(reason, KeyboardInterrupt):
        return run
    if run.history:
        reason.run = run
        reason.add_note(KEPT + (RESUMABLE if run.state else ""))
    raise reason


class RunRecorder:
    """Collects the history of a run, shows its progress and calls back.

    A run goes on inside ``with journal``. Interrupts from the keyboard are held back there.

    Parameters
    ----------
    steps : int
        Steps of the whole run.
    callback : callable or None
        Called with an :class:`Iterate` after every ``every`` steps.
    every : int
    progress : bool
        Show a bar; never when the environment variable ``NST_PROGRESS`` is 0.
    snapshot_every : int or None
        Keep the picture after every so many steps.
    before : StyleTransferRun or None
        The run that goes on: its rows, snapshots and seconds come first.
    """

    def __init__(self, steps, callback, every, progress, snapshot_every=None, before=None):
        self.steps, self.callback, self.every, self.snapshot_every = steps, callback, every, snapshot_every
        self.rows, self.snapshots = _rows_of(before), list(before.snapshots) if before else []
        self._silent = not progress or os.environ.get("NST_PROGRESS") == "0" or sys.stderr is None
        self.interrupts = DelayedKeyboardInterrupt()
        self._start = time.perf_counter() - (self.rows[-1]["seconds"] if self.rows else 0)

    def __enter__(self):
        self.bar = tqdm(
            total=self.steps, initial=len(self.rows), unit="step", disable=self._silent, leave=False
        )
        self.interrupts.__enter__()
        return self

    def __exit__(self, *_):
        try:
            self.bar.close()
        finally:
            self.interrupts.__exit__()

    def note(self, losses, image):
        """Note one step: its losses by name, and the variable ``(1, height, width, 3)`` after it."""
        if not np.isfinite(losses["total"]):
            step = len(self.rows) + 1
            advice = (
                "It was so before any step: check the loss, or try smaller weights."
                if step == 1
                else "The step is too long or a weight too large: try a tenth of the learning rate."
            )
            raise FloatingPointError(f"The loss became {losses['total']} at step {step}. {advice}")
        seconds = time.perf_counter() - self._start
        self.rows.append({**losses, "seconds": seconds, "size": max(image.shape[1:3])})
        self.bar.update()
        self.bar.set_postfix_str(f"loss {losses['total']:.4f}", refresh=False)
        step = len(self.rows)
        if self.snapshot_every and step % self.snapshot_every == 0:
            self.snapshots.append(image.numpy()[0])
        if self.callback and step % self.every == 0:
            iterate = Iterate(step, self.steps, image.numpy()[0], dict(self.rows[-1]))
            with self.interrupts.allow_interrupts():
                self.callback(iterate)

    def stalled(self, steps, tolerance):
        """Whether the last of these steps lowered the loss by less than the share ``tolerance``."""
        totals = [row["total"] for row in self.rows[len(self.rows) - steps :]]
        if not tolerance or steps <= WINDOW:
            return False
        return min(totals[-WINDOW:]) > (1 - tolerance) * min(totals[:-WINDOW])

    def history(self):
        """Return the rows as one array per name."""
        names = self.rows[0] if self.rows else ()
        return {name: np.array([row[name] for row in self.rows]) for name in names}


def _rows_of(run):
    if run is None or not run.history:
        return []
    columns = run.history.values()
    return [
        dict(zip(run.history, (value.item() for value in row), strict=True))
        for row in zip(*columns, strict=True)
    ]
