"""Names of types that the public signatures use."""

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # TensorFlow is imported on first use, not for a name
    import tensorflow as tf

Picture: TypeAlias = NDArray[np.float32]  # (height, width, 3), RGB, values in [0, 1]
Batch: TypeAlias = NDArray[np.float32]  # (batch, height, width, 3), RGB, values in [0, 1]
ArrayOrTensor: TypeAlias = "NDArray | tf.Tensor | tf.Variable"
# Whose colors a painted picture has: the painting's, or those of the photo, all over or place by place
Colors: TypeAlias = Literal["painting", "photo palette", "photo"]
COLORS = get_args(Colors)
# Where a run can start
Initial: TypeAlias = Literal["recolored content", "content", "blurred content", "style", "noise"]
