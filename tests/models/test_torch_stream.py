"""The reader of old-style torch streams: reads tensors, and calls nothing that is not on its list."""

import io
import pickle
import sys
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_utils.models.torch_stream import MAGIC, PROTOCOL, StreamError, read_torch_stream


class Name:
    """Pickles as the global name ``module.name``, whatever that is."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class StreamPickler(pickle._Pickler):
    """Writes tensors the way torch did; the Python pickler allows names that cannot be imported here."""

    def save_name(self, obj):
        self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())

    dispatch = {**pickle._Pickler.dispatch, Name: save_name}

    def persistent_id(self, obj):
        return obj if isinstance(obj, tuple) and obj and obj[0] == "storage" else None


class Tensor:
    def __init__(self, kind, key, shape, rebuild="_rebuild_tensor_v2"):
        self.kind, self.key, self.shape, self.rebuild = kind, key, shape, rebuild

    def __reduce__(self):
        raise NotImplementedError


def save_tensor(pickler, tensor):
    count = int(np.prod(tensor.shape))
    strides = tuple(int(np.prod(tensor.shape[axis + 1 :])) for axis in range(len(tensor.shape)))
    pickler.save(Name("torch._utils", tensor.rebuild))
    storage = ("storage", Name("torch", tensor.kind), tensor.key, "cpu", count, None)
    pickler.save((storage, 0, tensor.shape, strides, False, OrderedDict()))
    pickler.write(pickle.REDUCE)


StreamPickler.dispatch[Tensor] = save_tensor


def stream_of(tensors, magic=MAGIC):
    """Bytes of a stream with ``tensors``: name → (Tensor, numbers)."""
    file = io.BytesIO()
    described = {name: tensor for name, (tensor, _) in tensors.items()}
    keys = [tensor.key for tensor in described.values()]
    for part in (magic, PROTOCOL, {}, described, keys):
        StreamPickler(file, protocol=2).dump(part)
    for _, numbers in tensors.values():
        file.write(numbers.size.to_bytes(8, "little") + numbers.tobytes())
    return file.getvalue()


def example():
    table = np.linspace(-1, 1, 6, dtype=np.float32)
    index = np.arange(24, dtype=np.uint8)
    return {
        "table": (Tensor("FloatStorage", "1", (6,)), table),
        "index": (Tensor("ByteStorage", "2", (2, 3, 4)), index),
    }


def test_reads_names_shapes_and_values():
    tensors = read_torch_stream(stream_of(example()))
    assert list(tensors) == ["table", "index"]
    np.testing.assert_array_equal(tensors["table"], np.linspace(-1, 1, 6, dtype=np.float32))
    np.testing.assert_array_equal(tensors["index"], np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


CALLS = {
    "GLOBAL and REDUCE": b"cos\nmkdir\nX\x01\0\0\0x\x85R",
    "INST": b"(X\x01\0\0\0xios\nmkdir\n",
    "OBJ": b"(cos\nmkdir\nX\x01\0\0\0xo",
    "STACK_GLOBAL": b"X\x02\0\0\0osX\x05\0\0\0mkdir\x93X\x01\0\0\0x\x85R",
    "NEWOBJ": b"cpathlib\nPath\n)\x81",
    "an extension": b"\x82\x01",
    "builtins": b"cbuiltins\neval\nX\x01\0\0\0x\x85R",
    "an attribute of an allowed module": b"ctorch._utils\n_rebuild_tensor_v2.__globals__\n",
    "another name of torch": b"ctorch\nDoubleStorage\n",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("place", range(5))
def test_nothing_outside_the_list_is_called(call, place, tmp_path, monkeypatch):
    """Wherever in the five pickles it stands."""
    monkeypatch.chdir(tmp_path)
    parts = [pickle.dumps(part, 2) for part in (MAGIC, PROTOCOL, {}, {}, [])]
    parts[place] = b"\x80\x04" + call + b"."
    events, reading = [], True

    def watch(event, arguments):
        if reading and event.startswith(("os.", "open", "exec", "compile", "import", "subprocess.")):
            events.append((event, arguments))

    sys.addaudithook(watch)
    try:
        with pytest.raises(StreamError):
            read_torch_stream(b"".join(parts))
    finally:
        reading = False
    assert events == []
    assert list(tmp_path.iterdir()) == []


def test_a_stream_without_its_magic_number_is_refused():
    with pytest.raises(StreamError):
        read_torch_stream(stream_of(example(), magic=1))


@settings(deadline=None)
@given(st.integers(0, len(stream_of(example())) - 1))
def test_a_stream_cut_anywhere_is_an_error(length):
    with pytest.raises(StreamError):
        read_torch_stream(stream_of(example())[:length])


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_an_error_of_the_right_kind(data):
    with pytest.raises(StreamError):
        read_torch_stream(data)
