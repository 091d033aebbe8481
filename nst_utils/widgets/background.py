"""Work in a thread, so that the kernel stays free: started, restarted, stopped."""

import atexit
import threading


class Background:
    """Iterate in a thread, which ends with the iterable; a new start stops it and begins again.

    Parameters
    ----------
    work : callable
        Makes the iterable; called in the thread at every start. Between two of its items it can be stopped.
    on_end : callable
        Called in the thread after the last item, and after a stop.
    on_error : callable
        Called in the thread with the exception that ended it.
    """

    def __init__(self, work, on_end, on_error):
        self._work, self._on_end, self._on_error = work, on_end, on_error
        self._lock, self._thread, self._requested = threading.Lock(), None, None

    @property
    def running(self):
        """Whether the thread works and was not stopped."""
        return self._thread is not None and self._requested is not None

    def start(self):
        """Begin, or begin again."""
        with self._lock:
            self._requested = object()  # an iteration that sees another one than its own stops
            if self._thread is None:
                # A daemon does not hold up the end of Python; but inside TensorFlow it would crash it
                self._thread = threading.Thread(target=self._run, name="nst-demo", daemon=True)
                atexit.register(self.wait)
                self._thread.start()

    def stop(self):
        """End after the current item, without waiting for it."""
        self._requested = None

    def wait(self):
        """End after the current item, and wait for that."""
        self.stop()
        if (thread := self._thread) is not None:
            thread.join(timeout=30)

    def _run(self):
        current = None
        try:
            while (current := self._next(current)) is not None:
                for _ in self._work():
                    if self._requested is not current:
                        break
        except Exception as error:
            with self._lock:
                self._end()
            self._on_error(error)
        else:
            self._on_end()

    def _next(self, done):
        """Return the newest request; if that is done or there is none, the thread ends."""
        with self._lock:
            if self._requested is done or self._requested is None:
                self._end()
                return None
            return self._requested

    def _end(self):
        self._thread = self._requested = None
        atexit.unregister(self.wait)
