"""L-BFGS for pictures: steps that know the curvature, inside [0, 1], computed where the picture lies.

Gradient descent asks only which way is down. L-BFGS also remembers how the gradient changed along its last
ten steps, and from that, how curved the loss is in those directions: where the slope hardly changes it goes
far, where it changes quickly it is careful (Nocedal and Wright 2006, section 7.2). Three things are made for
pictures here.

- Pixels end at 0 and 1. A pixel that stands there and would have to leave is held for this step, the others
  move, and the result is clipped: a projected quasi-Newton step (Bertsekas 1982).
- L-BFGS starts from an estimate of the inverse Hessian (H₀), usually a multiple of the identity. The plain
  gradient is full of fine grain, because the deep layers see edges and corners first. So H₀ here adds to a
  gradient its averages over blocks of 2, 4, … 32 pixels: broad areas move as readily as single pixels.
- A loss from a network in bfloat16 is uncertain in its fourth digit, and near the end the steps gain less
  than that. Where the losses cannot tell, the slopes decide: the mean of the slopes at both ends of a step
  must promise a decrease (the approximate Wolfe condition of Hager and Zhang 2005,
  https://doi.org/10.1137/030601880). So the picture may stray a little; the best one is kept aside.
"""

from collections.abc import Callable

import numpy as np

from .base.tensorflow import tf

MEMORY = 10  # pairs of steps and gradient changes that are remembered
BLOCKS = (2, 4, 8, 16, 32)  # pixels
ARMIJO_C1 = 1e-4  # share of the promised decrease that a step must keep (Armijo's rule)
LOSS_NOISE = 1e-3  # share of a loss that may be rounding; in bfloat16, neighbors differ by 1e-4 to 1e-3
STRETCH = 2.0  # factor to the usual scale of H₀, with which steps end short of the lowest point
BACKTRACKING_FACTOR = 0.4  # after a step that did not keep it


