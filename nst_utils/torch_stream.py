"""Reads tensors from an old-style (before zip files) ``torch.save`` stream, without torch.

The stream is five pickles, then the raw bytes of every tensor. A pickle may call any function it names,
so the unpickler here knows a handful of names, builds plain descriptions from them, and refuses the rest.
"""

import pickle
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
_STORAGES = {"ByteStorage": np.dtype("u1"), "FloatStorage": np.dtype("<f4")}


class StreamError(ValueError):
    """The bytes are not the kind of stream this reader knows."""


@dataclass(frozen=True)
class _Storage:
    """A named run of numbers; its bytes come after the pickles."""

    dtype: np.dtype
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A view into a storage."""

    storage: _Storage
    shape: tuple


def _rebuild_tensor(storage, offset, shape, strides, *_):
    contiguous = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    if not isinstance(storage, _Storage) or offset != 0 or tuple(strides) != contiguous:
        raise StreamError("a tensor that is not one contiguous block")
    if int(np.prod(shape)) != storage.count:
        raise StreamError("a tensor whose shape does not fit its storage")
    return _Tensor(storage, tuple(shape))


class _AllowListUnpickler(pickle.Unpickler):
    """Knows the names that occur in a dict of plain tensors; anything else is an error."""

    def find_class(self, module, name):
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise StreamError(f"the stream asks for {module}.{name}, which is not allowed")

    def persistent_load(self, reference):
        kind, dtype, key, _device, count, _view = reference
        if kind != "storage" or dtype not in _STORAGES.values():
            raise StreamError("a reference to something that is not a storage")
        return _Storage(dtype, key, count)


def _read_storage(file, storage):
    count = int.from_bytes(file.read(8), "little")
    data = file.read(storage.count * storage.dtype.itemsize)
    if count != storage.count or len(data) != storage.count * storage.dtype.itemsize:
        raise StreamError(f"the storage {storage.key} is cut off")
    return np.frombuffer(data, storage.dtype)


def read_torch_stream(file):
    """Read a dict of tensors.

    Parameters
    ----------
    file : binary file object
        Positioned at the start of a stream written by ``torch.save`` before version 1.6.

    Returns
    -------
    dict of str to numpy.ndarray
        Arrays of uint8 or float32 in the shapes of the tensors.

    Raises
    ------
    StreamError
        When the stream is cut off, is of another kind, or names anything but plain tensors. Nothing that
        the stream names is ever run.
    """
    try:
        magic, protocol, _system, described, keys = (_AllowListUnpickler(file).load() for _ in range(5))
        if magic != MAGIC or protocol != PROTOCOL:
            raise StreamError("the first numbers are not those of a torch stream")
        by_key = {tensor.storage.key: tensor.storage for tensor in described.values()}
        raw = {key: _read_storage(file, by_key[key]) for key in keys}
        return {name: raw[t.storage.key].reshape(t.shape) for name, t in described.items()}
    except StreamError:
        raise
    except Exception as error:  # a damaged pickle can fail in any way at all
        raise StreamError(f"damaged stream ({type(error).__name__}: {error})") from error
