"""Pictures as arrays: resized, converted, checked."""

import re

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_checks import assert_is_picture, color_of

from nst_utils import ImageError, check_picture, from_uint8, load_image, resize, to_uint8
from nst_utils.pictures.arrays import to_batch

quick = settings(max_examples=40, deadline=None)
colors_8_bit = arrays.arrays(np.uint8, st.tuples(st.integers(16, 40), st.integers(16, 40), st.just(3)))
small = st.integers(1, 40)
pictures = arrays.arrays(np.float32, st.tuples(small, small, st.just(3)), elements=st.floats(0, 1, width=32))
sides = st.integers(1, 60)
RED, BLUE, WHITE = (1, 0, 0), (0, 0, 1), (1, 1, 1)


# The size


@pytest.mark.parametrize(
    ("size", "shape"), [(None, (24, 32, 3)), (24, (18, 24, 3)), (128, (96, 128, 3))]
)
def test_size_is_the_longer_side(gradient, size, shape):
    assert_is_picture(load_image(gradient, size=size), shape)
    upright = (shape[1], shape[0], 3)
    assert_is_picture(load_image(gradient.transpose(1, 0, 2), size=size), upright)


def test_a_size_that_leaves_too_few_pixels_is_refused(gradient):
    with pytest.raises(ImageError, match="16 × 12 pixels"):
        load_image(gradient, size=16)


@given(pictures, sides)
@quick
def test_resize_keeps_range_and_aspect(picture, size):
    height, width = picture.shape[:2]
    resized = resize(picture, size)
    assert_is_picture(resized, resized.shape)
    assert max(resized.shape[:2]) == size
    shorter = size * min(height, width) / max(height, width)
    assert abs(min(resized.shape[:2]) - shorter) <= 0.5 or min(resized.shape[:2]) == 1


@given(pictures, st.tuples(sides, sides))
@quick
def test_resize_to_height_and_width(picture, shape):
    assert_is_picture(resize(picture, shape), (*shape, 3))


@given(st.floats(0, 1, width=32), sides, sides, st.tuples(sides, sides))
@quick
def test_resize_keeps_a_plain_color(value, height, width, shape):
    plain = np.full((height, width, 3), value, np.float32)
    np.testing.assert_allclose(resize(plain, shape), value, atol=1e-5)


def test_resize_averages_when_shrinking():
    stripes = np.zeros((64, 64, 3), np.float32)
    stripes[:, ::2] = 1
    np.testing.assert_allclose(resize(stripes, 16), 0.5, atol=1e-6)


def test_resize_is_smooth_when_enlarging(gradient):
    larger = resize(gradient, (48, 64))
    assert (np.diff(larger[24, 4:-4, 0]) > 0).all()


def test_resize_to_the_same_size_is_an_equal_copy(gradient):
    same = resize(gradient, 32)
    np.testing.assert_array_equal(same, gradient)
    assert not np.shares_memory(same, gradient)


def test_resize_takes_mirrored_and_read_only_pictures(gradient):
    mirrored = gradient[:, ::-1]
    mirrored.flags.writeable = False
    np.testing.assert_allclose(resize(mirrored, 16), resize(gradient, 16)[:, ::-1], atol=1e-6)


@pytest.mark.parametrize(
    "size", [0, -5, 1.5, 32.0, "32", None, (0, 5), (5, 5, 5), (3.0, 4.0), (), [[5]]]
)
def test_resize_refuses_odd_sizes(gradient, size):
    with pytest.raises(ImageError, match="size"):
        resize(gradient, size)


def test_resize_refuses_to_fill_the_memory(gradient):
    with pytest.raises(ImageError, match="100000"):
        resize(gradient, 100_000)


# Other arrays


@pytest.mark.parametrize(
    ("dtype", "white"), [("uint8", 255), ("uint16", 65535), (">u2", 65535), ("bool", 1)]
)
def test_the_type_of_an_array_tells_its_range(dtype, white):
    array = np.zeros((16, 20, 3), dtype)
    array[..., 0] = white
    assert color_of(load_image(array)) == RED


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", ">f4"])
def test_floats_are_taken_as_they_are(dtype):
    picture = load_image(np.full((16, 20, 3), 0.25, dtype))
    assert_is_picture(picture, (16, 20, 3))
    assert color_of(picture) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("shape", [(16, 20), (16, 20, 1), (16, 20, 3), (1, 16, 20, 3)])
