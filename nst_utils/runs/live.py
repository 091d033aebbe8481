"""A run that shows itself while it goes on: one display, updated in place."""

import os

from IPython.display import display

from ..plots import plot_progress
from .record import Iterate


class LiveView:
    """A callback that draws the picture and the curves of a run in one display, and of the next in another.

    It is made for notebooks. Those that are run unattended set the environment variable ``NST_PROGRESS`` to
    0; then it shows nothing.

    See Also
    --------
    nst_utils.animated_gif : Shows a run afterwards, from its snapshots.

    Examples
    --------
    >>> import nst_utils as nst
    >>> content, style = nst.photo("chelsea", 32), nst.painting("mosaic", 32)
    >>> run = nst.stylize(content, style, steps=2, callback=nst.LiveView(), every=1)
    """

    def __init__(self):
        self._history, self._handle = {"step": []}, None
        self._silent = os.environ.get("NST_PROGRESS") == "0"

    def __call__(self, iterate):
        """Draw the picture and the curves so far.

        Parameters
        ----------
        iterate : Iterate
            What a run gives its callback.

        Raises
        ------
        ValueError
            For anything else.
        """
        if not isinstance(iterate, Iterate):
            raise ValueError("A LiveView is a callback: pass it on with stylize(..., callback=LiveView()).")
        if self._silent:
            return
        if self._history["step"] and iterate.step <= self._history["step"][-1]:
            self._history, self._handle = {"step": []}, None  # another run
        for name, value in {"step": iterate.step, **iterate.losses}.items():
            self._history.setdefault(name, []).append(value)
        figure = plot_progress(iterate.picture, self._history, f"step {iterate.step} of {iterate.steps}")
        if self._handle is None:
            self._handle = display(figure, display_id=True)
        else:
            self._handle.update(figure)
