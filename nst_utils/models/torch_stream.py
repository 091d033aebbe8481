"""Reads tensors from an old-style (pre-zip) ``torch.save`` stream, without torch.

The stream is five pickles, then the raw bytes of every tensor. A pickle may call any function that it names,
so the unpickler here knows the four names that plain tensors need, and refuses all others.
"""

import io
import pickle

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


class StreamError(ValueError):
    """The bytes are not the kind of stream that this reader knows."""


def _rebuild_tensor(storage, _offset, shape, *_):
    return *storage, shape


def _no_hooks():
    """Stand for the empty dict of hooks that torch writes behind every tensor."""


_ALLOWED = {
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("collections", "OrderedDict"): _no_hooks,
    ("torch", "ByteStorage"): "u1",
    ("torch", "FloatStorage"): "<f4",
}


class _TensorUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _ALLOWED:
            raise StreamError(f"the stream asks for {module}.{name}, which is not allowed")
        return _ALLOWED[module, name]

    def persistent_load(self, reference):
        _, dtype, key, _device, _count, _view = reference
        return key, dtype


def read_torch_stream(data: bytes) -> dict[str, np.ndarray]:
    """Read a dict of contiguous tensors, written by ``torch.save`` before version 1.6.

    Returns
    -------
    dict of str to numpy.ndarray
        Arrays of uint8 or float32 in the shapes of the tensors.

    Raises
    ------
    StreamError
        When the stream is cut off, is of another kind, or names anything but plain tensors.
    """
    file = io.BytesIO(data)
    try:
        magic, protocol, _system, tensors, keys = (_TensorUnpickler(file).load() for _ in range(5))
        if (magic, protocol) != (MAGIC, PROTOCOL):
            raise StreamError("the first numbers are not those of a torch stream")
        dtypes = {key: np.dtype(dtype) for key, dtype, _ in tensors.values()}
        values = {key: _read_values(file, dtypes[key]) for key in keys}
        return {name: values[key].reshape(shape) for name, (key, _, shape) in tensors.items()}
    except StreamError:
        raise
    except Exception as error:  # a damaged pickle can fail in any way at all
        raise StreamError(f"damaged stream ({type(error).__name__}: {error})") from error


def _read_values(file, dtype):
    count = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(count * dtype.itemsize), dtype, count)
