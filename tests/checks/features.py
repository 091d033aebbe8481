"""Answers to the exercises of notebook 01."""

import numpy as np

from nst_utils import checks, features
from nst_utils.base.tensorflow import tf

MEAN = np.array([103.939, 116.779, 123.68], np.float32)
TORCHVISION = {layer.name: layer.torchvision for layer in features.vgg_layers()}


def field(stack, start=1, less=1, jump_first=False, grow=lambda jump, stride: jump * stride):
    """Receptive field, with the usual mistakes at choice."""
    side, jump = start, 1
    for kernel, stride in stack:
        before, jump = jump, grow(jump, stride)
        side += (kernel - less) * (jump if jump_first else before)
    return side


def field_from_the_end(stack):
    side = 1
    for kernel, stride in reversed(stack):
        side = (side - 1) * stride + kernel
    return side


def modules(name, per_convolution=2, per_pool=1, counts=(2, 2, 4, 4, 4)):
    """Modules in front of a convolution, with the usual mistakes at choice."""
    block, number = int(name[5]), int(name[-1])
    return per_convolution * (sum(counts[: block - 1]) + number - 1) + per_pool * (block - 1)


ANSWERS = {
    checks.check_receptive_field: (
        [field, field_from_the_end, features.receptive_field],
        [
            ("start with a field of 1", lambda s: field(s, start=0)),
            ("times jump", lambda s: field(s, grow=lambda jump, stride: 1)),
            ("kernel - 1", lambda s: field(s, less=0)),
            ("First the field", lambda s: field(s, jump_first=True)),
            ("Strides multiply", lambda s: field(s, grow=lambda jump, stride: jump + stride - 1)),
            ("earlier strides count", lambda s: field(s, grow=lambda jump, stride: stride)),
            ("No usual mistake", lambda s: int(np.prod([k for k, _ in s]))),
            ("([(7, 2), (3, 2), (5, 1)]): 27 expected, 0 found", lambda s: 0 if s[0] == (7, 2) else field(s)),
        ],
    ),
    checks.check_preprocess: (
        [
            lambda p: p[..., ::-1] * 255 - MEAN,
            lambda p: (p * 255 - MEAN[::-1])[:, :, [2, 1, 0]],
            lambda p: features.preprocess_vgg(tf.constant(p)),
        ],
        [
            ("still RGB", lambda p: p * 255 - MEAN),
            ("VGG wants BGR", lambda p: p * 255 - MEAN[::-1]),
            ("multiply by 255", lambda p: p[..., ::-1] - MEAN),
            ("mean's order", lambda p: p[..., ::-1] * 255 - MEAN[::-1]),
            ("subtract it", lambda p: p[..., ::-1] * 255),
            ("not added", lambda p: p[..., ::-1] * 255 + MEAN),
            ("rows are reversed", lambda p: p[::-1] * 255 - MEAN),
            ("0 to 255 already", lambda p: p[..., ::-1] * 255 - MEAN / 255),
            ("Every pixel stays", lambda p: (p[..., ::-1] * 255 - MEAN)[None]),
            ("Multiply first", lambda p: (p[..., ::-1] - MEAN) * 255),
            ("torchvision's way", lambda p: (p - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]),
            ("up to 255: times 255", lambda p: p[..., ::-1] - MEAN / 255),
            ("BGR up to 255", lambda p: p - MEAN / 255),
            ("BGR up to 255", lambda p: p - MEAN[::-1] / 255),
            ("(array (2, 2, 3))[1, 1, 1]: 138.22 expected, 1 found", lambda p: p),
        ],
    ),
    checks.check_torchvision_index: (
        [TORCHVISION.get, modules],
        [
            ("Count the ReLU", lambda name: modules(name, per_convolution=1)),
            ("Count the pooling layers", lambda name: modules(name, per_pool=0)),
            ("Every module", lambda name: modules(name, per_convolution=1, per_pool=0)),
            ("the ReLU behind it", lambda name: modules(name) + 1),
            ("not stand before itself", lambda name: modules(name) + 2),
            ("One too few", lambda name: modules(name) - 1),
            ("four convolutions each", lambda name: modules(name, counts=(2, 2, 3, 3, 3))),
            ("own block is counted", lambda name: modules(name) + (4 if name[5] < "3" else 8)),
            ("and pooling", lambda name: modules(name) + (5 if name[5] < "3" else 9)),
            ("No usual mistake", lambda name: 5),
        ],
    ),
    checks.check_silent_share: (
        [
            lambda before: (before <= 0).mean((0, 1)),
            lambda before: (np.maximum(before, 0) == 0).reshape(-1, before.shape[-1]).mean(0),
            lambda before: 1 - np.mean(before > 0, axis=(0, 1)),
            lambda before: tf.reduce_mean(tf.cast(tf.nn.relu(before) == 0, tf.float32), axis=(0, 1)),
        ],
        [
            ("axis=(0, 1)", lambda before: (before <= 0).mean()),
            ("axes 0 and 1", lambda before: (before <= 0).mean(-1)),
            ("count what it will cut off", lambda before: (before == 0).mean((0, 1))),
            ("share of what passes", lambda before: (before > 0).mean((0, 1))),
            ("divide by the number", lambda before: (before <= 0).sum((0, 1))),
            ("from 0 to 1", lambda before: 100 * (before <= 0).mean((0, 1))),
            ("mean activation", lambda before: np.maximum(before, 0).mean((0, 1))),
            ("silent everywhere", lambda before: (before <= 0).all((0, 1))),
            ("No usual mistake", lambda before: before.mean((0, 1))),
        ],
    ),
}
