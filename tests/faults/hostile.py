"""Hostile streams and networks: seeds, mutators that know both formats, and what a reader is held to.

The tests try a few hundred mutations; ``make fuzz`` looks for new ones for minutes.
"""

import io
import pickletools
import struct
import sys
import time
import tracemalloc
import warnings

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from nst_utils.models.onnx_weights import OnnxError, read_convolutions
from nst_utils.models.torch_stream import MAGIC, PROTOCOL, StreamError, read_torch_stream

MOST_MEMORY = 50, 2_000_000  # times the size of the file, plus bytes
MOST_SECONDS = 2.0
FORBIDDEN = ("open", "import", "socket.", "subprocess.", "os.", "exec", "compile", "pickle.", "urllib.")
HOSTILE = [-1, 0, 1, 2, 7, 255, 2**16, 2**31 - 1, 2**31, 2**32, 2**60, 2**63 - 1]

_reading = False


class BrokenPromiseError(BaseException):
    """Not an ``Exception``: the readers would turn it into their own error."""


def watch():
    """Watch, from now on and for ever, what is done while a reader reads."""

    def forbid(event, _arguments):
        if _reading and event.startswith(FORBIDDEN):
            raise BrokenPromiseError(f"{event} while reading")

    sys.addaudithook(forbid)


def hold(read, own_error, data):
    """Read these bytes and hold the reader to its promises; returns the arrays, none if it refused.

    Memory is measured if ``tracemalloc`` runs, files and imports are noticed after :func:`watch`.
    """
    global _reading
    tracemalloc.reset_peak()
    memory, seconds, arrays = tracemalloc.get_traced_memory()[0], time.process_time(), []
    _reading = True
    try:
        with warnings.catch_warnings(record=True, action="always") as warned:
            arrays = read(data)
    except own_error as error:
        if not 0 < len(str(error)) <= 300:
            raise BrokenPromiseError("nobody reads such a message") from error
    except Exception as error:
        raise BrokenPromiseError(f"{type(error).__name__} came out") from error
    finally:
        _reading = False
    seconds = time.process_time() - seconds
    memory = tracemalloc.get_traced_memory()[1] - memory
    if memory > MOST_MEMORY[0] * len(data) + MOST_MEMORY[1] or seconds > MOST_SECONDS:
        raise BrokenPromiseError(f"{memory} bytes and {seconds:.1f} s for {len(data)} bytes")
    if warned:
        raise BrokenPromiseError(f"a warning: {warned[0].message}")
    for array in arrays:
        if type(array) is not np.ndarray or array.dtype not in (np.float32, np.uint8):
            raise BrokenPromiseError(f"{type(array)} came out")
    return arrays


def try_stream(data):
    """Hold the reader of weight streams to its promises."""
    return hold(lambda data: list(read_torch_stream(io.BytesIO(data)).values()), StreamError, data)


def try_onnx(data):
    """Hold the reader of ONNX networks to its promises."""

    def read(data):
        return [array for layer in read_convolutions(data).values() for array in layer]

    return hold(read, OnnxError, data)


def stream_seed():
    """A stream of a uint8 and a float32 tensor, as torch wrote it."""

    def text(words):
        return b"X" + struct.pack("<I", len(words)) + words

    def tensor(kind, key, shape, strides):
        sizes = b"".join(b"K" + bytes([n]) for n in shape), b"".join(b"K" + bytes([n]) for n in strides)
        storage = b"(" + text(b"storage") + b"ctorch\n" + kind + b"\n" + text(key) + text(b"cpu")
        count = int(np.prod(shape))
        return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K" + bytes([count]) + b"NtQK\x00("
                + sizes[0] + b"t(" + sizes[1] + b"t\x89ccollections\nOrderedDict\n)RtR")  # fmt: skip

    magic = MAGIC.to_bytes(10, "little")
    described = text(b"a") + tensor(b"ByteStorage", b"1", (2, 3), (3, 1)) + b"q\x01" + text(b"b")
    described += tensor(b"FloatStorage", b"2", (4,), (1,)) + b"r\x00\x01\x00\x00"
    parts = [b"\x8a\x0a" + magic, b"M" + struct.pack("<H", PROTOCOL), b"}",
             b"}q\x00(" + described + b"u", b"](" + text(b"1") + text(b"2") + b"e"]  # fmt: skip
    numbers = struct.pack("<Q", 6) + bytes(6) + struct.pack("<Q4f", 4, 1, 2, 3, 4)
    return b"".join(b"\x80\x02" + part + b"." for part in parts) + numbers


