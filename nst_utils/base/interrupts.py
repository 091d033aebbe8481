"""An interrupt from the keyboard that waits until it can do no harm."""

import contextlib
import signal
import threading


class DelayedKeyboardInterrupt:
    """Delays ``KeyboardInterrupt`` inside a ``with`` block until :meth:`check` is called.

    One that comes while a step is made or recorded would lose all steps before it. Only Python's own handler
    is replaced, and only in the main thread: no other thread is interrupted.
    """

    def __enter__(self):
        self._pending = False
        is_main = threading.current_thread() is threading.main_thread()
        self._delays = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._delay()
        return self

    def __exit__(self, *_):
        if self._delays:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _delay(self):
        if self._delays:
            signal.signal(signal.SIGINT, self._set_pending)

    def _set_pending(self, *_):
        self._pending = True

    def check(self):
        """Raise the ``KeyboardInterrupt`` that is pending, if there is one."""
        if self._pending:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def allow_interrupts(self):
        """Interrupt at once what may take any time, such as a callback, and leaves nothing half done."""
        self.check()
        try:
            self.__exit__()
            yield
        finally:
            self._delay()