def test_arrays_of_these_shapes_become_pictures(shape):
    picture = load_image(np.full(shape, 0.5))
    assert_is_picture(picture, (16, 20, 3))
    assert color_of(picture) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("dtype", "opaque"), [("float32", 1), ("uint8", 255)])
def test_transparency_is_laid_over_white(dtype, opaque):
    array = np.zeros((16, 20, 4), dtype)
    array[..., 2] = opaque
    assert color_of(load_image(array)) == WHITE
    array[..., 3] = opaque
    assert color_of(load_image(array)) == BLUE


def test_anything_with_an_array_inside_is_taken():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return np.full((16, 20, 3), 0.5, np.float32)

    assert_is_picture(load_image(Tensor()), (16, 20, 3))


def test_the_given_array_is_neither_changed_nor_shared(gradient):
    before = gradient.copy()
    picture = load_image(gradient)
    picture[:] = 0
    np.testing.assert_array_equal(gradient, before)


# 8 bits


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=4)))
@quick
def test_8_bits_survive_the_round_trip(array):
    floats = from_uint8(array)
    assert floats.dtype == np.float32
    np.testing.assert_array_equal(to_uint8(floats), array)


def test_to_uint8_rounds_and_clips():
    values = np.array([-0.5, 0, 0.4 / 255, 0.6 / 255, 254.6 / 255, 1, 1.5])
    np.testing.assert_array_equal(to_uint8(values), [0, 0, 0, 1, 255, 255, 255])


@given(colors_8_bit)
@quick
def test_loading_an_8_bit_array_is_from_uint8(array):
    np.testing.assert_array_equal(load_image(array), from_uint8(array))


# Checks


def test_a_picture_passes_the_check_as_it_is(gradient):
    assert check_picture(gradient) is gradient


def test_other_floats_are_converted():
    checked = check_picture(np.full((2, 3, 3), 0.5, np.float64))
    assert_is_picture(checked, (2, 3, 3))


def test_rounding_beyond_the_range_is_clipped_and_more_is_not():
    slightly_off = np.array([[[-0.0009, 0.5, 1.0009]]])
    np.testing.assert_allclose(check_picture(slightly_off), [[[0, 0.5, 1]]])
    assert slightly_off.max() > 1
    for value in (-0.002, 1.002):
        with pytest.raises(ImageError, match="not 0 to 1"):
            check_picture(np.full((1, 1, 3), value))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((4, 4, 3), np.uint8), "load_image(array)"),
        (np.zeros((4, 4)), "(4, 4)"),
        (np.zeros((4, 4, 4)), "(4, 4, 4)"),
        (np.zeros((1, 4, 4, 3)), "batch[0]"),
        (np.zeros((3, 8, 8)), "transpose(1, 2, 0)"),
        (np.zeros((0, 4, 3)), "(0, 4, 3)"),
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.full((4, 4, 3), np.inf), "infinite"),
        (np.full((4, 4, 3), 200.0), "divide by 255"),
        (np.linspace(-1, 1, 48).reshape(4, 4, 3), "rescale"),
        ("style.png", "load_image"),
    ],
)
def test_the_check_names_what_is_wrong(array, says):
    with pytest.raises(ImageError, match=f"style .*{re.escape(says)}"):
        check_picture(array, "style")


def test_a_picture_and_a_batch_become_a_batch(gradient):
    np.testing.assert_array_equal(to_batch(gradient), gradient[np.newaxis])
    two = np.stack([gradient, 1 - gradient]).astype(np.float64)
    assert to_batch(two).dtype == np.float32
    np.testing.assert_allclose(to_batch(two), two, atol=1e-6)


@pytest.mark.parametrize("batch", [np.zeros((0, 8, 8, 3)), np.full((2, 8, 8, 3), 255.0)])
def test_a_bad_batch_is_refused(batch):
    with pytest.raises(ImageError, match="batch of 0|divide by 255"):
        to_batch(batch)
