"""How much memory a run needs, asked before it starts."""

import contextlib

from ..base.hardware import check_fits_in_memory, free_memory
from ..base.tensorflow import tf

# Peaks measured on Linux from 320 to 1024 px, in both number formats, lie within 20 % of what follows; for a
# smaller picture it may be too much.
BUFFERS = 1.6  # forward activations are kept for the way back; gradients of a few layers lie beside them
# Bytes of the graphs at any size, and float32 arrays of the picture's size
FIRST_ORDER, LBFGS = (24 * 2**20, 8), (64 * 2**20, 34)

# Of the GPU: what TensorFlow says when another process has taken its memory
GPU_TAKEN = ("cuDNN", "CUDNN_STATUS", "DNN library", "CUDA_ERROR_OUT_OF_MEMORY")
ONEDNN_EXHAUSTED = "Status: 1,"  # of the library that multiplies on the CPU: dnnl_out_of_memory


def estimate_memory(
    extractor, pixels: int, optimizer="adam", copies: int = 1, at_once: int | None = None
) -> float:
    """Estimate the memory that a run takes on top of what the process already has.

    Parameters
    ----------
    extractor : FeatureExtractor
    pixels : int
        Height times width of the picture.
    optimizer : str or other, optional
        As in :func:`nst_utils.minimize`.
    copies : int, optional
        Of the widest layer in float32: one for each region's Gram matrices, or what another statistic holds.
    at_once : int, optional
        Pixels that are in the network at one time: of a tile, by default all.

    Returns
    -------
    float
        Bytes.
    """
    graphs, pixel_copies = LBFGS if optimizer == "lbfgs" else FIRST_ORDER
    item = {"float32": 4, "bfloat16": 2}[extractor.precision]
    layers = extractor.values_per_pixel()
    in_float32 = 4 * max(layers) * copies  # one layer at a time is widened
    in_network = (pixels if at_once is None else at_once) * (BUFFERS * item * sum(layers) + in_float32)
    return graphs + pixels * 12 * pixel_copies + in_network


def snapshots_to_come(levels, every, kept):
    """Count the snapshots that a run has yet to keep; those of a coarse level by their share of pixels."""
    if not every:
        return 0
    sides = [(size, steps / every) for size, steps in levels] + [(max(picture.shape), -1) for picture in kept]
    return sum(count * (side / levels[-1][0]) ** 2 for side, count in sides)


def check_memory(extractor, content_shape, style_shape, optimizer, snapshots=0.0, copies=1):
    """Raise ``MemoryError`` before a run on the CPU that would not fit, with the size that would.

    Parameters
    ----------
    extractor : FeatureExtractor
    content_shape, style_shape : tuple of int
        ``(height, width, 3)``. The style picture goes through the network once, and not back.
    optimizer : {"adam", "sgd", "lbfgs"}
    snapshots : float, optional
        Number of pictures of the content's size that the run keeps.
    copies : int, optional
        See :func:`estimate_memory`.
    """
    if tf.config.list_physical_devices("GPU"):  # reraise_out_of_memory reports what does not fit there
        return
    if not hasattr(extractor, "values_per_pixel"):
        return  # another callable: its layers are not known
    content_pixels, style_pixels = (shape[0] * shape[1] for shape in (content_shape, style_shape))
    pixels = max(content_pixels, style_pixels // 2)
    name, shape = ("content", content_shape) if pixels == content_pixels else ("style", style_shape)
    longer = max(shape[:2])
    with reraise_out_of_memory(longer):
        needed, fixed = (estimate_memory(extractor, n, optimizer, copies) for n in (pixels, 0))
    kept = 12 * content_pixels * snapshots
    what = f"a {name} picture of {longer} px"
    if kept:
        what += " and its snapshots (a larger snapshot_every keeps fewer)"
    if name == "style":
        fixed += kept  # does not shrink with the style picture
    check_fits_in_memory(free_memory(), needed + kept, longer, what, fixed)


@contextlib.contextmanager
def reraise_out_of_memory(longer):
    """Turn reports of exhausted memory, TensorFlow's and NumPy's, into a sentence with the next step."""
    try:
        yield
    except (tf.errors.OpError, MemoryError) as error:
        if any(sign in str(error) for sign in GPU_TAKEN):
            raise MemoryError(
                "The GPU has no memory left for this: another notebook's kernel may hold it. Shut that kernel"
                " down (Kernel > Shut Down), restart this one, and run again."
            ) from error
        is_exhausted = isinstance(error, (tf.errors.ResourceExhaustedError, MemoryError))
        if not is_exhausted and ONEDNN_EXHAUSTED not in str(error):
            raise
        raise MemoryError(
            f"The memory did not suffice at {longer} px: try half that size, or close other programs and"
            " notebooks that use the same device."
        ) from error
