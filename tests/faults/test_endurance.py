"""Long use of one process: memory does not grow with the number of steps, runs, pictures or figures.

A lecture's kernel is open for hours. Memory is measured after a warm-up, in which caches and TensorFlow's
pools fill, and after several times as much work; the growth allowed is far below what a leak of one picture,
figure or network per turn would make.
"""

import ctypes
import gc
import sys

import matplotlib.pyplot as plt
import numpy as np
import psutil
import pytest

import nst_utils as nst

pytestmark = pytest.mark.slow
WARM_UP, TURNS = 9, 24
PICTURE = np.random.default_rng(0).random((400, 600, 3), np.float32)


def memory():
    gc.collect()
    if sys.platform == "linux":  # what is free already, and kept for the next run, is no growth
        ctypes.CDLL(None).malloc_trim(0)
    return psutil.Process().memory_info().rss / 2**20


@pytest.fixture(scope="module")
def small():
    """Arguments of a run of a few milliseconds."""
    layers = ("block1_conv1", "block1_conv2")
    extractor = nst.FeatureExtractor(layers)
    options = {"content_layers": layers[1:], "style_layers": layers[:1], "extractor": extractor}
    return {"content": nst.photo("astronaut", 32), "style": nst.painting("swirls", 32), **options}


def run(turn, small, _):
    nst.stylize(**small, steps=3, optimizer=("adam", "lbfgs", "sgd")[turn % 3])


def run_with_regions(turn, small, _):
    masks = [np.indices((32, 32))[0] % 2 == n for n in range(2)]
    nst.stylize(**small | {"style": [small["style"]] * 2}, mask=masks, steps=3)


def run_that_fails(turn, small, _):
    with pytest.raises(ZeroDivisionError):
        nst.stylize(**small, steps=3, callback=lambda _: 1 / 0, every=2)


def extractor(turn, small, _):
    nst.FeatureExtractor(("block1_conv1", f"block{turn % 2 + 1}_conv2"))(PICTURE[:32, :32])


def fast_picture_of_another_size(turn, small, _):
    nst.stylize_fast(PICTURE[: 32 + 2 * turn, : 150 - turn], small["style"])


def picture_saved_and_loaded(turn, _, folder):
    path = folder / f"picture{('.png', '.jpg', '.webp')[turn % 3]}"
    nst.save_image(PICTURE, path)
    nst.load_image(path, size=300 + turn)


def live_view(turn, small, _):
    view = nst.LiveView()
    view._silent = False
    view(nst.Iterate(turn + 1, 100, small["content"], {"total": 1 / (turn + 1), "style": 0.5}))
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("work", "most"),
    [(run, 40), (run_with_regions, 40), (run_that_fails, 40), (extractor, 20),
     (fast_picture_of_another_size, 40), (picture_saved_and_loaded, 20), (live_view, 20)],
)  # fmt: skip
def test_memory_does_not_grow_with_use(work, most, small, tmp_path):
    for turn in range(WARM_UP + TURNS):
        if turn == WARM_UP:
            before = memory()
        work(turn, small, tmp_path)
    assert memory() - before < most


def test_memory_does_not_grow_with_steps(small):
    """What a step adds is one row of numbers, about 1 KiB; a picture has 12."""
    measured = []
    run = nst.stylize(**small, steps=3000, callback=lambda _: measured.append(memory()), every=1000)
    assert len(run.history["total"]) == 3000
    assert measured[2] - measured[0] < 16


@pytest.mark.parametrize("work", [run, run_with_regions])
def test_no_graph_of_a_run_is_kept(small, work):
    """TensorFlow keeps custom gradients for ever, and with each of them the graph that it stands in."""
    counts = set()
    for turn in range(6):
        work(turn, small, None)
        gc.collect()
        counts.add(sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects()))
    assert len(counts) == 1
