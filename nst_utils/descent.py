"""One step of descent on a picture, compiled: Adam, gradient descent with momentum, or L-BFGS."""

import numpy as np

from .base.tensorflow import keras, tf
from .evaluation import Evaluation
from .lbfgs import LBFGS
from .opponent import from_opponent, gradient_in_opponent, to_opponent
from .pictures.tensors import as_batch

# How far a first step goes. Adam: change of every pixel per step. L-BFGS: root mean square change in its
# first step. SGD: change of a pixel per unit of slope, the slope taken for a mean over pixels.
LEARNING_RATES = {"adam": 0.05, "sgd": 0.0005, "lbfgs": 0.05}
SCHEDULES = ("cosine", "constant")


class Descent:
    """The state of one descent and its compiled step. Made anew for every run, so that no two share a thing.

    Parameters
    ----------
    loss : callable
        Takes a batch ``(1, height, width, 3)`` and returns a scalar tensor or ``LossTerms``.
    start : picture
        ``(height, width, 3)``, RGB, values in [0, 1].
    optimizer : {"adam", "sgd", "lbfgs"}
    steps : int
        Steps over which the rate falls.
    learning_rate : float
    schedule : {"cosine", "constant"}
        The rate falls to a tenth along a cosine, or stays. L-BFGS finds its own step lengths.

    Attributes
    ----------
    image : tf.Variable
        The picture after the last step, ``(1, height, width, 3)``.
    """

    def __init__(self, loss, start, optimizer, steps, learning_rate, schedule):
        self.image = tf.Variable(as_batch(start), trainable=False)
        self._evaluate = Evaluation(loss)
        if optimizer == "lbfgs":
            self._method = LBFGS(self._evaluate, self.image, learning_rate)
        else:
            self._method = _ByRate(self._evaluate, self.image, optimizer, steps, learning_rate, schedule)
        # Traced here, once; TensorFlow would take the first calls of many short runs for retracing
        try:
            self._compiled = tf.function(self._method.step).get_concrete_function()
        except Exception as error:
            # AutoGraph puts its own traceback into the message; what the loss raised stands behind it
            raise (error.__context__ or error if "in user code:" in str(error) else error) from None

    def step(self):
        """Make one step; returns name → float, ``"total"`` first, measured at the picture evaluated."""
        numbers = self._compiled().numpy()
        return dict(zip(self._evaluate.names, numbers.tolist(), strict=True))

    def best(self):
        """Return the picture of the lowest loss so far, ``(height, width, 3)``."""
        return self._method.best.numpy()[0]

    def state(self):
        """Return everything that the next step depends on, as arrays."""
        return [variable.numpy() for variable in self._method.variables]

    def restore(self, state):
        """Go back to a state; the descent must have been made with the same arguments."""
        for variable, value in zip(self._method.variables, state, strict=True):
            variable.assign(value)


class _ByRate:
    """Adam, or gradient descent with momentum, on the opponent colors of the picture."""

    def __init__(self, evaluate, image, optimizer, steps, learning_rate, schedule):
        self.evaluate, self.image = evaluate, image
        rate = learning_rate
        if schedule == "cosine":
            rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps, alpha=0.1)
        if optimizer == "adam":
            # beta_1: gradients are averaged over about 1 / (1 - 0.9) = 10 steps, their squares over 100.
            # epsilon keeps a division by zero away; it is far below the size of the scaled gradients.
            self.optimizer = keras.optimizers.Adam(rate, beta_1=0.9, beta_2=0.99, epsilon=1e-8)
        else:
            self.optimizer = keras.optimizers.SGD(rate, momentum=0.9)
        # The losses are means: the more pixels, the smaller the slope of each. Undone, one rate of SGD, and
        # one epsilon of Adam, serve every size.
        self.gradient_scale = float(np.prod(image.shape))
        self.opponent = tf.Variable(to_opponent(image))
        self.optimizer.build([self.opponent])  # before tracing, so that it is traced once
        self.best = tf.Variable(image, trainable=False)
        self._lowest = tf.Variable(np.inf, dtype=tf.float32, trainable=False)
        self.variables = [image, self.opponent, self.best, self._lowest, *self.optimizer.variables]

    def step(self):
        """Move along the gradient; returns the numbers of the picture before the move."""
        numbers, gradient = self.evaluate(self.image)
        if numbers[0] < self._lowest:
            self.best.assign(self.image)
            self._lowest.assign(numbers[0])
        slope = self.gradient_scale * gradient_in_opponent(gradient)
        # apply_gradients would also sum over devices: TensorFlow keeps that for ever, with the whole graph
        self.optimizer.update_step(slope, self.opponent, self.optimizer.learning_rate)
        self.optimizer.iterations.assign_add(1)
        self.image.assign(tf.clip_by_value(from_opponent(self.opponent), 0.0, 1.0))
        self.opponent.assign(to_opponent(self.image))
        return numbers
