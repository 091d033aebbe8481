"""An interrupt from the keyboard that waits until no work is half done."""

import contextlib
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator

PRESS_AGAIN = 10.0  # seconds in which one more press means more than the work that the first has ended


class DelayedKeyboardInterrupt:
    """Delays interrupts inside a ``with`` block until :meth:`check` or :meth:`allow_interrupts`.

    One that comes while a step is made or recorded would lose all steps before it. Only Python's own handler
    is replaced, and only in the main thread: no other thread is interrupted.
    """

    _last_end = -math.inf  # when a press has last ended a block's work, of any object

    def __enter__(self):
        self._pressed = None  # when
        self._before = signal.getsignal(signal.SIGINT)
        ours = (DelayedKeyboardInterrupt._raise, DelayedKeyboardInterrupt._raise_first)
        is_ours = getattr(self._before, "__func__", None) in ours
        is_main = threading.current_thread() is threading.main_thread()
        self._replaces = is_main and (is_ours or self._before is signal.default_int_handler)
        self._handle_with(self._remember)
        if self._replaces:
            self._unraisable, sys.unraisablehook = sys.unraisablehook, self._pass_on
        return self

    def __exit__(self, *_):
        if self._replaces:
            sys.unraisablehook = self._unraisable
        self._handle_with(self._before)

    def _pass_on(self, unraisable):
        """Say nothing of a press during a finalizer: Python ends it there, and `check` raises it anew."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self._unraisable(unraisable)

    def _handle_with(self, handler):
        if self._replaces:
            signal.signal(signal.SIGINT, handler)

    def _remember(self, *_):
        self._pressed = time.monotonic()

    def _raise(self, *_):
        self._pressed = time.monotonic()
        raise KeyboardInterrupt

    @classmethod
    def let_only_first_through(cls) -> None:
        """Let no press after the one that has ended a run through: for a process that ends with that run."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, cls()._raise_first)

    def _raise_first(self, *_):
        if DelayedKeyboardInterrupt._last_end == -math.inf:
            self._raise()

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if one has been delayed."""
        if self._pressed is not None:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def allow_interrupts(self, only_first: bool = False) -> Iterator[None]:
        """Let interrupts through at once, during what may take long, such as a callback.

        With ``only_first``, none after the one that has ended a run: for a process that ends with that run.
        """
        self.check()
        try:
            self._handle_with(self._raise_first if only_first else self._raise)
            yield
        finally:
            self._handle_with(self._remember)

    def is_second_press(self) -> bool:
        """Whether the key was pressed within 10 seconds after this method has said no to a press.

        A cell may hold many runs. The first press ends one run; if the next one begins at once, the second
        press is meant for all of them. Where no key was pressed, code has raised ``KeyboardInterrupt``: no.
        """
        if self._pressed is None:
            return False
        is_second = self._pressed - DelayedKeyboardInterrupt._last_end < PRESS_AGAIN
        DelayedKeyboardInterrupt._last_end = -math.inf if is_second else time.monotonic()
        return is_second
