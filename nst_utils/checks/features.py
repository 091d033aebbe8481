"""Checks of notebook 01: receptive fields, preprocessing, names of layers, activations."""

import numpy as np

from .verdict import check, compare

MEAN = np.array([103.939, 116.779, 123.68])  # blue, green, red
TORCHVISION_MEAN, TORCHVISION_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # red, green, blue


@check
def check_receptive_field(function):
    """Notebook 01: a function from ``[(kernel, stride), ...]`` to the side of the field in pixels."""
    stacks = [[(3, 1), (3, 1)], [(7, 2), (3, 2), (5, 1)], [(3, 1), (3, 1), (2, 2), (3, 1)]]

    def fields(**mistake):
        return [_field(stack, **mistake) for stack in stacks]

    mistakes = (
        (fields(start=0), "A pixel sees itself: start with a field of 1."),
        ([1 + sum(k - 1 for k, _ in s) for s in stacks], "Steps in a deeper layer are longer: times jump."),
        (fields(less=0), "A kernel of 3 reaches 2 positions farther: kernel - 1."),
        (fields(jump_first=True), "First the field grows, then the jump."),
        (fields(keep=True), "Strides multiply: jump *= stride, so that earlier strides count, too."),
        (fields(add=True), "Strides multiply: 2 and 2 make 4 pixels, 2 and 2 and 2 make 8."),
    )
    praise = f"{_field(stacks[1])} pixels for the stack {stacks[1]}"
    return compare(function, [(stack,) for stack in stacks], fields(), mistakes, praise)


def _field(stack, start=1, less=1, jump_first=False, add=False, keep=False):
    """Receptive field of a stack; the options make the usual mistakes."""
    field, jump = start, 1
    for kernel, stride in stack:
        before = jump
        jump = jump + stride - 1 if add else stride if keep else jump * stride
        field += (kernel - less) * (jump if jump_first else before)
    return field


@check
def check_preprocess(function):
    """Notebook 01: a function from a picture to what VGG was trained on."""
    picture = np.array([[[1.0, 0.5, 0.0], [0.2, 0.4, 0.9]], [[0.1, 0.7, 0.3], [0.0, 1.0, 0.6]]])
    picture = picture.astype(np.float32)
    torchvision = (picture - TORCHVISION_MEAN) / TORCHVISION_STD
    mistakes = (
        (picture * 255 - MEAN, "These are still RGB: reverse the last axis."),
        (picture * 255 - MEAN[::-1], "RGB minus the mean in RGB: reverse the last axis, VGG wants BGR."),
        (picture[..., ::-1] - MEAN, "The mean is on a scale of 0 to 255: multiply by 255 first."),
        (picture[..., ::-1] - MEAN / 255, "VGG wants values up to 255: times 255, minus the mean as it is."),
        (picture - MEAN / 255, "VGG wants BGR up to 255: reverse, times 255, minus the mean as it is."),
        (picture - MEAN[::-1] / 255, "VGG wants BGR up to 255: reverse, times 255, minus the mean as it is."),
        (picture[..., ::-1] * 255 - MEAN[::-1], "The mean's order is wrong: blue comes first, 103.939."),
        ((picture[..., ::-1] - MEAN) * 255, "Multiply first: the mean is on a scale of 0 to 255."),
        (torchvision, "That is torchvision's way; Keras' VGG wants BGR up to 255."),
        (picture[..., ::-1] * 255, "The mean is still in there: subtract it."),
        (picture[..., ::-1] * 255 + MEAN, "The mean is subtracted, not added."),
        (picture[::-1] * 255 - MEAN, "The rows are reversed, not the channels: use [..., ::-1]."),
        (picture[:, ::-1] * 255 - MEAN, "The columns are reversed, not the channels: use [..., ::-1]."),
        (picture[..., ::-1] * 255 - MEAN / 255, "The mean is on a scale of 0 to 255 already."),
    )
    hints = {"shape_hint": "Every pixel stays where it is.", "atol": 0.01}
    expected = picture[..., ::-1] * 255 - MEAN
    return compare(function, (picture,), expected, mistakes, "BGR, 0 to 255, minus the mean", **hints)


@check
def check_torchvision_index(function):
    """Notebook 01: a function from a convolution's Keras name to its index in torchvision's VGG19."""
    names = ["block1_conv1", "block2_conv2", "block3_conv4", "block4_conv2", "block5_conv1"]
    expected = np.array([0, 7, 16, 21, 28])
    before = np.array([0, 3, 7, 9, 12])  # convolutions before each
    pools = np.array([0, 1, 2, 3, 4])
    mistakes = (
        (before + pools, "Count the ReLU as well: each convolution takes two indices."),
        (2 * before, "Count the pooling layers as well: one behind each block."),
        (before, "Every module has an index there: count ReLUs and pooling layers as well."),
        (expected + 1, "That is the ReLU behind it, or its own block's pooling counted, or counting from 1."),
        (expected + 2, "The convolution itself does not stand before itself: number - 1."),
        (expected - 1, "One too few: how many modules stand before the convolution?"),
        ([4, 11, 24, 29, 36], "Its own block is counted: only those before it, [: block - 1]."),
        ([5, 12, 25, 30, 37], "Its own block is counted, convolutions and pooling: only those before it."),
        ([0, 7, 16, 19, 24], "Blocks 3, 4 and 5 of VGG19 have four convolutions each."),
    )
    praise = "block4_conv2 is features[21], and features[22] after the ReLU"
    return compare(function, [(name,) for name in names], expected, mistakes, praise)


@check
def check_silent_share(function):
    """Notebook 01: from pre-activations ``(h, w, channels)`` to each channel's share of zeros."""
    before = np.array([[[1, -2, 0.5], [-1, -3, 2]], [[4, -7, -1], [-2, -1, 3]], [[-5, -1, 6], [1, -4, 7]]])
    expected = np.array([3, 6, 1]) / 6
    mistakes = (
        (expected.mean(), "One share per channel: average over positions alone, axis=(0, 1)."),
        ((before <= 0).all((0, 1)), "That says which channels are silent everywhere: use mean, not all."),
        (np.zeros(3), "Before the ReLU hardly anything is exactly 0: count what it will cut off."),
        (1 - expected, "That is the share of what passes: count what the ReLU cuts off."),
        (expected * 6, "These are counts: divide by the number of positions."),
        (expected * 100, "Shares go from 0 to 1."),
        (np.maximum(before, 0).mean((0, 1)), "That is the mean activation: compare with 0 first."),
    )
    hints = {"shape_hint": "Average over the positions, axes 0 and 1; the channels stay.", "atol": 1e-4}
    praise = "what is negative before the ReLU is zero after it"
    return compare(function, (before.astype(np.float32),), expected, mistakes, praise, **hints)
