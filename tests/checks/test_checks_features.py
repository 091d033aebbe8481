"""The checks of notebook 01 accept right answers and name the usual mistakes."""

import numpy as np
import pytest

from nst_utils import checks, features

MEAN = np.array([103.939, 116.779, 123.68], np.float32)
CHECKS = [
    checks.check_receptive_field,
    checks.check_preprocess,
    checks.check_torchvision_index,
    checks.check_silent_share,
]


def verdict_is(verdict, hint):
    """Whether a verdict is a rejection whose text holds the hint."""
    return not verdict.passed and verdict.text.startswith("❌") and hint in repr(verdict)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("stub", [..., None])
def test_unsolved_stubs_are_neither_right_nor_wrong(check, stub):
    verdict = check(lambda argument: stub)
    assert not verdict.passed
    assert "not solved yet" in repr(verdict)


def field(stack, start=1, less=1, order="field first", grow=lambda jump, stride: jump * stride):
    """Receptive field, with the usual mistakes at choice."""
    side, jump = start, 1
    for kernel, stride in stack:
        if order == "jump first":
            jump = grow(jump, stride)
        side += (kernel - less) * jump
        if order == "field first":
            jump = grow(jump, stride)
    return side


def field_from_the_end(stack):
    side = 1
    for kernel, stride in reversed(stack):
        side = (side - 1) * stride + kernel
    return side


@pytest.mark.parametrize("answer", [field, field_from_the_end, features.receptive_field])
def test_receptive_field_accepts_every_right_way(answer):
    assert checks.check_receptive_field(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda s: field(s, start=0), "start with a field of 1"),
        (lambda s: field(s, grow=lambda jump, stride: 1), "times jump"),
        (lambda s: field(s, less=0), "kernel - 1"),
        (lambda s: field(s, order="jump first"), "First the field"),
        (lambda s: field(s, grow=lambda jump, stride: jump + stride - 1), "Strides multiply"),
        (lambda s: field(s, grow=lambda jump, stride: stride), "earlier strides count"),
        (lambda s: int(np.prod([k for k, _ in s])), "For each layer"),
    ],
)
def test_receptive_field_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_receptive_field(answer), hint)


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: p[..., ::-1] * 255 - MEAN,
        lambda p: (p * 255 - MEAN[::-1])[:, :, [2, 1, 0]],
        lambda p: np.flip(p, -1) * 255.0 - [103.939, 116.779, 123.68],
    ],
)
def test_preprocess_accepts_every_right_way(answer):
    assert checks.check_preprocess(answer).passed


def test_preprocess_accepts_tensors():
    from nst_utils.base.tensorflow import tf
    from nst_utils.features import preprocess_vgg

    assert checks.check_preprocess(lambda p: preprocess_vgg(tf.constant(p))).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda p: p * 255 - MEAN, "still RGB"),
        (lambda p: p * 255 - MEAN[::-1], "VGG wants BGR"),
        (lambda p: p[..., ::-1] - MEAN, "multiply by 255"),
        (lambda p: p[..., ::-1] * 255 - MEAN[::-1], "mean's order"),
        (lambda p: p[..., ::-1] * 255, "subtract it"),
        (lambda p: p[..., ::-1] * 255 + MEAN, "not added"),
        (lambda p: p[::-1] * 255 - MEAN, "rows are reversed"),
        (lambda p: p[..., ::-1] * 255 - MEAN / 255, "0 to 255 already"),
        (lambda p: (p[..., ::-1] * 255 - MEAN)[None], "Every pixel stays"),
        (lambda p: (p[..., ::-1] - MEAN) * 255, "Multiply first"),
        (lambda p: (p - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225], "torchvision's way"),
        (lambda p: p, "Three steps"),
    ],
)
def test_preprocess_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_preprocess(answer), hint)


def modules_before(name, relus=True, pools=True, counts=(2, 2, 4, 4, 4)):
    """Modules in front of a convolution, with the usual mistakes at choice."""
    block, number = int(name[5]), int(name[-1])
    convolutions = sum(counts[: block - 1]) + number - 1
    return convolutions * (2 if relus else 1) + (block - 1 if pools else 0)


def test_torchvision_index_accepts_every_right_way():
    table = {layer.name: layer.torchvision for layer in features.vgg_layers()}
    assert checks.check_torchvision_index(table.get).passed
    assert checks.check_torchvision_index(modules_before).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda name: modules_before(name, relus=False), "Count the ReLU"),
        (lambda name: modules_before(name, pools=False), "Count the pooling layers"),
        (lambda name: modules_before(name, relus=False, pools=False), "Every module"),
        (lambda name: modules_before(name) + 1, "the ReLU behind it"),
        (lambda name: modules_before(name) - 1, "One too few"),
        (lambda name: modules_before(name, counts=(2, 2, 3, 3, 3)), "four convolutions each"),
        (
            lambda name: modules_before(name) + 2 * (2, 2, 4, 4, 4)[int(name[5]) - 1],
            "Only the blocks before it",
        ),
        (lambda name: 5, "Count the modules before it"),
    ],
)
def test_torchvision_index_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_torchvision_index(answer), hint)


@pytest.mark.parametrize(
    "answer",
    [
        lambda before: (before <= 0).mean((0, 1)),
        lambda before: (np.maximum(before, 0) == 0).reshape(-1, before.shape[-1]).mean(0),
        lambda before: 1 - np.mean(before > 0, axis=(0, 1)),
    ],
)
def test_silent_share_accepts_every_right_way(answer):
    assert checks.check_silent_share(answer).passed


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda before: (before <= 0).mean(), "axis=(0, 1)"),
        (lambda before: (before <= 0).mean(-1), "axes 0 and 1"),
        (lambda before: (before == 0).mean((0, 1)), "count what it will cut off"),
        (lambda before: (before > 0).mean((0, 1)), "share of what passes"),
        (lambda before: (before <= 0).sum((0, 1)), "divide by the number"),
        (lambda before: 100 * (before <= 0).mean((0, 1)), "from 0 to 1"),
        (lambda before: np.maximum(before, 0).mean((0, 1)), "mean activation"),
        (lambda before: (before <= 0).all((0, 1)), "silent everywhere"),
        (lambda before: before.mean((0, 1)), "Compare with 0"),
    ],
)
def test_silent_share_names_the_mistake(answer, hint):
    assert verdict_is(checks.check_silent_share(answer), hint)
