"""Figures of notebook 01 show the numbers that they are given, where they belong."""

import numpy as np
import pytest
from figures import drawn
from matplotlib.patches import Polygon, Rectangle

from nst_utils import plots
from nst_utils.features import vgg_layers

RNG = np.random.default_rng(0)
PICTURE = RNG.random((64, 64, 3)).astype(np.float32)
LAYERS = {layer.name: layer for layer in vgg_layers()}


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_the_architecture_has_a_slab_per_convolution_and_its_numbers():
    (axis,) = drawn(plots.plot_architecture(PICTURE, LAYERS.values())).axes
    faces = [patch for patch in axis.patches if isinstance(patch, Polygon)]
    assert len(faces) == 3 * 16  # front, top and side of each
    heights = [np.ptp(face.get_xy()[:, 1]) for face in faces[::3]]
    assert heights[0] == pytest.approx(4 * heights[-1])  # square root of 64 : 4 positions
    words = texts(axis)
    assert words[0] == "picture\n64 × 64 × 3"
    assert words[1].splitlines() == ["block1", "2 convolutions", "64 × 64 × 64", "39 k parameters"]
    assert "8.3 M parameters" in words[4]
    assert "4 × 4 × 512" in words[5]


def test_fields_are_squares_of_their_side_around_the_point():
    chosen = [LAYERS["block2_conv1"], LAYERS["block3_conv1"]]
    photo, *parts = drawn(plots.plot_fields(PICTURE, chosen, (30, 20))).axes
    boxes = [patch for patch in photo.patches if isinstance(patch, Rectangle)][::2]
    for box, part, layer in zip(boxes, parts, chosen, strict=True):
        assert box.get_width() == box.get_height() == layer.field
        assert box.get_x() < 20 < box.get_x() + layer.field
        assert box.get_y() < 30 < box.get_y() + layer.field
        assert part.get_xlim() == (box.get_x(), box.get_x() + layer.field)
        assert part.get_ylim() == (box.get_y() + layer.field, box.get_y())
        assert part.get_title() == f"{layer.name}: {layer.field} px"


def test_a_footprint_stands_in_its_computed_square():
    layer, footprint = LAYERS["block2_conv1"], np.zeros((64, 64))
    top, bottom, left, right = layer.field_at(15, 10)
    footprint[top:bottom, left:right] = 2
    axis = drawn(plots.plot_footprints([footprint], [layer], [(15, 10)])).axes[0]
    (box,) = axis.patches
    assert (box.get_x(), box.get_y()) == (left - 0.5, top - 0.5)
    shown = axis.images[0].get_array()
    assert shown.max() == 1
    assert (np.asarray(shown) > 0).sum() == layer.field**2


def test_filters_are_stretched_around_gray_and_the_rest_of_the_grid_is_empty():
    kernels = RNG.standard_normal((3, 3, 3, 20))
    axes = drawn(plots.plot_filters(kernels)).axes
    shown = [axis for axis in axes if axis.images]
    assert len(axes) == 32
    assert [axis.get_title() for axis in shown] == [str(n) for n in range(20)]
    values = np.asarray(shown[4].images[0].get_array())
    np.testing.assert_allclose(2 * values - 1, kernels[..., 4] / np.abs(kernels[..., 4]).max())


def test_heat_maps_share_one_scale_and_cover_their_picture():
    heats = [np.eye(4, dtype=np.float32), 5 * np.eye(8, dtype=np.float32)]
    axes = drawn(plots.plot_heat([PICTURE, PICTURE[:32]], heats, ["a", "b"])).axes[:2]
    for axis, side in zip(axes, (64, 32), strict=True):
        gray, heat = axis.images
        assert heat.get_array().shape == (side, 64)
        assert heat.get_clim() == (0, 5)
        assert gray.get_array().shape == (side, 64)
    assert np.asarray(axes[0].images[1].get_array()).max() < 2


def test_depth_shows_shares_as_percent_and_blocks_in_one_color():
    names = ["block1_conv1", "block1_conv2", "block2_conv1"]
    left, right = drawn(plots.plot_depth(names, [0.25, 0.5, 1.0], [10, 100, 1])).axes
    assert [bar.get_height() for bar in left.patches] == [25, 50, 100]
    colors = [bar.get_facecolor() for bar in left.patches]
    assert colors[0] == colors[1] != colors[2]
    assert right.get_yscale() == "log"
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [10, 100, 1])