def block_average_preconditioner(batch: "tf.Tensor") -> "tf.Tensor":
    """Add to a batch its averages over square blocks of 2, 4, 8, 16 and 32 pixels.

    The mapping is linear, symmetric and positive definite, as L-BFGS needs it: each average is an
    orthogonal projection.

    Parameters
    ----------
    batch : array or tensor
        ``(1, height, width, 3)``, such as a gradient.

    Returns
    -------
    tf.Tensor
        Of that shape.

    Examples
    --------
    A batch of one value everywhere equals each of its five averages:

    >>> print(block_average_preconditioner(tf.ones((1, 64, 64, 3))).numpy().max())
    6.0
    """
    total = batch = tf.convert_to_tensor(batch)
    height, width = batch.shape[1:3]
    for block in BLOCKS:
        # "SAME" lets blocks begin outside the picture; pixels outside do not count in the average
        top, left = ((-height % block) // 2, (-width % block) // 2)
        means = tf.nn.avg_pool2d(batch, block, block, "SAME")
        spread = tf.image.resize(means, (means.shape[1] * block, means.shape[2] * block), "nearest")
        total += spread[:, top : top + height, left : left + width]
    return total


class LBFGS:
    """Descent by L-BFGS; one call of :meth:`step` is one evaluation of loss and gradient.

    Parameters
    ----------
    evaluate : callable
        Batch ``(1, height, width, 3)`` → vector of values, the loss first, and the loss's gradient, such as
        :class:`nst_utils.loop.ValueAndGradient`.
    image : tf.Variable
        ``(1, height, width, 3)``, values in [0, 1]; the start. Its loss never rises by more than noise.
    first_step : float
        Root mean square change of the pixels in the first step; later ones follow from the curvature.

    Attributes
    ----------
    best : tf.Variable
        The picture of the lowest loss.
    variables : list of tf.Variable
        Everything that the next step depends on.

    References
    ----------
    Nocedal and Wright (2006), "Numerical Optimization", section 7.2. Pixels that stand at 0 or 1: Bertsekas
    (1982), "Projected Newton methods for optimization problems with simple constraints". Acceptance by the
    slopes: Hager and Zhang (2005), https://doi.org/10.1137/030601880.

    Examples
    --------
    A quadratic bowl with its minimum at 0.3:

    >>> def evaluate(batch):
    ...     return tf.reduce_sum((batch - 0.3) ** 2, keepdims=True)[0, 0, 0], 2 * (batch - 0.3)
    >>> optimizer = LBFGS(evaluate, tf.Variable(tf.ones((1, 4, 4, 3))), first_step=0.05)
    >>> for _ in range(10):
    ...     _ = optimizer.step()
    >>> print(optimizer.image.numpy().mean().round(3))
    0.3
    """

    def __init__(self, evaluate: Callable, image: "tf.Variable", first_step: float):
        self.evaluate, self.image, self.first_step = evaluate, image, first_step
        self.best = tf.Variable(image)
        size = int(np.prod(image.shape))
        self._gradient = tf.Variable(tf.zeros(image.shape))
        self._loss = tf.Variable(np.inf, dtype=tf.float32)  # of the image
        self._lowest = tf.Variable(np.inf, dtype=tf.float32)  # of the best
        self._length = tf.Variable(1.0)
        self._scale = tf.Variable(0.0)  # 0: the first evaluation is that of the start
        # A ring: pair number k lies in row k modulo MEMORY. Rows not yet used are 0 and have no effect.
        self._moves = tf.Variable(tf.zeros((MEMORY, size)))
        self._changes = tf.Variable(tf.zeros((MEMORY, size)))
        self._products = tf.Variable(tf.zeros((MEMORY, MEMORY)))  # [i, j]: move i · change j
        self._count = tf.Variable(0)
        self.variables = [
            image, self.best, self._gradient, self._loss, self._lowest, self._length, self._scale,
            self._moves, self._changes, self._products, self._count,
        ]  # fmt: skip

    def step(self):
        """Try one step and take it if the loss falls enough.

        Returns
        -------
        tf.Tensor
            The vector of values at the picture that was tried.
        """
        held = ((self.image <= 0) & (self._gradient > 0)) | ((self.image >= 1) & (self._gradient < 0))
        free = tf.cast(~held, tf.float32)
        direction = -free * self._inverse_hessian_times(free * self._gradient)
        tried = tf.clip_by_value(self.image + self._length * direction, 0.0, 1.0)
        values, gradient = self.evaluate(tried)
        if values[0] < self._lowest:
            self.best.assign(tried)
            self._lowest.assign(values[0])
        is_accepted = self._is_lower(values[0], tried - self.image, gradient)
        self._learn(tried - self.image, gradient - self._gradient, is_accepted)
        if is_accepted:
            self.image.assign(tried)
            self._gradient.assign(gradient)
            self._loss.assign(values[0])
            self._length.assign(1.0)
        elif self._length > 0.01:
            self._length.assign(BACKTRACKING_FACTOR * self._length)
        else:
            self._forget()
        return values

    def _is_lower(self, loss, move, gradient):
        """Whether a move lowers the loss enough, by Armijo's rule or, within the noise, by the slopes."""
        before, after = tf.reduce_sum(self._gradient * move), tf.reduce_sum(gradient * move)
        is_within_noise = loss <= self._lowest + LOSS_NOISE * tf.abs(self._lowest)
        by_slopes = is_within_noise & ((before + after) / 2 <= ARMIJO_C1 * before)
        return (loss <= self._loss + ARMIJO_C1 * before) | by_slopes

    def _inverse_hessian_times(self, gradient):
        """Do the two loops of L-BFGS as two triangular systems (Byrd, Nocedal and Schnabel 1994)."""
        vector = tf.reshape(gradient, (-1, 1))
        by_age = (self._count + tf.range(MEMORY)) % MEMORY  # rows, oldest pair first
        products = tf.gather(tf.gather(self._products, by_age), by_age, axis=1)
        curvatures = tf.linalg.diag_part(products)
        upper = tf.linalg.set_diag(products, tf.where(curvatures > 0, curvatures, 1.0))
        to_rows = tf.math.invert_permutation(by_age)

        along_moves = tf.gather(self._moves @ vector, by_age)
        first = tf.linalg.triangular_solve(upper, along_moves, lower=False)  # reads the upper half
        vector -= tf.matmul(self._changes, tf.gather(first, to_rows), transpose_a=True)
        averaged = block_average_preconditioner(tf.reshape(vector, gradient.shape))
        vector = self._scale * tf.reshape(averaged, (-1, 1))
        rest = curvatures[:, tf.newaxis] * first - tf.gather(self._changes @ vector, by_age)
        second = tf.linalg.triangular_solve(upper, rest, lower=False, adjoint=True)
        vector += tf.matmul(self._moves, tf.gather(second, to_rows), transpose_a=True)
        return tf.reshape(vector, gradient.shape)

    def _learn(self, move, change, is_accepted):
        """Remember the curvature along a move; of a refused one too, for it shows what was misjudged."""
        curvature = tf.reduce_sum(move * change)
        if self._scale == 0:
            self._scale.assign(_scale_for(self.first_step, change))  # from 0: the first gradient
        elif curvature > 1e-4 * self._scale * tf.reduce_sum(tf.square(change)):
            self._remember(tf.reshape(move, [-1]), tf.reshape(change, [-1]))
            if is_accepted:
                usual = curvature / tf.reduce_sum(change * block_average_preconditioner(change))
                self._scale.assign(STRETCH * usual)

    def _remember(self, move, change):
        row = self._count % MEMORY
        self._moves.scatter_nd_update([[row]], [move])
        self._changes.scatter_nd_update([[row]], [change])
        self._products.scatter_nd_update([[row]], [tf.linalg.matvec(self._changes, move)])
        columns = tf.stack([tf.range(MEMORY), tf.fill([MEMORY], row)], axis=1)
        self._products.scatter_nd_update(columns, tf.linalg.matvec(self._moves, change))
        self._count.assign_add(1)

    def _forget(self):
        """Where remembered curvature misleads, begin again with a short step along the gradient."""
        for remembered in (self._moves, self._changes, self._products):
            remembered.assign(tf.zeros_like(remembered))
        self._scale.assign(_scale_for(0.1 * self.first_step, self._gradient))
        self._length.assign(1.0)


def _scale_for(change, gradient):
    """Factor by which a step along the gradient changes pixels by ``change`` (root mean square)."""
    spread = tf.sqrt(tf.reduce_mean(tf.square(block_average_preconditioner(gradient))))
    return change / tf.maximum(spread, 1e-30)
