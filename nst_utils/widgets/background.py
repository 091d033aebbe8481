"""Work in a thread, so that the kernel stays free: started, started over, stopped."""

import atexit
import threading


class Background:
    """Goes through an iterable in a thread; a new start breaks off and begins again.

    The thread ends with the iterable: nothing runs on, and nothing waits.

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
        self._lock, self._thread, self._wanted = threading.Lock(), None, None

    @property
    def running(self):
        """Whether the thread is at work and not told to stop."""
        return self._thread is not None and self._wanted is not None

    def start(self):
        """Begin, or begin again."""
        with self._lock:
            self._wanted = object()  # whoever sees another one than its own breaks off
            if self._thread is None:
                # A daemon does not hold up the end of Python; but inside TensorFlow it would crash it
                self._thread = threading.Thread(target=self._run, name="nst-demo", daemon=True)
                atexit.register(self.wait)
                self._thread.start()

    def stop(self):
        """End after the item at work; does not wait for it."""
        self._wanted = None

    def wait(self):
        """End after the item at work, and wait for that."""
        self.stop()
        thread = self._thread
        if thread is not None:
            thread.join(timeout=30)

    def _run(self):
        mine = None
        try:
            while (mine := self._next(mine)) is not None:
                for _ in self._work():
                    if self._wanted is not mine:
                        break
        except Exception as error:
            with self._lock:
                self._end()
            self._on_error(error)
        else:
            self._on_end()

    def _next(self, done):
        """Return what is wanted now; if that is done or nothing, the thread ends."""
        with self._lock:
            if self._wanted is done or self._wanted is None:
                self._end()
                return None
            return self._wanted

    def _end(self):
        self._thread = self._wanted = None
        atexit.unregister(self.wait)
