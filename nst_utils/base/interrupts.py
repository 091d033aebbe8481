"""An interrupt from the keyboard that waits until no work is half done."""

import contextlib
import signal
import threading
from collections.abc import Iterator


class DelayedKeyboardInterrupt:
    """Delays interrupts inside a ``with`` block until :meth:`check` or :meth:`allow_interrupts`.

    One that comes while a step is made or recorded would lose all steps before it. Only Python's own handler
    is replaced, and only in the main thread: no other thread is interrupted.
    """

    def __enter__(self):
        self._pending = False
        is_main = threading.current_thread() is threading.main_thread()
        self._replaces = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._delay()
        return self

    def __exit__(self, *_):
        if self._replaces:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _delay(self):
        if self._replaces:
            signal.signal(signal.SIGINT, self._remember)

    def _remember(self, *_):
        self._pending = True

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if one has been delayed."""
        if self._pending:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def allow_interrupts(self) -> Iterator[None]:
        """Let interrupts through at once, during what may take long, such as a callback."""
        self.check()
        try:
            self.__exit__()
            yield
        finally:
            self._delay()
