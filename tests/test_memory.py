"""The estimate is near the measured peak, and a run that would not fit does not start."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_utils import free_memory, losses, memory, stylize
from nst_utils.tensorflow_quiet import tf

MEASURE = """
import psutil, numpy as np
import nst_utils as nst
from nst_utils import losses, memory
size, optimizer = {size}, {optimizer!r}
extractor = nst.FeatureExtractor(losses.CONTENT_LAYERS + losses.STYLE_LAYERS, precision="float32")
nst.stylize(nst.photo("astronaut", 64), nst.painting("swirls", 64), steps=2, extractor=extractor)
content, style = (nst.resize(p, size) for p in (nst.photo("astronaut", 256), nst.painting("swirls", 256)))
before = psutil.Process().memory_info().rss
open("/proc/self/clear_refs", "w").write("5")  # the peak is counted from here
nst.stylize(content, style, steps=3, coarse_to_fine=False, extractor=extractor, optimizer=optimizer)
status = open("/proc/self/status").read().split("VmHWM:")[1].split()
print(memory.estimate_memory(extractor, size * size, optimizer) / (int(status[0]) * 1024 - before))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts a process's peak")
@pytest.mark.parametrize(("size", "optimizer"), [(320, "adam"), (640, "adam"), (448, "lbfgs")])
def test_the_estimate_is_within_a_quarter_of_the_peak(size, optimizer):
    code = MEASURE.format(size=size, optimizer=optimizer)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert 0.75 < float(result.stdout) < 1.25


def test_the_message_names_need_space_and_a_size_that_fits(monkeypatch, extractor, painting):
    monkeypatch.setattr(memory, "free_memory", lambda: 2**30)
    large = np.zeros((2048, 1024, 3), np.float32)
    with pytest.raises(MemoryError, match=r"About 4\.\d GiB .* content picture of 2048 px, 1\.0 GiB"):
        stylize(large, painting, extractor=extractor)
    with pytest.raises(MemoryError, match="style picture of 2600 px") as caught:
        stylize(painting, np.zeros((2600, 2600, 3), np.float32), extractor=extractor)
    fits = int(str(caught.value).split("size=")[1].split(",")[0])
    memory.check_memory(extractor, painting.shape, (fits, fits, 3), "adam")


def test_a_containers_limit_counts_where_it_is_lower(tmp_path, monkeypatch):
    limit, used = tmp_path / "limit", tmp_path / "used"
    monkeypatch.setattr(free_memory, "_CONTAINER", (limit, used))
    free = free_memory.free_memory()
    limit.write_text("3000000\n")
    used.write_text("1000000\n")
    assert free_memory.free_memory() == 2_000_000
    limit.write_text("max\n")
    assert free_memory.free_memory() == pytest.approx(free, rel=0.5)


def test_tensorflows_report_of_exhausted_memory_becomes_a_sentence():
    def exhausted():
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape ...")

    with pytest.raises(MemoryError, match="try half that size"), memory.explain_exhaustion(800):
        exhausted()


def test_values_per_pixel_follow_from_the_architecture(extractor):
    """Channels over pooled area, layer by layer, to block5_conv1."""
    channels = [64, 64, 64, 128, 128, 128, *[256] * 4, 256, *[512] * 4, 512, 512]
    area = [1, 1, 4, 4, 4, 16, *[16] * 4, 64, *[64] * 4, 256, 256]
    expected = [c / a for c, a in zip(channels, area, strict=True)]
    assert extractor.layers[-1] == losses.STYLE_LAYERS[-1]
    assert extractor.values_per_pixel() == expected
