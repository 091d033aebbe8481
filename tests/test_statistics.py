"""The other statistics: closed forms, what each cannot tell apart, slopes everywhere, runs by name."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nst_utils
from nst_utils import (
    gram_matrix,
    mean_and_spread_loss,
    nearest_neighbor_loss,
    relaxed_earth_mover_loss,
    sliced_wasserstein_loss,
    statistics,
    stylize,
)
from nst_utils.base.tensorflow import tf
from nst_utils.losses import StyleTransferLoss, style_loss
from nst_utils.runs import memory

LOSSES = (mean_and_spread_loss, sliced_wasserstein_loss, nearest_neighbor_loss, relaxed_earth_mover_loss)
NAMES = tuple(statistics.STATISTICS)
EACH = pytest.mark.parametrize("loss", LOSSES, ids=[loss.__name__ for loss in LOSSES])


def as_set(vectors):
    """Feature vectors, one a row, as features of one row of positions."""
    return np.array(vectors, np.float32)[np.newaxis, np.newaxis]


def random_features(*shape, seed=0):
    return np.random.default_rng(seed).random((1, *shape), np.float32)


@pytest.fixture(scope="module")
def shallow():
    layers = ("block1_conv2", "block2_conv1")
    extractor = nst_utils.FeatureExtractor(layers, weights="random")
    return {"extractor": extractor, "content_layers": layers[1:], "style_layers": layers, "progress": False}


# ----- Closed forms -----


@EACH
def test_no_loss_sees_the_order_of_positions_and_all_see_another_set(loss):
    features = random_features(6, 7, 5)
    order = np.random.default_rng(1).permutation(42)
    shuffled = features.reshape(-1, 5)[order].reshape(1, 3, 14, 5)
    assert float(loss(shuffled, features)) == pytest.approx(0, abs=1e-6)
    assert float(loss(random_features(6, 7, 5, seed=2) ** 3, features)) > 0.01


def test_mean_and_spread_of_two_points():
    """Means 1 and 2, spreads 1 and 2: four times 1 + 1, of a target of 2² + 2²."""
    assert float(mean_and_spread_loss(as_set([[0], [2]]), as_set([[0], [4]]))) == pytest.approx(1, 1e-3)


@pytest.mark.parametrize("loss", LOSSES[:2])
def test_features_a_little_too_strong_count_as_by_gram_matrices(loss):
    features = random_features(5, 6, 4)
    by_gram = style_loss(gram_matrix(1.01 * features), gram_matrix(features))
    assert float(loss(1.01 * features, features)) == pytest.approx(float(by_gram), rel=0.02)


def test_a_shift_is_carried_along_each_direction():
    """By d the squared way along all directions θ is the mean of (θ·d)²; along all of the plane, ‖d‖² / 2."""
    target, shift = random_features(8, 8, 2) - 0.5, np.float32([3, 4])
    energy = np.square(target).sum(-1).mean() / 2  # along a direction
    loss = sliced_wasserstein_loss(target + shift, target, directions=4000)
    assert float(loss) == pytest.approx(4 * 25 / 2 / energy, rel=0.05)
    one = [float(sliced_wasserstein_loss(target + shift, target, directions=1, seed=n)) for n in (3, 3, 4)]
    assert one[0] == one[1] != one[2]


def test_sorting_carries_in_order_and_sets_of_different_sizes_at_their_quantiles():
    """0, 1, 5 to 1, 2, 3: each to the next in order, 1 + 1 + 4 of 14, times 4, not crosswise."""
    features, target = as_set([[5], [0], [1]]), as_set([[2], [3], [1]])
    assert float(sliced_wasserstein_loss(features, target)) == pytest.approx(4 * 6 / 14, 1e-4)
    for pair in ((np.tile(features, (1, 4, 1, 1)), features), (features, np.tile(features, (1, 1, 5, 1)))):
        assert float(sliced_wasserstein_loss(*pair)) == pytest.approx(0, abs=1e-6)
    halves = sliced_wasserstein_loss(as_set([[0], [2]]), as_set([[0], [1], [2], [3]]))  # to 0.5 and 2.5
    assert float(halves) == pytest.approx(4 * 0.5 / (0.25 + 6.25), 1e-4)


def test_neighbors_by_angle():
    """Seen from the target's mean, (5, 5), at 0° and 180°; features at 60° and 90°, whatever their length."""
    target = as_set([[6, 5], [4, 5]])
    features = as_set([[5 + 7 * np.cos(np.pi / 3), 5 + 7 * np.sin(np.pi / 3)], [5, 8]])
    assert float(nearest_neighbor_loss(features, target)) == pytest.approx((0.5 + 1) / 2, 1e-5)
    # The way back: 0° has 60° for its nearest, 180° has 90°
    features = as_set([[5 + np.cos(np.pi / 3), 5 + np.sin(np.pi / 3)]] * 3)
    assert float(nearest_neighbor_loss(features, target)) == pytest.approx(0.5, 1e-5)
    assert float(relaxed_earth_mover_loss(features, target)) == pytest.approx((0.5 + 1.5) / 2, 1e-5)


