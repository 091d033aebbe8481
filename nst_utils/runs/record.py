"""What a callback is given during a run, and what the run leaves behind."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..base.types import Picture


@dataclass(frozen=True, eq=False)  # arrays have no one answer to ==
class Iterate:
    """What a callback is given after a step.

    Attributes
    ----------
    step : int
        Steps done so far, of all levels together.
    steps : int
        Steps of the whole run.
    picture : numpy.ndarray
        After this step, ``(height, width, 3)`` of this level, RGB, values in [0, 1]. While a painter is
        trained, a crop as it was painted in this step.
    losses : dict of str to float
        By the names of a history, see :class:`nst_utils.StyleTransferRun`: measured before this step's
        change, and with L-BFGS at the picture that was tried.
    painter : StylePainter or None
        That is being trained, where one is.

    Examples
    --------
    >>> import nst_utils as nst
    >>> def loss(batch):
    ...     return nst.pixel_loss(batch, np.ones((16, 16, 3)))
    >>> def show(iterate):
    ...     print(iterate.step, "of", iterate.steps, sorted(iterate.losses))
    >>> run = nst.minimize(loss, np.zeros((16, 16, 3)), steps=4, callback=show, every=2)
    2 of 4 ['seconds', 'size', 'total']
    4 of 4 ['seconds', 'size', 'total']
    """

    step: int  # steps done so far, of all levels together
    steps: int  # steps of the whole run
    picture: Picture = field(repr=False)  # (height, width, 3) of this level, RGB, values in [0, 1]
    losses: dict  # name → float, as in the history: measured before this step's change
    painter: Any = field(default=None, repr=False)  # that is being trained, where one is


@dataclass(eq=False)
class RunState:
    """Everything that the next step of a run depends on.

    Attributes
    ----------
    picture : numpy.ndarray
        Where the current level starts: the initial picture, or the best one of the level before.
    level, step : int
        Number of the current level, and the steps done at it.
    optimizer : PictureOptimizer or None
        That of the current level, once it is compiled; not part of a record.
    variables : list of numpy.ndarray or None
        Its variables after an interrupt, to go on from.
    inputs : tuple of str
        Hashes of the content and the style.
    targets : list of float
        Sizes of the current level's targets: they differ from network to network.
    lowered : bool
        Whether a level so far has lowered its loss.
    """

    picture: Picture = field(repr=False)
    inputs: tuple = ()
    level: int = 0
    step: int = 0
    optimizer: object = None
    variables: list | None = field(default=None, repr=False)
    targets: list = field(default_factory=list)
    lowered: bool = False

    def finish_level(self, first):
        """Go to the next level, from the best picture of this one, whose first loss is given."""
        self.optimizer.look()
        self.lowered = self.lowered or self.optimizer.lowest() < first
        self.picture, self.level, self.step = self.optimizer.best(), self.level + 1, 0
        self.optimizer = self.variables = None

    def frozen(self):
        """Return the state as plain arrays, the best picture of the current level among them."""
        if not self.optimizer or not self.step:
            return replace(self, optimizer=None)
        optimizer = self.optimizer
        return replace(self, picture=optimizer.best(), optimizer=None, variables=optimizer.state())

    def is_finite(self):
        """Whether a step can be made from here: not after a loss that was NaN."""
        return all(np.isfinite(variable).all() for variable in self.variables or ())


@dataclass(frozen=True, eq=False)
class StyleTransferRun:
    """What a run of :func:`nst_utils.stylize` or :func:`nst_utils.minimize` leaves behind.

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
    state : RunState or None
        Of an interrupted run, what :func:`nst_utils.resume` needs; else None.

    Examples
    --------
    >>> import nst_utils as nst
    >>> def loss(batch):
    ...     return nst.pixel_loss(batch, np.ones((16, 16, 3)))
    >>> run = nst.minimize(loss, np.zeros((16, 16, 3)), steps=4, snapshot_every=2)
    >>> list(run.history), len(run.snapshots), run.interrupted
    (['total', 'seconds', 'size'], 2, False)
    """

    picture: Picture
    history: dict
    settings: dict
    interrupted: bool = False
    snapshots: tuple = ()
    state: RunState | None = None

    def __repr__(self):
        height, width = self.picture.shape[:2]
        return f"StyleTransferRun({width} × {height}, {', '.join(_words(self))})"


@dataclass(eq=False)
class TrainingState:
    """Everything that the next step of a training depends on.

    Attributes
    ----------
    inputs : tuple of str
        Hashes of the style and the photos.
    variables : list
        Those of the painter and of its optimizer: of TensorFlow, and in a record arrays.
    step : int
        The steps done.
    """

    inputs: tuple
    variables: list = field(repr=False)
    step: int = 0

    def restore(self, state):
        """Go back to the state of a record."""
        self.step = state.step
        for variable, value in zip(self.variables, state.variables, strict=True):
            variable.assign(value)

    def frozen(self):
        """Return the state as plain arrays."""
        return replace(self, variables=[variable.numpy() for variable in self.variables])

    def is_finite(self):
        """Whether a step can be made from here."""
        return all(np.isfinite(variable).all() for variable in self.variables)


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What the training of a painter by :func:`nst_utils.train_painter` leaves behind.

    Attributes
    ----------
    painter : StylePainter
        As it was after the last step.
    history : dict of str to numpy.ndarray
        As of a :class:`nst_utils.StyleTransferRun`; the losses are those of each step's crops.
    settings : dict
        What the training was asked for.
    interrupted : bool
        Whether it ended before its last step: from the keyboard, or by an error that carries this record.
    state : TrainingState or None
        Of an interrupted run, what :func:`nst_utils.resume_training` needs; else None.

    Examples
    --------
    >>> import nst_utils as nst
    >>> run = nst.train_painter(nst.painting("ink", 32), [nst.photo("coffee", 64)], steps=2, batch=1, size=32)
    >>> len(run.history["total"]), run.interrupted, type(run.painter).__name__
    (2, False, 'StylePainter')
    """

    painter: Any = field(repr=False)
    history: dict
    settings: dict
    interrupted: bool = False
    state: TrainingState | None = None

    def __repr__(self):
        return f"TrainingRun({', '.join(_words(self))})"


def _words(run):
    """Say how far a run came, and how."""
    totals, steps = run.history.get("total", ()), run.settings["steps"]
    words = [f"{len(totals)} of {steps} steps"]
    if len(totals):
        words += [f"loss {totals[-1]:.4g}", f"{run.history['seconds'][-1]:.1f} s"]
    return words + ["interrupted"] * run.interrupted
