"""Progress bars: they move on a terminal and in a notebook; a file or a pipe gets one line at the end."""

import math
import os
import sys

from tqdm import std
from tqdm.auto import tqdm

_IS_WIDGET = any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__)  # what auto has chosen


def progress_bar(*iterable, show: bool = True, **settings) -> std.tqdm:
    """Make a bar of tqdm that leaves nothing on the screen; it stays silent when ``NST_PROGRESS`` is 0.

    Parameters
    ----------
    *iterable : iterable, optional
        What the bar goes along.
    show : bool
    **settings
        Of tqdm: ``total``, ``initial``, ``unit``, ``unit_scale``, ``desc``.
    """
    if not show or os.environ.get("NST_PROGRESS") == "0" or sys.stderr is None:
        return std.tqdm(*iterable, disable=True, **settings)
    if _IS_WIDGET:
        return _Widget(*iterable, leave=False, **settings)
    if not getattr(sys.stderr, "isatty", bool)():  # what takes the place of stderr may only write
        return _OneLine(*iterable, delay=math.inf, **settings)
    return std.tqdm(*iterable, leave=False, **settings)


class _Widget(tqdm):
    """A bar that is gone from its notebook when it ends: saved, it would say "model not found" there."""

    def __init__(self, *iterable, **settings):
        super().__init__(*iterable, display=False, **settings)
        from IPython.display import display

        self._shown = display(self.container, display_id=True)

    def close(self):
        """End the bar."""
        super().close()
        self._shown.update({"text/plain": ""}, raw=True)


class _OneLine(std.tqdm):
    """A bar that is written once, at its end: in a log each of its movements would stay."""

    def close(self):
        """Say what was done, if anything was."""
        done = self.n - self.initial
        if done and not self.disable:
            count = f"{self.format_sizeof(done)}B" if self.unit == "B" else f"{done} {self.unit}s"
            words = [f"{count} in {self.format_dict['elapsed']:.1f} s", self.postfix]
            print(": ".join(filter(None, [self.desc, ", ".join(filter(None, words))])), file=self.fp)
        super().close()
