"""Long use of one process: memory does not grow with the number of steps, runs, pictures or figures.

A lecture's kernel is open for hours. Memory is measured after a warm-up, in which caches and TensorFlow's
pools fill, and after many times as much work; the growth allowed is far below what a leak of one picture,
figure or network per turn would make.
"""

import gc
import itertools

import matplotlib.pyplot as plt
import numpy as np
import psutil
import pytest

import nst_utils
from nst_utils import loop
from nst_utils.runs import live

pytestmark = pytest.mark.slow
MIB = 2**20


def memory():
    gc.collect()
    return psutil.Process().memory_info().rss / MIB


def growth(work, turns, warm_up):
    """MiB that the process grows while work is done so many times, after a warm-up."""
    for turn in range(warm_up):
        work(turn)
    before = memory()
    for turn in range(warm_up, warm_up + turns):
        work(turn)
    grown = memory() - before
    print(f"{work.__name__}: {grown:.1f} MiB in {turns} turns")
    return grown


@pytest.fixture(scope="module")
def small():
    layers = ("block1_conv1", "block1_conv2")
    extractor = nst_utils.FeatureExtractor(layers)
    options = {"content_layers": layers[1:], "style_layers": layers[:1], "extractor": extractor}
    return nst_utils.photo("astronaut", 32), nst_utils.painting("swirls", 32), options


def test_five_thousand_steps(small):
    """What a step adds is one row of numbers: about 1 KiB."""
    content, style, options = small
    measured = {}

    def note(iterate):
        measured[iterate.step] = memory()

    run = nst_utils.stylize(content, style, steps=5000, callback=note, every=1000, **options)
    print(measured)
    assert len(run.history["total"]) == 5000
    assert measured[5000] - measured[1000] < 30


def test_fifty_runs_in_one_process(small):
    content, style, options = small
    optimizers = itertools.cycle(["adam", "lbfgs", "sgd"])

    def run(_):
        nst_utils.stylize(content, style, steps=3, optimizer=next(optimizers), **options)

    assert growth(run, turns=50, warm_up=9) < 60


def test_fifty_runs_that_end_in_an_error(small):
    content, style, options = small

    def fail(_):
        with pytest.raises(ZeroDivisionError):
            nst_utils.stylize(content, style, steps=3, callback=lambda _: 1 / 0, every=2, **options)

    assert growth(fail, turns=50, warm_up=9) < 60


def test_no_graph_of_a_run_is_kept(small):
    """TensorFlow keeps custom gradients for ever, and with each of them the graph that it stands in."""
    content, style, options = small

    def graphs():
        gc.collect()
        return sum(type(thing).__name__ == "FuncGraph" for thing in gc.get_objects())

    counts = []
    for optimizer in ("adam", "sgd", "lbfgs") * 2:
        nst_utils.stylize(content, style, steps=1, optimizer=optimizer, **options)
        counts.append(graphs())
    assert len(set(counts)) == 1


def test_many_extractors():
    def extract(turn):
        nst_utils.FeatureExtractor(("block1_conv1", f"block{turn % 2 + 1}_conv2"))(np.zeros((32, 32, 3)))

    assert growth(extract, turns=50, warm_up=6) < 30


def test_fifty_fast_stylizations_of_different_sizes(painting):
    picture = np.random.default_rng(0).random((160, 160, 3), np.float32)

    def fast(turn):
        nst_utils.stylize_fast(picture[: 32 + 2 * (turn % 60), : 150 - turn % 60], painting)

    assert growth(fast, turns=50, warm_up=12) < 60


def test_a_hundred_pictures_loaded_and_saved(tmp_path):
    picture = np.random.default_rng(0).random((400, 600, 3), np.float32)

    def go_round(turn):
        path = tmp_path / f"picture{('.png', '.jpg', '.webp')[turn % 3]}"
        nst_utils.save_image(picture, path)
        nst_utils.load_image(path, size=300 + turn)

    assert growth(go_round, turns=100, warm_up=12) < 30


def test_fifty_figures_of_one_live_view(photo):
    view = live.LiveView()
    view._silent = False

    def show(turn):
        view(loop.Iterate(turn + 1, 100, photo, {"total": 1 / (turn + 1), "style": 0.5}))

    assert growth(show, turns=50, warm_up=5) < 30
    assert plt.get_fignums() == []
