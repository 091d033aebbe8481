"""A loss and its gradient: what every optimizer asks about a picture."""

from .base.arguments import describe_value
from .base.tensorflow import tf
from .losses import LossTerms


class Evaluation:
    """A loss as the optimizers see it: numbers by name, and a gradient.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or :class:`LossTerms`.

    Attributes
    ----------
    names : tuple of str
        What the numbers are called, ``"total"`` first; known after the first call or trace.
    """

    def __init__(self, loss):
        if not callable(loss):
            raise ValueError(f"loss is {describe_value(loss)}; it must be a function of a batch (1, h, w, 3).")
        self.loss, self.names = loss, ()

    def __call__(self, batch):
        """Return the vector of the numbers and the gradient of the first, ``(1, height, width, 3)``."""
        batch = tf.convert_to_tensor(batch)
        with tf.GradientTape() as tape:
            tape.watch(batch)
            numbers = _by_name(self.loss(batch))
        self.names = tuple(numbers)
        gradient = tape.gradient(numbers["total"], batch, unconnected_gradients="zero")
        # One vector: a step then hands one small array to Python, not ten
        return tf.stack([tf.reshape(number, ()) for number in numbers.values()]), gradient


def _by_name(terms):
    if not isinstance(terms, LossTerms):
        if not isinstance(terms, (tf.Tensor, tf.Variable)) or terms.shape.num_elements() not in (1, None):
            raise ValueError(
                f"The loss is {describe_value(terms)}; it must return one number that TensorFlow computes from the"
                " picture, such as tf.reduce_mean(tf.square(picture - target))."
            )
        return {"total": tf.cast(terms, tf.float32)}
    layers = {f"style/{layer}": value for layer, value in terms.style_layers.items()}
    return {"total": terms.total, **terms.raw, **layers}
