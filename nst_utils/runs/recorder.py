"""Recorder: history, progress, snapshots and callbacks of a run, and what is kept when it ends early."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..base.interrupts import PRESS_AGAIN, DelayedKeyboardInterrupt
from ..base.progress import progress_bar
from ..pictures.arrays import resize
from .record import Iterate, StyleTransferRun, TrainingRun

PATIENCE = 10  # steps within which an early stop looks for improvement
KEPT = (
    "What the run reached is kept in this exception. In the next cell: import sys; run = sys.last_value.run\n"
    "Then run.{} is {}."
)
STOPPED = (
    "Stopped after {} of {} steps; {} is kept.{} To stop the whole cell, press again"
    f" within {PRESS_AGAIN:.0f} seconds."
)


class Recorder:
    """Records every step of a run; inside ``with recorder`` interrupts wait for the end of a step.

    Parameters
    ----------
    settings : dict
        What the run was asked for, ``"steps"`` among it.
    state : object
        Where the run starts or goes on, with the steps done as ``step``; the loop and the recorder move it
        along.
    callback : callable or None
        Called with an :class:`Iterate` after every ``every`` steps.
    every : int
    progress : bool
        Show a bar; never when the environment variable ``NST_PROGRESS`` is 0.
    before : run or None
        The one that goes on: its rows and seconds come first.
    go_on : str
        The code that goes on with this run, for the advice after an interrupt.
    """

    result, reached = "picture", "the best picture so far"  # attribute of the record, and what it holds

    def __init__(
        self,
        settings: dict,
        state: Any,
        callback: Callable | None,
        every: int,
        progress: bool,
        before: Any = None,
        go_on: str = "",
    ):
        self.settings, self.state, self.rows = settings, state, _rows_of(before)
        self.callback, self.every, self.go_on = callback, every, go_on
        self.interrupted, self.interrupts = False, DelayedKeyboardInterrupt()
        self.progress = progress
        self._start = time.perf_counter() - (self.rows[-1]["seconds"] if self.rows else 0)

    def __enter__(self):
        count = {"total": self.settings["steps"], "initial": len(self.rows), "unit": "step"}
        self.bar = progress_bar(**count, show=self.progress)
        self.interrupts.__enter__()
        return self

    def __exit__(self, *_):
        try:
            self.bar.close()
        finally:
            self.interrupts.__exit__()

    @contextlib.contextmanager
    def keep_what_was_reached(self):
        """End the run at an interrupt; a second one, and an error, carry the run from its first step on."""
        try:
            yield
        except (KeyboardInterrupt, Exception) as error:
            self.interrupted = True
            self.bar.close()
            advice = self.go_on and f" {self.go_on} goes on from it."
            if isinstance(error, KeyboardInterrupt) and not self.interrupts.is_second_press():
                print(STOPPED.format(len(self.rows), self.settings["steps"], self.reached, advice))
                return
            if self.rows:
                error.run = self.run()
                error.add_note(KEPT.format(self.result, self.reached) + (advice if error.run.state else ""))
            raise

    def record(self, losses: dict, image):
        """Record one step: its losses by name, and the tensor ``(batch, height, width, 3)`` after it."""
        step, steps = len(self.rows) + 1, self.settings["steps"]
        _check_finite(losses["total"], step)
        seconds = time.perf_counter() - self._start
        self.rows.append({**losses, "seconds": seconds, "size": max(image.shape[1:3])})
        self.state.step += 1
        self.bar.update()
        self.bar.set_postfix_str(f"loss {losses['total']:.4f}", refresh=False)
        self.keep_snapshot(image)
        if self.callback and step % self.every == 0:
            with self.interrupts.allow_interrupts():
                self.callback(self.iterate(image))
        if step < steps:
            self.interrupts.check()

    def keep_snapshot(self, image):
        """Keep the picture of a step, if the settings ask for it."""

    def iterate(self, image) -> Iterate:
        """Return what the callback is given."""
        return Iterate(len(self.rows), self.settings["steps"], image.numpy()[0], dict(self.rows[-1]))

    def history(self) -> dict:
        """Return the rows so far as columns."""
        names = self.rows[0] if self.rows else ()
        return {name: np.array([row[name] for row in self.rows]) for name in names}

    def run(self) -> Any:
        """Return the record of the run so far."""
        raise NotImplementedError


class RunRecorder(Recorder):
    """Records a run that changes a picture: levels, snapshots, an early stop.

    Parameters
    ----------
    settings : dict
        With ``"snapshot_every"`` and ``"tolerance"``.
    state : RunState
    shape : tuple of int
        Height and width of the final picture.
    finish : callable, optional
        Makes of the optimizer's picture the one that is shown and kept.
    *arguments
        As of a :class:`Recorder`, from ``callback`` on.
    """

    def __init__(self, settings, state, shape, *arguments, before=None, finish=None, **named):
        super().__init__(settings, state, *arguments, before=before, **named)
        self.shape, self.snapshots = shape, list(before.snapshots) if before else []
        self.finish = finish or (lambda picture: picture)

    def keep_snapshot(self, image):
        """Keep the picture of every so many steps."""
        snapshot_every = self.settings["snapshot_every"]
        if snapshot_every and len(self.rows) % snapshot_every == 0:
            self.snapshots.append(self.finish(image.numpy()[0]))

    def iterate(self, image) -> Iterate:
        """Return what the callback is given."""
        iterate = super().iterate(image)
        return replace(iterate, picture=self.finish(iterate.picture))

    def finish_level(self):
        """Go to the next level."""
        self.state.finish_level(self.rows[-self.state.step]["total"])

    def has_plateaued(self) -> bool:
        """Whether the last steps of this level lowered the loss by less than the tolerance."""
        tolerance, totals = self.settings["tolerance"], [row["total"] for row in self.rows]
        totals = totals[len(totals) - self.state.step :]
        if not tolerance or len(totals) <= PATIENCE:
            return False
        return min(totals[-PATIENCE:]) > (1 - tolerance) * min(totals[:-PATIENCE])

    def run(self) -> StyleTransferRun:
        """Return the record of the run so far."""
        state = self.state.frozen()
        return StyleTransferRun(
            self.finish(resize(state.picture, self.shape)),
            self.history(),
            self.settings,
            self.interrupted,
            tuple(self.snapshots),
            state if self.interrupted and state.inputs and state.is_finite() else None,
        )


class TrainingRecorder(Recorder):
    """Records the training of a painter, the first parameter; the others are a :class:`Recorder`'s."""

    result, reached = "painter", "the painter so far"

    def __init__(self, painter, *arguments):
        super().__init__(*arguments)
        self.painter = painter

    def iterate(self, image) -> Iterate:
        """Return what the callback is given: one of the pictures painted in this step, and the painter."""
        return replace(super().iterate(image), painter=self.painter)

    def run(self) -> TrainingRun:
        """Return the record of the training so far."""
        state = self.state.frozen()
        return TrainingRun(
            self.painter,
            self.history(),
            self.settings,
            self.interrupted,
            state if self.interrupted and state.is_finite() else None,
        )


def _check_finite(total, step):
    """Raise ``FloatingPointError`` when a loss is NaN or infinite."""
    if np.isfinite(total):
        return
    advice = "The step is too long or a weight too large: try a tenth of the learning rate."
    if step == 1:
        advice = "It was so before any step: check the loss, or try smaller weights."
    raise FloatingPointError(f"The loss became {total} at step {step}. {advice}")


def _rows_of(run):
    columns = [values.tolist() for values in run.history.values()] if run else []
    return [dict(zip(run.history, row, strict=True)) for row in zip(*columns, strict=True)]
