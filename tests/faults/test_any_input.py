"""Whatever comes in: a valid picture comes out, or an error whose message can be shown."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_words import check_message

from nst_utils import FeatureExtractor, animated_gif, gram_matrix, loop, losses, stylize
from nst_utils.base.tensorflow import tf
from nst_utils.pictures.arrays import ImageError, check_picture, resize
from nst_utils.pictures.files import load_image, save_image

bounded = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
few, many = settings(bounded, max_examples=12), settings(bounded, max_examples=50)


# ----- Arrays -----

USUAL = st.sampled_from(["f4", "f8", ">f4", "u1"]).map(np.dtype)
DTYPES = st.one_of(
    USUAL, USUAL, arrays.boolean_dtypes(), arrays.integer_dtypes(endianness="?"),
    arrays.unsigned_integer_dtypes(endianness="?"), arrays.floating_dtypes(endianness="?"),
    arrays.complex_number_dtypes(), arrays.datetime64_dtypes(), arrays.unicode_string_dtypes(),
    arrays.byte_string_dtypes(), st.just(np.dtype(object)),
)  # fmt: skip
SIDE, LARGER = st.integers(0, 40), st.integers(16, 40)
SHAPES = st.one_of(
    st.tuples(LARGER, LARGER, st.just(3)), st.tuples(LARGER, LARGER), st.tuples(SIDE, SIDE),
    st.tuples(SIDE, SIDE, st.sampled_from([1, 2, 3, 4])), st.tuples(st.just(3), SIDE, SIDE),
    st.tuples(st.integers(0, 3), SIDE, SIDE, st.just(3)),
    arrays.array_shapes(min_dims=0, max_dims=5, max_side=6),
)  # fmt: skip


@st.composite
def any_arrays(draw):
    """Draw an array of any type and shape, of usual values and a few odd ones, in any memory layout."""
    dtype, shape = draw(DTYPES), draw(SHAPES)
    if dtype.kind in "fc":
        top = draw(st.sampled_from([0.0, 0.5, 1.0, 1.0005, 1.01, 200.0, 1e6]))
        rng = np.random.default_rng(draw(st.integers(0, 9)))
        with np.errstate(over="ignore"):  # 1e6 is infinity in float16
            array = np.asarray(rng.uniform(0, top, shape)).astype(dtype)
        if array.size and draw(st.booleans()):
            place = draw(st.integers(0, array.size - 1))
            array.flat[place] = draw(st.sampled_from([np.nan, np.inf, -np.inf, -1]))
    elif dtype.kind in "biu":
        rng = np.random.default_rng(draw(st.integers(0, 9)))
        array = np.asarray(rng.integers(0, 2, shape)).astype(dtype)
        if dtype.kind != "b":
            array *= draw(st.sampled_from([1, 100]))
    else:
        array = np.zeros(shape, dtype)
    layout = draw(st.sampled_from(["C", "F", "mirrored", "every other", "read-only", "broadcast"]))
    if layout == "F":
        array = np.asfortranarray(array)
    elif layout == "mirrored":
        array = array[::-1] if array.ndim else array
    elif layout == "every other":
        array = array[::2] if array.ndim else array
    elif layout == "broadcast" and array.ndim > 1 and array.size:
        array = np.broadcast_to(array[:1], array.shape)
    elif layout == "read-only":
        array.flags.writeable = False
    return array


def assert_valid(picture):
    assert isinstance(picture, np.ndarray)
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1


def outcome(function, *arguments):
    """Return the result of a function, or None after an ImageError that can be shown."""
    try:
        return function(*arguments)
    except ImageError as error:
        check_message(str(error))
        return None


@given(any_arrays())
@bounded
def test_any_array_becomes_a_picture_or_a_sentence(array):
    before = array.copy()
    picture = outcome(load_image, array)
    if picture is not None:
        assert_valid(picture)
        assert picture.flags.writeable
        assert not np.shares_memory(picture, array)
        assert check_picture(picture) is picture
    if array.dtype.kind != "O":
        np.testing.assert_array_equal(array, before)


@given(any_arrays(), st.one_of(st.integers(-2, 60), st.tuples(st.integers(0, 60), st.integers(0, 60))))
@bounded
def test_any_array_is_resized_or_refused(array, size):
    checked, resized = outcome(check_picture, array), outcome(resize, array, size)
    if checked is None:
        assert resized is None
    else:
        assert_valid(checked)
    if resized is not None:
        assert_valid(resized)
        assert size in (max(resized.shape[:2]), resized.shape[:2])


@given(any_arrays(), st.sampled_from([".png", ".jpg", ".webp", ".PNG", ".gif", ""]), st.integers(-1, 102))
@bounded
def test_any_array_is_saved_whole_or_not_at_all(tmp_path_factory, array, extension, quality):
    folder = tmp_path_factory.mktemp("saved")
    path = outcome(save_image, array, folder / f"picture{extension}", quality)
    assert [entry.name for entry in folder.iterdir()] == ([path.name] if path else [])
    loaded = outcome(load_image, path) if path else None
    if loaded is not None and extension.lower() == ".png":
        np.testing.assert_allclose(loaded, check_picture(array), atol=1 / 510 + 1e-6)


BEGINNINGS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"BM", b"II*\0", b"RIFF"]


@given(st.binary(max_size=200), st.sampled_from(BEGINNINGS))
@bounded
def test_any_bytes_become_a_picture_or_a_sentence(data, beginning):
    picture = outcome(load_image, beginning + data)
    if picture is not None:
        assert_valid(picture)


@given(st.text(max_size=60))
@bounded
def test_any_text_is_a_path_to_nothing(text):
    assert outcome(load_image, f"nowhere/{text}") is None


# ----- Options -----

NAN, INF = float("nan"), float("inf")
ODD = st.sampled_from(
    [None, True, "1", [], (), {}, [1.0], NAN, INF, -INF, 1e300, -1, 0, 1j, b"x", np.zeros(2), print]
)
NUMBER = st.one_of(st.floats(0, 1e6), st.integers(0, 3), st.just(np.float32(0.5)))
LAYER = "block1_conv1"
OPTIONS = {
    "content_weight": NUMBER,
    "style_weight": NUMBER,
    "total_variation_weight": NUMBER,
    "shares": st.sampled_from([None, [1], [2, 1], (0, 3)]),
    "mask": st.sampled_from([None, np.ones((20, 20)), np.eye(16, dtype=bool), [np.ones((9, 9))] * 2]),
    "style_mask": st.sampled_from([None, np.eye(16), np.zeros((8, 8)), [np.eye(16)] * 2]),
    "colors": st.sampled_from(["painting", "photo palette", "photo", "red"]),
    "stroke_size": NUMBER,
    "content_layers": st.sampled_from([LAYER, [LAYER], (LAYER, LAYER), ("block2_conv1",)]),
    "style_layers": st.sampled_from([LAYER, [LAYER], {LAYER}, "block9_conv1", {LAYER: 2}, {LAYER: 0}]),
    "initial": st.sampled_from(["content", "noise", "style", "blurred content", "gray", np.zeros((5, 7, 3))]),
    "seed": st.integers(0, 3),
    "coarse_to_fine": st.booleans(),
    "optimizer": st.sampled_from(["adam", "sgd", "lbfgs", "adamw"]),
    "steps": st.sampled_from([1, 2, np.int64(2)]),
    "learning_rate": st.one_of(st.none(), st.floats(1e-4, 10)),
    "schedule": st.sampled_from(["cosine", "constant"]),
    "tolerance": st.floats(0, 1),
    "every": st.integers(1, 3),
    "snapshot_every": st.one_of(st.none(), st.integers(1, 3)),
    "callback": st.sampled_from([None, lambda iterate: None]),
}


@st.composite
def some_options(draw, names=tuple(OPTIONS)):
    """Draw a few options, most of them good, at times an odd one."""
    chosen = draw(st.lists(st.sampled_from(names), max_size=5, unique=True))
    options = {name: draw(OPTIONS[name]) for name in chosen}
    if chosen and draw(st.integers(0, 2)) == 0:
        options[draw(st.sampled_from(chosen))] = draw(ODD)
    return options


@pytest.fixture(scope="module")
def small():
    return FeatureExtractor((LAYER,), weights="random")


def run_or_sentence(function, *arguments, **options):
    """Run; a record must be whole, and an error must be one of those that are promised."""
    try:
        run = function(*arguments, **options)
    except (ValueError, FloatingPointError) as error:
        check_message(str(error))
        return None
    assert_valid(run.picture)
    assert run.picture.shape == arguments[0].shape
    assert 1 <= len(run.history["total"]) <= 2
    assert np.isfinite(run.history["total"]).all()
    return run


SIZES = st.tuples(st.integers(1, 28), st.integers(1, 28))


@pytest.mark.slow
@given(some_options(), SIZES, SIZES, st.booleans())
@many
def test_any_options_of_stylize_paint_or_are_refused(small, options, size, style_size, are_two):
    rng = np.random.default_rng(0)
    content, style = (rng.random((*shape, 3), np.float32) for shape in (size, style_size))
    style = [style, style[::-1]] if are_two else style
    given_layers = {"content_layers": LAYER, "style_layers": LAYER, "extractor": small, "steps": 1}
    run_or_sentence(stylize, content, style, **given_layers | options)


LOOP = ("optimizer", "steps", "learning_rate", "schedule", "tolerance", "every", "snapshot_every", "callback")
LOSSES = [
    lambda batch: tf.reduce_mean(tf.square(batch - 0.3)),
    lambda batch: tf.reduce_sum(batch)[tf.newaxis],
    lambda batch: tf.reduce_sum(tf.zeros_like(batch)),
    lambda batch: tf.reduce_mean(tf.math.log(batch - 2)),
    lambda batch: batch,
    lambda batch: None,
]


@given(some_options(LOOP), st.sampled_from(LOSSES), SIZES)
@few
def test_any_options_of_minimize_descend_or_are_refused(options, loss, size):
    start = np.full((*size, 3), 0.5, np.float32)

    def descend(start, _, **options):
        return loop.minimize(loss, start, **{"steps": 1} | options)

    run_or_sentence(descend, start, None, **options)


@given(st.one_of(ODD, any_arrays()))
@bounded
def test_anything_is_features_pictures_and_targets_or_a_sentence(small, thing):
    features, gram = np.ones((1, 4, 4, 3), np.float32), np.ones((1, 3, 3), np.float32)
    for function, *arguments in (
        (gram_matrix, thing), (losses.content_loss, features, thing), (losses.style_loss, gram, thing),
        (losses.pixel_loss, thing, thing), (losses.total_variation_loss, thing), (small, thing),
        (animated_gif, [thing]),
    ):  # fmt: skip
        try:
            function(*arguments)
        except ValueError as error:
            check_message(str(error))
