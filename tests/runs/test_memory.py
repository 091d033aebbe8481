"""The estimate is near the measured peak, and a run that would not fit does not start."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_utils import loop, losses, stylize, tiles
from nst_utils.base import hardware
from nst_utils.base.tensorflow import tf
from nst_utils.runs import memory

MEASURE = """
import ctypes, psutil, numpy as np
import nst_utils as nst
from nst_utils import losses, statistics
from nst_utils.runs import memory
size, optimizer, regions, style_loss = {size}, {optimizer!r}, {regions}, {style_loss!r}
extractor = nst.FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="float32")
nst.stylize(nst.photo("astronaut", 64), nst.painting("swirls", 64), steps=2, extractor=extractor)
content, style = (nst.resize(p, size) for p in (nst.photo("astronaut", 256), nst.painting("swirls", 256)))
ctypes.CDLL(None).malloc_trim(0)  # else the run fills, unseen, up to 90 MiB that the warm-up has given back
before = psutil.Process().memory_info().rss
open("/proc/self/clear_refs", "w").write("5")  # the peak is counted from here
masks = None if regions == 1 else [np.indices((size, size))[1] % regions == n for n in range(regions)]
how = {{"steps": 3, "coarse_to_fine": False, "extractor": extractor, "optimizer": optimizer, "mask": masks}}
how["style_loss"] = style_loss
statistic = statistics.find_statistic(style_loss)
copies = statistic.copies if statistic else regions
nst.stylize(content, [style] * regions, **how)
status = open("/proc/self/status").read().split("VmHWM:")[1].split()
print(memory.estimate_memory(extractor, size * size, optimizer, copies) / (int(status[0]) * 1024 - before))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts a process's peak")
@pytest.mark.parametrize(
    ("size", "optimizer", "regions", "style_loss"),
    [
        (640, "adam", 1, "gram"),
        (448, "lbfgs", 1, "gram"),
        (448, "adam", 3, "gram"),
        (384, "adam", 1, "sliced wasserstein"),
        (512, "adam", 1, "nearest neighbors"),  # all distances at one time would be 2 GiB more
        (384, "adam", 1, "earth mover"),
    ],
)
def test_the_estimate_is_within_a_quarter_of_the_peak(size, optimizer, regions, style_loss):
    code = MEASURE.format(size=size, optimizer=optimizer, regions=regions, style_loss=style_loss)
    # With the threads of a reader: on one thread, as the tests run, statistics hold a quarter less
    threads = {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2"}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, env=os.environ | threads
    )
    assert result.returncode == 0, result.stderr
    assert 0.75 < float(result.stdout) < 1.25


@pytest.fixture
def without_tiles(monkeypatch):
    """Runs that do not fit as a whole do not fit in tiles either."""
    monkeypatch.setattr(tiles, "SMALLEST_CORE", 10**6)


def size_named(error):
    return int(str(error).split("size=")[1].split(",")[0])


def test_the_message_names_need_space_and_a_size_that_fits(monkeypatch, extractor, painting, without_tiles):
    monkeypatch.setattr(memory, "free_memory", lambda: 2**30)
    large = np.zeros((2048, 1024, 3), np.float32)
    with pytest.raises(MemoryError, match=r"About 4\.\d GiB .* content picture of 2048 px, 1\.0 GiB"):
        stylize(large, painting, extractor=extractor)
    with pytest.raises(MemoryError, match="style picture of 2600 px") as caught:
        stylize(painting, np.zeros((2600, 2600, 3), np.float32), extractor=extractor)
    fits = size_named(caught.value)
    memory.check_memory(extractor, painting.shape, (fits, fits, 3), "adam")


@pytest.mark.parametrize("free", [40, 150, 2000])
def test_the_size_that_is_named_fits_however_little_is_free(monkeypatch, extractor, free):
    monkeypatch.setattr(memory, "free_memory", lambda: free * 2**20)
    with pytest.raises(MemoryError) as caught:
        memory.check_memory(extractor, (4000, 4000, 3), (16, 16, 3), "adam")
    fits = size_named(caught.value)
    memory.check_memory(extractor, (fits, fits, 3), (16, 16, 3), "adam")


def test_no_size_is_named_where_none_fits(monkeypatch, extractor):
    monkeypatch.setattr(memory, "free_memory", lambda: 2**24)
    with pytest.raises(MemoryError, match=r"0\.0 GiB are free: close other programs\.$"):
        memory.check_memory(extractor, (64, 64, 3), (16, 16, 3), "adam")


def test_snapshots_count(monkeypatch, extractor, photo, without_tiles):
    """100 pictures of 512 px are 0.3 GiB; of a level of half the size, a quarter."""
    needed = memory.estimate_memory(extractor, 512 * 512)
    large = np.zeros((512, 512, 3), np.float32)
    monkeypatch.setattr(memory, "free_memory", lambda: needed + 1.05 * 12 * 512 * 512 * 43.75)
    started = RuntimeError("it started")
    monkeypatch.setattr(loop, "starting_picture", lambda *_, **__: (_ for _ in ()).throw(started))
    for every, steps in ((1, 100), (5, 500)):  # 75 steps at 256 px, 25 at 512 px
        with pytest.raises(RuntimeError, match="it started"):
            stylize(large, photo, extractor=extractor, steps=steps, snapshot_every=every)
    with pytest.raises(MemoryError, match="content picture of 512 px and its snapshots") as caught:
        stylize(large, photo, extractor=extractor, steps=400, snapshot_every=1)
    fits = size_named(caught.value)
    memory.check_memory(extractor, (fits, fits, 3), photo.shape, "adam", 4 * 43.75)
    kept = [large[::2, ::2]] * 75  # before an interrupt
    assert memory.snapshots_to_come([(256, 75), (512, 25)], 1, kept) == 25


