"""TensorFlow and Keras, imported once and without their start-up chatter.

``TF_CPP_MIN_LOG_LEVEL`` alone does not silence the C++ side: its lines go straight to file descriptor 2.
So the descriptor is pointed at a temporary file during the import, and shown only if the import fails.

An interrupt waits until the import is complete: torn apart, TensorFlow could not be imported again in the
same process.
"""

import contextlib
import os
import sys
import tempfile

from .interrupts import HeldInterrupts

__all__ = ["keras", "tf"]


@contextlib.contextmanager
def _quiet_stderr():
    if sys.stderr is None:  # a program without a console has none
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 2)
        try:
            yield
        except BaseException:
            log.seek(0)
            os.write(saved, log.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with HeldInterrupts() as _interrupts, _quiet_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # looking for GPUs chatters too, once
_interrupts.check()