def onnx_seed():
    """Two convolutions of a network that was quantized to 8 bits."""
    arrays = {"k": np.zeros((2, 3, 2, 2), np.int8), "s": np.ones(2, np.float32), "z": np.zeros(2, np.int8),
              "d": np.ones((2, 1, 3, 3), np.uint8), "s0": np.float32(1), "z0": np.uint8(1),
              "b": np.int32([1, 2]), "b2": np.int32([3, 4]), "zb": np.int32([0, 0])}  # fmt: skip
    dequantized = [("k", "s", "z"), ("d", "s0", "z0"), ("b", "s", "zb"), ("b2", "s", "zb")]
    nodes = [helper.make_node("DequantizeLinear", names, [f"{names[0]}_dequant"]) for names in dequantized]
    nodes += [helper.make_node("Conv", ["x", "k_dequant", "b_dequant"], ["y"]),
              helper.make_node("Conv", ["y", "d_dequant", "b2_dequant"], ["z"])]  # fmt: skip
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()]
    return helper.make_model(helper.make_graph(nodes, "g", [], [], initializers)).SerializeToString()


def hostile_operation(dice):
    """One operation of a pickle, of any kind, with an argument that claims too much."""
    code = dice.choice(pickletools.opcodes).code.encode("latin-1")
    size = dice.choice(HOSTILE)
    argument = dice.choice([
        b"", bytes([size % 256]), struct.pack("<H", size % 2**16), struct.pack("<I", size % 2**32),
        struct.pack("<Q", size % 2**64), b"%d\n" % size, b"os\nsystem\n", b"torch\nFloatStorage\n",
        b"torch._utils\n_rebuild_tensor_v2\n", b"collections\nOrderedDict\n", b"\x01\x00\x00\x001",
    ])  # fmt: skip
    return code + argument


def mutate_stream(data, dice):
    """Delete, repeat, exchange or add operations of the pickles."""
    file, starts = io.BytesIO(data), []
    try:
        for _ in range(5):
            starts += [place for _, _, place in pickletools.genops(file)]
    except Exception:  # what comes first can be taken apart nevertheless
        pass
    ends = [*starts, file.tell()]
    operations = [data[start:end] for start, end in zip(ends, ends[1:], strict=False)] or [b"."]
    for _ in range(dice.choice([1, 1, 2, 5])):
        here, there = dice.randrange(len(operations)), dice.randrange(len(operations))
        match dice.randrange(5):
            case 0:
                operations[here] = b""
            case 1:
                operations[here] *= dice.choice([2, 3, 50])
            case 2:
                operations[here], operations[there] = operations[there], operations[here]
            case 3:
                operations[here] += b"q\x07h\x07\x86" * dice.choice([1, 40])  # doubles what lies on top
            case 4:
                operations[here] = hostile_operation(dice)
    return b"".join(operations) + data[ends[-1] :]


def mutate_onnx(data, dice):
    """Change fields of the graph: of one message on the way down to an array or a node."""
    model = onnx.ModelProto.FromString(data)
    for _ in range(dice.choice([1, 1, 2, 5])):
        parts = [*model.graph.node, *model.graph.initializer]
        part = dice.choice(parts) if parts else model.graph.initializer.add()
        if isinstance(part, TensorProto):
            mutate_tensor(part, dice)
        elif dice.random() < 0.3:
            copies = dice.choice([model.graph.node, model.graph.initializer])
            copies.extend(list(copies)[: dice.choice([1, 3, 500])])
        else:
            inputs, others = part.input or part.output, dice.choice(parts)
            if names := [others.name] if isinstance(others, TensorProto) else others.output[:1]:
                inputs[dice.randrange(len(inputs) + 1) :] = names * dice.choice([0, 1, 1, 2])
            part.op_type = dice.choice([part.op_type, "Conv", "DequantizeLinear"])
    return model.SerializeToString()


def mutate_tensor(tensor, dice):
    match dice.randrange(6):
        case 0:
            tensor.dims[:] = [dice.choice(HOSTILE) for _ in range(dice.choice([0, 1, 2, 4, 5, 70, 1000]))]
        case 1:
            tensor.data_type = dice.choice([*range(24), -1])
        case 2:
            tensor.raw_data = dice.choice([b"", tensor.raw_data * 2, bytes(5000)])
        case 3:
            tensor.dims[:] = [len(tensor.raw_data)]
        case 4:
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=dice.choice(["Makefile", "/etc/passwd", "../x"]))
        case 5:
            tensor.string_data.append(b"\xff" * dice.choice([1, 1000]))
            tensor.float_data.append(1.0)


def mutate(name, data, dice):
    """Change a stream or a network a little; what can no longer be taken apart starts again as the seed."""
    _, seed, change = READERS[name]
    try:
        return change(data, dice)
    except Exception:  # the last mutation may have left anything
        return seed()


READERS = {
    "stream": (try_stream, stream_seed, mutate_stream),
    "onnx": (try_onnx, onnx_seed, mutate_onnx),
}
