"""How much memory a run needs, asked before it starts."""

import contextlib

from ..base.hardware import check_fits_in_memory, free_memory
from ..base.tensorflow import tf

# Peaks measured on Linux from 320 to 1024 px, in both number formats, lie within 20 % of what follows; for a
# smaller picture it may be too much.
GRAPHS = {"adam": 24 * 2**20, "sgd": 24 * 2**20, "lbfgs": 64 * 2**20}  # bytes, at any size
BUFFERS = 1.6  # forward activations are kept for the way back; gradients of a few layers lie beside them
PIXEL_COPIES = {"adam": 8, "sgd": 7, "lbfgs": 33}  # float32 arrays of the picture's size

ONEDNN_EXHAUSTED = "Status: 1,"  # of the library that multiplies on the CPU: dnnl_out_of_memory


def estimate_memory(extractor, pixels, optimizer="adam"):
    """Estimate the memory that a run takes on top of what the process already has.

    Parameters
    ----------
    extractor : FeatureExtractor
    pixels : int
        Height times width of the picture.
    optimizer : {"adam", "sgd", "lbfgs"}, optional

    Returns
    -------
    float
        Bytes.
    """
    item = {"float32": 4, "bfloat16": 2}[extractor.precision]
    layers = extractor.values_per_pixel()
    in_float32 = 4 * max(layers)  # one layer at a time is widened for its Gram matrix
    per_pixel = BUFFERS * item * sum(layers) + in_float32 + 12 * PIXEL_COPIES[optimizer]
    return GRAPHS[optimizer] + pixels * per_pixel


def check_memory(extractor, content_shape, style_shape, optimizer):
    """Raise ``MemoryError`` before a run on the CPU that would not fit, with the size that would.

    Parameters
    ----------
    extractor : FeatureExtractor
    content_shape, style_shape : tuple of int
        ``(height, width, 3)``. The style picture goes through the network once, and not back.
    optimizer : {"adam", "sgd", "lbfgs"}
    """
    if tf.config.list_physical_devices("GPU"):
        return  # its memory is TensorFlow's to give; reraise_out_of_memory speaks when there is too little
    content_pixels, style_pixels = (shape[0] * shape[1] for shape in (content_shape, style_shape))
    pixels = max(content_pixels, style_pixels // 2)
    name, shape = ("content", content_shape) if pixels == content_pixels else ("style", style_shape)
    longer = max(shape[:2])
    with reraise_out_of_memory(longer):
        needed = estimate_memory(extractor, pixels, optimizer)
    check_fits_in_memory(free_memory(), needed, longer, f"a {name} picture of {longer} px", GRAPHS[optimizer])


@contextlib.contextmanager
def reraise_out_of_memory(longer):
    """Turn reports of exhausted memory, TensorFlow's and NumPy's, into a sentence with the next step."""
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.AbortedError, MemoryError) as error:
        if isinstance(error, tf.errors.AbortedError) and ONEDNN_EXHAUSTED not in str(error):
            raise
        raise MemoryError(
            f"The memory did not suffice at {longer} px: try half that size, or close other programs and"
            " notebooks that use the same device."
        ) from error