def test_regions_count(monkeypatch, extractor, without_tiles):
    large, columns = np.zeros((512, 512, 3), np.float32), np.indices((512, 512))[1]
    masks = [columns % 3 == n for n in range(3)]
    monkeypatch.setattr(memory, "free_memory", lambda: memory.estimate_memory(extractor, 512 * 512))
    memory.check_memory(extractor, large.shape, (16, 16, 3), "adam")
    with pytest.raises(MemoryError, match="content picture of 512 px"):
        stylize(large, [large[:32]] * 3, mask=masks, extractor=extractor)


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """A computer with nothing but control groups of one's own; returns a function that makes one."""
    monkeypatch.setattr(hardware, "_GROUP_OF_PROCESS", tmp_path / "cgroup")
    monkeypatch.setattr(hardware, "_GROUPS", tmp_path)
    monkeypatch.setattr(hardware, "_left_by_ulimit", lambda: ())

    def make(folder, limit, used, files_kept=0):
        folder = tmp_path / folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 17\ninactive_file {files_kept}\n")

    return make


def test_a_containers_limit_counts_where_it_is_lower(tmp_path, groups):
    free = hardware.free_memory()
    (tmp_path / "cgroup").write_text("0::/\n")
    groups(".", 3_000_000, 1_000_000)
    assert hardware.free_memory() == 2_000_000
    groups(".", 3_000_000, 1_000_000, files_kept=600_000)  # files in memory make way for a run
    assert hardware.free_memory() == 2_600_000
    groups(".", "max", 1_000_000)
    assert hardware.free_memory() == pytest.approx(free, rel=0.5)


@pytest.mark.parametrize("outer", [("max", 5), (1_500_000, 0)])
def test_a_share_of_a_hub_counts_wherever_its_limit_stands(tmp_path, groups, outer):
    """As systemd and Kubernetes do it: the group is below others, and each may have a limit."""
    (tmp_path / "cgroup").write_text("0::/users/anna\n")
    groups("users", *outer)
    groups("users/anna", 4_000_000, 1_000_000)
    assert hardware.free_memory() == (3_000_000 if outer[0] == "max" else 1_500_000)


def test_control_groups_that_cannot_be_read_are_passed_over(tmp_path, groups):
    (tmp_path / "cgroup").write_text("0::/users/anna\n")
    groups("users", 1_500_000, 0)
    (tmp_path / "users" / "memory.current").unlink()
    (tmp_path / "users" / "anna").write_text("no folder")
    assert hardware.free_memory() > 2**27


LIMITED = """
import resource, sys
import psutil
import nst_utils as nst
from nst_utils.runs import memory
kind = getattr(resource, sys.argv[1])
photo, painting = nst.photo("astronaut", 64), nst.painting("swirls", 64)
extractor = nst.FeatureExtractor(nst.losses.CONTENT_LAYERS + nst.losses.STYLE_LAYERS)
nst.stylize(photo, painting, steps=1, extractor=extractor)
used = psutil.Process().memory_info()
left = 300 * 2**20
resource.setrlimit(kind, [(used.vms if sys.argv[1] == "RLIMIT_AS" else used.data) + left] * 2)
try:
    nst.stylize(nst.resize(photo, 640), nst.resize(painting, 640), extractor=extractor)
except MemoryError as error:
    print(error)
print(nst.stylize(photo, painting, steps=1, extractor=extractor).picture.shape)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts what a process has of them")
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_a_ulimit_that_would_kill_tensorflow_is_seen_before(limit):
    code = [sys.executable, "-c", LIMITED, limit]
    result = subprocess.run(code, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    message, shape = result.stdout.splitlines()
    assert message.startswith("About 0.9 GiB of memory are needed for a content picture of 640 px, 0.")
    assert "try size=" in message
    assert shape == "(64, 64, 3)"


EXHAUSTED = [
    tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape ..."),
    tf.errors.AbortedError(
        None, None, "Operation received an exception:Status: 1, message: could not create a memory object"
    ),
    MemoryError("Unable to allocate 3.00 MiB for an array with shape (512, 512, 3)"),
]


@pytest.mark.parametrize("report", EXHAUSTED, ids=lambda report: type(report).__name__)
def test_a_report_of_exhausted_memory_becomes_a_sentence(report):
    def exhausted():
        raise report

    with pytest.raises(MemoryError, match="try half that size"), memory.reraise_out_of_memory(800):
        exhausted()


@pytest.mark.parametrize(
    "report",
    [
        tf.errors.UnimplementedError(None, None, "Graph execution error: DNN library is not found."),
        tf.errors.InternalError(None, None, "failed: CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    ],
    ids=lambda report: type(report).__name__,
)
def test_a_gpu_that_another_kernel_holds_is_said_to_be_taken(report):
    def taken():
        raise report

    with pytest.raises(MemoryError, match="another notebook's kernel"), memory.reraise_out_of_memory(800):
        taken()


def test_another_report_stays_what_it_is():
    with pytest.raises(tf.errors.AbortedError, match="queue"), memory.reraise_out_of_memory(800):
        raise tf.errors.AbortedError(None, None, "The queue was closed.")


def test_values_per_pixel_follow_from_the_architecture(extractor):
    """Channels over pooled area, layer by layer, to block5_conv1."""
    channels = [64, 64, 64, 128, 128, 128, *[256] * 4, 256, *[512] * 4, 512, 512]
    area = [1, 1, 4, 4, 4, 16, *[16] * 4, 64, *[64] * 4, 256, 256]
    expected = [c / a for c, a in zip(channels, area, strict=True)]
    assert extractor.layers[-1] == losses.STYLE_LAYERS[-1]
    assert extractor.values_per_pixel() == expected
