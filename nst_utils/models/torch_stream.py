"""Reads tensors from an old-style (before zip files) ``torch.save`` stream, without torch and without pickle.

The stream is five pickles, then the raw bytes of every tensor. A pickle is a program for a stack machine: it
may call any function, and a few bytes of it may take all memory or never end. So the machine here knows no
more operations than plain tensors need, and refuses the rest.
"""

import math
import pickletools
from dataclasses import dataclass

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
MOST_OPERATIONS = 20_000  # in one pickle; the 48 tensors of VGG19 take 1628


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
    """A view of a whole storage."""

    storage: _Storage
    shape: tuple


def _storage(reference):
    match reference:
        case ("storage", np.dtype() as dtype, str() as key, _, int() as count, _) if count >= 0:
            return _Storage(dtype, key, count)
    raise StreamError("a reference to something that is not a storage")


def _rebuild_tensor(storage, offset, shape, strides, *_):
    if not isinstance(storage, _Storage) or not _are_sizes(shape) or offset != 0:
        raise StreamError("a tensor that is not a whole storage in at most four dimensions")
    if strides != tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape))):
        raise StreamError("a tensor that is not one contiguous block")
    if math.prod(shape) != storage.count:
        raise StreamError("a tensor whose shape does not fit its storage")
    return _Tensor(storage, shape)


def _are_sizes(shape):
    return isinstance(shape, tuple) and len(shape) <= 4 and all(isinstance(n, int) and n >= 0 for n in shape)


def _no_hooks():
    """Stand for the empty dict of hooks that torch writes behind every tensor."""


_NAMES = {
    "torch._utils _rebuild_tensor_v2": _rebuild_tensor,
    "collections OrderedDict": _no_hooks,
    "torch ByteStorage": np.dtype("u1"),
    "torch FloatStorage": np.dtype("<f4"),
}
_OPERANDS = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3, "APPEND": 1, "SETITEM": 2}


def _load(file):
    """Run one pickle; what it answers is made of numbers, texts, tuples, lists, dicts and tensors."""
    stack, marks, memo = [], [], {}
    for count, (operation, argument, _) in enumerate(pickletools.genops(file)):
        match operation.name:
            case "STOP":
                return stack.pop()
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                stack.append(None)  # nothing here depends on them
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINUNICODE":
                stack.append(argument)
            case "EMPTY_TUPLE":
                stack.append(())
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_DICT":
                stack.append({})
            case "MARK":
                marks.append(len(stack))
            case "TUPLE" | "APPENDS" | "SETITEMS":
                _gather(operation.name, stack, marks.pop())
            case "TUPLE1" | "TUPLE2" | "TUPLE3" | "APPEND" | "SETITEM":
                _gather(operation.name, stack, len(stack) - _OPERANDS[operation.name])
            case "BINPUT" | "LONG_BINPUT":
                memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(memo[argument])
            case "GLOBAL":
                stack.append(_named(argument))
            case "BINPERSID":
                stack.append(_storage(stack.pop()))
            case "REDUCE":
                arguments = stack.pop()
                stack.append(stack.pop()(*arguments))  # only _NAMES holds anything that can be called
            case name if name != "PROTO" or count > 0:
                raise StreamError(f"the stream asks for {name}, which plain tensors do not need")
        if count > MOST_OPERATIONS:
            raise StreamError(f"more than {MOST_OPERATIONS} operations, which no network here needs")
    raise StreamError("the stream has no end")


def _gather(operation, stack, start):
    """Take what lies above ``start`` off the stack: as a tuple, or into the list or dict below it."""
    if start < 0:
        raise StreamError("an operation without operands")
    items = stack[start:]
    del stack[start:]
    if operation.startswith("TUPLE"):
        stack.append(tuple(items))
    elif operation.startswith("APPEND"):
        stack[-1].extend(items)
    elif all(isinstance(name, str) for name in items[::2]):  # the hash of a tuple can take forever
        stack[-1].update(zip(items[::2], items[1::2], strict=True))
    else:
        raise StreamError("a dict with other keys than names")


def _named(words):
    if words not in _NAMES:
        raise StreamError(f"the stream asks for {words[:80].replace(' ', '.')}, which is not allowed")
    return _NAMES[words]


def _read_storage(file, storage):
    count = int.from_bytes(file.read(8), "little")
    data = file.read(storage.count * storage.dtype.itemsize)
    if count != storage.count or len(data) != storage.count * storage.dtype.itemsize:
        raise StreamError(f"the storage {storage.key[:80]} is cut off")
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
        magic, protocol, _system, described, keys = (_load(file) for _ in range(5))
        if magic != MAGIC or protocol != PROTOCOL:
            raise StreamError("the first numbers are not those of a torch stream")
        storages = {tensor.storage.key: tensor.storage for tensor in described.values()}
        if len(storages) != len(described) or not all(isinstance(key, str) for key in keys):
            raise StreamError("tensors that share a storage, or storages without a name")
        raw = {key: _read_storage(file, storages[key]) for key in keys}
        return {name: raw[t.storage.key].reshape(t.shape) for name, t in described.items()}
    except StreamError:
        raise
    except Exception as error:  # a damaged stream can fail in any way at all
        raise StreamError(f"damaged stream ({type(error).__name__}: {error})"[:200]) from error