# ----- What each cannot tell apart -----


def test_each_takes_two_different_sets_for_the_same():
    def gram_loss(features, target):
        return style_loss(gram_matrix(features), gram_matrix(target))

    half, root = np.sqrt(0.5), np.sqrt(2)
    blind = {
        # Mean 0 and spread 1 of each channel, active together or not
        mean_and_spread_loss: ([[1, 1], [-1, -1]], [[1, 1], [1, -1], [-1, 1], [-1, -1]]),
        # The same mean square and products, from other values: two of 1, or one of √2
        gram_loss: ([[1, 0], [1, 0]], [[root, 0], [0, 0]]),
        # One vector of the target again and again; and all of them, in other shares
        nearest_neighbor_loss: ([[1, 0], [1, 0], [1, 0], [1, 0]], [[1, 0], [0, 1], [-1, 0], [0, -1]]),
        relaxed_earth_mover_loss: ([[1, 0]] * 4 + [[-1, 0]], [[half, 0], [-half, 0]]),
    }
    for loss, (features, target) in blind.items():
        values = {f: float(f(as_set(features), as_set(target))) for f in (*blind, sliced_wasserstein_loss)}
        assert values.pop(loss) == pytest.approx(0, abs=1e-6)
        assert values[sliced_wasserstein_loss] > 0.01  # tells them all apart


# ----- Slopes -----


@EACH
@pytest.mark.parametrize("other", ["zeros", "constant", "one position", "the same", "many"])
def test_the_gradient_is_finite_everywhere(loss, other):
    features = {
        "zeros": np.zeros((1, 4, 5, 3), np.float32),
        "constant": np.full((1, 4, 5, 3), 7, np.float32),
        "one position": random_features(1, 1, 3),
        "the same": random_features(4, 4, 3),
        "many": 1e4 * random_features(9, 7, 3, seed=1),
    }
    for target in (random_features(4, 4, 3), features[other]):
        for pair in ((features[other], target), (target, features[other])):
            picture = tf.constant(pair[0])
            with tf.GradientTape() as tape:
                tape.watch(picture)
                value = loss(picture, pair[1])
            assert value.dtype == tf.float32
            assert np.isfinite(value)
            assert np.isfinite(tape.gradient(value, picture)).all()


@EACH
def test_the_gradient_is_the_slope(loss):
    """Along a random way, by a small step in both directions."""
    features, target = random_features(3, 4, 3), random_features(5, 2, 3, seed=1)
    way = np.random.default_rng(2).standard_normal(features.shape).astype(np.float32)
    picture = tf.constant(features)
    with tf.GradientTape() as tape:
        tape.watch(picture)
        value = loss(picture, target)
    step = 3e-4
    slope = float(loss(features + step * way, target) - loss(features - step * way, target)) / (2 * step)
    assert float(tf.reduce_sum(way * tape.gradient(value, picture))) == pytest.approx(slope, rel=0.02)


def test_slices_of_the_table_find_the_same_neighbors(monkeypatch):
    vectors, others = (random_features(1, n, 4, seed=n)[0, 0] for n in (23, 10))
    expected = np.square(vectors[:, np.newaxis] - others).sum(-1).argmin(axis=1)
    vectors, others = tf.constant(vectors), tf.constant(others)
    for table in (1, 30, 70, 2**22):  # one row at a time, three, seven, all
        monkeypatch.setattr(statistics, "TABLE", table)
        np.testing.assert_array_equal(statistics._nearest(vectors, others), expected)


