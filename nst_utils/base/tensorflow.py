"""TensorFlow and Keras, imported once and without their start-up chatter.

``TF_CPP_MIN_LOG_LEVEL`` alone does not silence the C++ side: its lines go straight to file descriptor 2.
So the descriptor is pointed at a temporary file during the import, and shown only if the import fails.

An interrupt waits until the import is complete: half imported, TensorFlow could not be imported again in the
same process.
"""

import contextlib
import os
import tempfile

from . import SetupError
from .interrupts import DelayedKeyboardInterrupt

__all__ = ["keras", "tf"]


@contextlib.contextmanager
def _quiet_stderr():
    try:
        saved = os.dup(2)
    except OSError:  # there is no error output, as under pythonw
        yield
        return
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


def _share_gpus():
    """Take of a GPU's memory what is needed: the first kernel would take it all, and the second find none."""
    for gpu in tf.config.list_physical_devices("GPU"):
        with contextlib.suppress(RuntimeError):  # TensorFlow has computed before this import: it has it all
            tf.config.experimental.set_memory_growth(gpu, True)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# The course computes with TensorFlow on pictures in float32, channels last, whatever this computer's settings
# of Keras (KERAS_BACKEND, ~/.keras/keras.json) are: gradients of float16 would be rounded to zero.
os.environ["KERAS_BACKEND"] = "tensorflow"
with DelayedKeyboardInterrupt() as _interrupts, _quiet_stderr():
    import keras
    import tensorflow as tf

    tf.config.list_physical_devices()  # looking for GPUs chatters too, once
_interrupts.check()

if keras.backend.backend() != "tensorflow":  # Keras was imported before, and stays as it is
    raise SetupError(
        f"Keras computes with {keras.backend.backend()} in this kernel. Restart the kernel, and run the"
        " course's first cell before anything that imports keras."
    )
keras.config.set_floatx("float32")
tf.config.experimental.enable_tensor_float_32_execution(False)  # newer GPUs would round float32 to 10 bits
_share_gpus()
keras.config.set_image_data_format("channels_last")
