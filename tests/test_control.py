"""Masks from boxes, strokes and clusters; paintings made ready."""

import numpy as np
import pytest

import nst_utils
from nst_utils import control, cut_out, find_regions
from nst_utils.pictures.arrays import ImageError
from nst_utils.pictures.masks import check_masks, check_pictures, share_places

PHOTO = np.random.default_rng(0).random((20, 24, 3), np.float32)


def test_the_astronaut_is_cut_out_by_a_box_and_strokes_decide():
    photo = nst_utils.photo("astronaut", 128)
    figure = cut_out(photo, (5, 128, 15, 100))
    assert set(np.unique(figure)) == {0, 1}
    for row, column, expected in ((30, 56, 1), (100, 40, 1), (20, 110, 0), (60, 105, 0)):
        assert figure[row, column] == expected, (row, column)
    helmet = np.zeros((128, 128), np.float32)
    helmet[85:125, 65:95] = 1
    assert cut_out(photo, (5, 128, 15, 100), outside=helmet)[helmet > 0].max() == 0
    assert cut_out(photo, (5, 128, 15, 100), inside=helmet)[helmet > 0].min() == 1


def test_regions_are_what_the_network_sees_alike():
    photo = nst_utils.photo("china", 128)
    regions = find_regions(photo, 3)
    np.testing.assert_allclose(regions.sum(axis=0), 1, atol=1e-5)
    assert list(regions.mean(axis=(1, 2))) == sorted(regions.mean(axis=(1, 2)), reverse=True)
    temple, sky = regions[:, 50, 40], regions[:, 8, 100]
    assert temple.argmax() != sky.argmax()
    np.testing.assert_array_equal(find_regions(photo, 3), regions)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cut_out(PHOTO, (0, 20, 0, 24)), "Nothing is left outside"),
        (lambda: cut_out(PHOTO, (5, 21, 0, 24)), "rows must rise within 0 to 20"),
        (lambda: cut_out(PHOTO, (5, 10, 0)), "four numbers"),
        (lambda: cut_out(PHOTO, (5, 10.5, 0, 9)), "bottom of box is 10.5"),
        (lambda: cut_out(PHOTO, (5, 10, 2, 9), inside=np.ones((9, 24))), "same proportions"),
        (lambda: find_regions(PHOTO, 1), "count is 1"),
        (lambda: find_regions(PHOTO, 9), "take 6 at most"),
        (lambda: control.adapt_paintings([PHOTO], PHOTO, stroke_size=0.5), "stroke_size is 0.5, which"),
        (lambda: check_pictures([], "style"), "empty list"),
        (lambda: check_pictures([PHOTO, PHOTO * 255], "style"), r"style\[1\] has values"),
    ],
)
def test_what_makes_no_sense_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_strokes_grow_and_shrink_with_the_painting_and_its_colors_follow_the_region():
    half = np.float32(np.indices((20, 24))[1] < 12)
    photo = np.where(half[..., np.newaxis], np.float32([0.7, 0.3, 0.3]), np.float32([0.3, 0.3, 0.7]))
    for factor, shape in ((0.8, (16, 19, 3)), (2, (40, 48, 3))):
        assert control.adapt_paintings([PHOTO], photo, stroke_size=factor)[0].shape == shape
    red, blue = control.adapt_paintings([PHOTO] * 2, photo, "photo palette", masks=[half, 1 - half])
    np.testing.assert_allclose(red.mean((0, 1)), (0.7, 0.3, 0.3), atol=0.01)
    np.testing.assert_allclose(blue.mean((0, 1)), (0.3, 0.3, 0.7), atol=0.01)


# ----- What is a mask -----


def test_masks_come_in_any_size_of_the_photos_proportions():
    mask = np.zeros((5, 6), bool)
    mask[:, 3:] = True
    [resized] = check_masks(mask, [PHOTO], "mask")
    assert resized.dtype == np.float32
    np.testing.assert_array_equal(resized, np.indices((20, 24))[1] >= 12)
    np.testing.assert_array_equal(check_masks(resized, [PHOTO], "mask")[0], resized)
    assert check_masks(np.ones((683, 819)), [PHOTO], "mask")[0].shape == (20, 24)  # rounded proportions
    assert len(check_masks(np.ones((2, 5, 6)), [PHOTO] * 2, "mask")) == 2


@pytest.mark.parametrize(
    ("masks", "says"),
    [
        (np.zeros((20, 24)), "0 everywhere"),
        (np.ones((24, 20)), "same proportions"),
        (np.ones((20, 24, 3)), "list of 20|one channel"),
        ([PHOTO], "one channel"),
        (np.full((20, 24), 255, np.uint8), "uint8"),
        (np.full((20, 24), 2.0), "values from 2 to 2"),
        (np.full((20, 24), np.nan), "NaN"),
        ([np.ones((20, 24))] * 2, "list of 2; give one mask for each painting, 1 in all"),
        ("mask.png", "mask is 'mask.png'"),
        ([], "list of 0"),
    ],
)
def test_what_is_no_mask_is_refused(masks, says):
    with pytest.raises(ImageError, match=says):
        check_masks(masks, [PHOTO], "mask")


def test_masks_that_overlap_share_the_place_and_gaps_stay():
    masks = np.float32([[[1, 1, 0, 0.25]], [[0, 1, 0, 0.25]]])
    np.testing.assert_array_equal(share_places(masks), [[[1, 0.5, 0, 0.25]], [[0, 0.5, 0, 0.25]]])