PEAK = """
import sys
import numpy as np
from nst_utils import statistics
from nst_utils.base.tensorflow import tf
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
features = tf.random.stateless_uniform((1, 128, 128, 64), (0, 0))
def gradient(features, target):
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = getattr(statistics, sys.argv[1])(features, target)
    return tape.gradient(loss, features)
gradient(features[:, ::8, ::8], features[:, ::8])
before = peak()
tf.function(gradient)(features, features[:, ::-1] ** 2)
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux counts a process's peak")
@pytest.mark.parametrize("loss", ["nearest_neighbor_loss", "relaxed_earth_mover_loss"])
def test_the_table_of_all_distances_is_never_whole(loss):
    """Of 128 px it would be 1 GiB; a set of vectors has 4 MiB."""
    result = subprocess.run([sys.executable, "-c", PEAK, loss], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) < 160


# ----- In a run -----


@pytest.mark.parametrize("name", NAMES)
def test_stylize_by_each_statistic_lowers_it_and_is_resumed(shallow, name):
    def interrupt(iterate):
        if iterate.step == 8:
            raise KeyboardInterrupt

    pair = nst_utils.photo("coffee", 48), nst_utils.painting("mosaic", 64)
    options = shallow | {"steps": 20, "style_loss": name}
    whole = stylize(*pair, **options)
    assert whole.history["style"][-1] < 0.8 * whole.history["style"][0]
    assert whole.settings["style_loss"] == name
    part = stylize(*pair, callback=interrupt, every=1, **options)
    resumed = nst_utils.resume(part, *pair, extractor=shallow["extractor"], progress=False)
    np.testing.assert_allclose(resumed.history["total"], whole.history["total"], rtol=1e-3)


def test_a_run_compares_as_the_functions_do(shallow):
    content, painting = nst_utils.photo("coffee", 32), nst_utils.painting("ink", 32)
    pair = nst_utils.resize(content, (32, 32)), nst_utils.resize(painting, (32, 32))
    layers = {name: shallow[name] for name in ("content_layers", "style_layers")}
    features, target = (shallow["extractor"](one) for one in pair)
    for name, loss in zip(NAMES, LOSSES, strict=True):
        terms = StyleTransferLoss(shallow["extractor"], *pair, style_loss=name, **layers)(pair[0])
        for layer, value in terms.style_layers.items():
            assert float(value) == pytest.approx(float(loss(features[layer], target[layer])), rel=1e-3)


def test_names_and_what_only_gram_matrices_can_do_are_refused(shallow, monkeypatch):
    pair = nst_utils.photo("coffee", 32), nst_utils.painting("ink", 32)
    with pytest.raises(ValueError, match="style_loss is 'wasserstein'; choose one of gram, mean and"):
        stylize(*pair, style_loss="wasserstein", **shallow)
    mask = np.ones(pair[0].shape[:2])
    two = {"style": [pair[1]] * 2, "shares": [1, 2]}
    for name in NAMES:
        for more in ({"mask": mask}, two, {"style_mask": np.ones(pair[1].shape[:2])}):
            with pytest.raises(ValueError, match=f"style_loss is '{name}', .* one painting.* take 'gram'"):
                stylize(**{"content": pair[0], "style": pair[1], "style_loss": name, **shallow, **more})
    large = np.zeros((1024, 1024, 3), np.float32)
    need = memory.estimate_memory(shallow["extractor"], 1024 * 1024)
    monkeypatch.setattr(memory, "free_memory", lambda: need / 2)
    with pytest.raises(MemoryError, match="content picture of 1024 px"):  # not in tiles
        stylize(large, pair[1], style_loss="mean and spread", **shallow)


def test_features_of_other_layers_and_directions_that_are_none_are_refused():
    with pytest.raises(ValueError, match="3 channels, their target 4"):
        mean_and_spread_loss(random_features(2, 2, 3), random_features(2, 2, 4))
    with pytest.raises(ValueError, match=r"features\[np.newaxis\]"):
        nearest_neighbor_loss(random_features(2, 2, 3)[0], random_features(2, 2, 3))
    for wrong in ({"directions": 0}, {"seed": -1}):
        with pytest.raises(ValueError, match="must be a whole number"):
            sliced_wasserstein_loss(random_features(2, 2, 3), random_features(2, 2, 3), **wrong)
