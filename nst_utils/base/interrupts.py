"""An interrupt from the keyboard that tears nothing apart."""

import contextlib
import signal
import threading


class DelayedKeyboardInterrupt:
    """Holds interrupts back inside a ``with`` block, until the work asks for them.

    One that comes while a step is made, noted, or put into the record would lose all steps before it. Only
    Python's own handler is replaced, and only in the main thread: no other thread is interrupted.
    """

    def __enter__(self):
        self._asked = False
        is_main = threading.current_thread() is threading.main_thread()
        self._holds = is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        self._hold()
        return self

    def __exit__(self, *_):
        if self._holds:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _hold(self):
        if self._holds:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, *_):
        self._asked = True

    def check(self):
        """Raise ``KeyboardInterrupt`` if one has been held back."""
        if self._asked:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def allow_interrupts(self):
        """Interrupt at once what may take any time, such as a callback, and leaves nothing half done."""
        self.check()
        try:
            self.__exit__()
            yield
        finally:
            self._hold()
