"""Checks of notebook 06: instance normalization, reflection, the loss of a batch, the painter's field."""

import numpy as np

from .verdict import check, compare

_AXES = "Give axes of length 1 where they are missing: keepdims=True. Or is the axis wrong?"


@check
def check_instance_norm(function):
    """Notebook 06: ``(x, scale, shift) → x``, each map of each picture normalized, then scaled, shifted."""
    x = np.random.default_rng(0).normal(2, 1, (2, 4, 6, 3)) * [1, 5, 0.5]
    x[1] = 3 * x[1] + 7
    x[0, ..., 2] = 4  # flat, so that ε counts
    x[0, ..., 1] *= 1e-3  # nearly flat, so that its place counts
    scale, shift = np.array([1.5, -2.0, 0.5]), np.array([0.0, 1.0, -3.0])

    def normalize(axes):
        mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-5)

    expected, centered = scale * normalize((1, 2)) + shift, x - x.mean((1, 2), keepdims=True)
    variance = x.var((1, 2), keepdims=True)
    mistakes = (
        (x, "Nothing has changed."),
        (normalize((1, 2)), "Scale and shift are missing."),
        (scale * normalize((1, 2)), "The shift is missing."),
        (normalize((1, 2)) + shift, "The scale is missing."),
        (scale * (normalize((1, 2)) + shift), "Scale first, then shift."),
        (shift * normalize((1, 2)) + scale, "Scale and shift are swapped."),
        (scale * normalize((0, 1, 2)) + shift, "The mean goes over the batch, too: batch normalization."),
        (scale * normalize((1, 2, 3)) + shift, "The mean goes over the channels, too: each map has its own."),
        (scale * normalize((0, 1, 2, 3)) + shift, "One mean for everything: take it over axis=(1, 2) only."),
        (scale * normalize(3) + shift, "The mean goes over the channels: take it over height and width."),
        (scale * normalize(1) + shift, "The mean goes over the height only: width, too."),
        (scale * normalize(2) + shift, "The mean goes over the width only: height, too."),
        (scale * centered / (variance + 1e-5) + shift, "Divide by the root of the variance."),
        (scale * centered / (np.sqrt(variance) + 1e-5) + shift, "Add ε to the variance, before the root."),
        *((scale * centered / np.sqrt(variance + e) + shift, f"ε is 0.00001, not {e}.") for e in (1, 1e-3)),
        (scale * x / np.sqrt(variance + 1e-5) + shift, "Subtract the mean first."),
        (scale * centered + shift, "Divide by the root of the variance."),
        (np.where(variance > 0, expected, np.nan), "A flat map gives 0 / 0: add ε to the variance."),
    )
    hints = {"shape_hint": "The shape stays.", "failing": _AXES, "atol": 1e-3}
    praise = "each map of each picture for itself"
    return compare(function, (x, scale, shift), expected, mistakes, praise, **hints)


@check
def check_reflect_pad(function):
    """Notebook 06: ``(batch, margin) → batch``, height and width continued by reflection."""
    batch = np.random.default_rng(1).random((2, 5, 6, 3))
    margins = ((0, 0), (2, 2), (2, 2), (0, 0))
    expected = np.pad(batch, margins, "reflect")

    def padded(mode):
        return np.pad(batch, margins, mode)

    mistakes = (
        (batch, "Nothing was added."),
        (padded("constant"), "The margin is black: take the values from inside."),
        (padded("edge"), "The outermost row is repeated: go back inside, row by row."),
        (padded("symmetric"), "The outermost row is there twice: it is the mirror, begin behind it."),
        (padded("wrap"), "The margin comes from the opposite side."),
        (np.pad(batch, 2, "reflect"), "Batch and channels grow, too: their margin is 0."),
        (_not_mirrored(batch), "The margin is not mirrored: reverse the slices, [::-1]."),
        (np.pad(batch, margins[:2] + ((0, 0), (0, 0)), "reflect"), "The width has no margin yet."),
        (np.pad(batch, ((0, 0), (0, 0), *margins[2:]), "reflect"), "The height has no margin yet."),
        (np.pad(batch, ((0, 0), (0, 0), (2, 2), (2, 2)), "reflect"), "Axis 0 is the batch, 3 the channels."),
        (np.pad(batch, ((2, 2), (2, 2), (0, 0), (0, 0)), "reflect"), "Axis 0 is the batch, 3 the channels."),
        (np.pad(batch, ((0, 0), (0, 4), (0, 4), (0, 0)), "reflect"), "A margin on each side, not on one."),
        (np.pad(batch, ((0, 0), (1, 1), (1, 1), (0, 0)), "reflect"), "The margin is on each side: not half."),
    )
    hints = {
        "shape_hint": "Height and width grow by two margins; batch and channels stay.",
        "failing": "np.pad needs a pair of numbers for each of the four axes.",
    }
    praise = "the row next to the outermost comes first"
    return compare(function, (batch, 2), expected, mistakes, praise, **hints)


def _not_mirrored(batch):
    """Continue by two rows and columns of the inside, in their own order."""
    batch = np.concatenate([batch[:, 1:3], batch, batch[:, -3:-1]], 1)
    return np.concatenate([batch[:, :, 1:3], batch, batch[:, :, -3:-1]], 2)


@check
def check_style_of_batch(function):
    """Notebook 06: ``(grams, target) → number``, the mean of the relative style losses of a batch."""
    rng = np.random.default_rng(2)
    grams, target = rng.random((4, 3, 3)) * np.arange(1, 5)[:, None, None], rng.random((3, 3))
    squares = (grams - target) ** 2
    losses = squares.sum((1, 2)) / (target**2).sum()
    energies = (grams**2).sum((1, 2))
    mean_gram = grams.mean(0)
    mistakes = (
        (losses, "One loss per picture: take their mean."),
        (losses.sum(), "This grows with the batch: take the mean, not the sum."),
        (squares.sum(), "Divide by the energy of the target, and by the number of pictures."),
        (squares.mean(), "Divide by the energy of the target, not by the number of entries."),
        (squares.sum() / 4, "Divide by the energy of the target."),
        (((mean_gram - target) ** 2).sum() / (target**2).sum(),
         "The Gram matrices were averaged first: a red and a blue picture would pass for two violet ones."),
        ((squares.sum((1, 2)) / energies).mean(), "Divide by the energy of the target, not of the painted."),
        (losses[0], "This is the loss of the first picture: take the mean over all."),
        (np.sqrt(losses).mean(), "The loss is a ratio of squares, without a root."),
        (np.abs(grams - target).sum((1, 2)).mean() / np.abs(target).sum(), "Square the differences."),
        (losses.mean() / 9, "The numbers of entries cancel: sum above, sum below."),
        (losses.mean() * 9, "The numbers of entries cancel: sum above, sum below."),
    )  # fmt: skip
    hints = {"shape_hint": "Return one number for the batch."}
    praise = "every picture of the batch for itself, then the mean"
    return compare(function, (grams, target), losses.mean(), mistakes, praise, **hints)


@check
def check_painter_field(function):
    """Notebook 06: from ``[(kernel, stride), …]``, stride ½ for enlarging before it, to the field's side."""
    painter = [(9, 1), (3, 2), (3, 2), *[(3, 1)] * 6, (3, 0.5), (3, 0.5), (9, 1)]
    stacks = [painter, [(3, 2), (5, 1), (5, 0.5)], [(5, 1), (3, 1)]]

    def fields(**mistake):
        return [_field(stack, **mistake) for stack in stacks]

    mistakes = (
        (fields(late=True), "Enlarging comes before its convolution: halve the jump first."),
        (fields(early=True), "Stride 2 reads at the old distance: double the jump afterwards."),
        (fields(early=True, late=True), "Stride 2 acts after the convolution, enlarging before it."),
        ([1 + sum(k - 1 for k, _ in s) for s in stacks], "Positions lie farther apart after a stride of 2."),
        ([77] * 3, "This is the painter's field: compute it from the stack that is given."),
        (fields(ignore=True), "Enlarging halves the distance between two positions."),
        (fields(twice=True), "A stride of 0.5 halves the jump, it does not double it."),
        (fields(start=0), "A pixel sees itself: start with a field of 1."),
        (fields(less=0), "A kernel of 3 reaches 2 positions farther: kernel - 1."),
    )
    praise = f"{_field(painter):.0f} pixels for the painter"
    return compare(function, [(stack,) for stack in stacks], fields(), mistakes, praise)


def _field(layers, start=1, less=1, late=False, early=False, ignore=False, twice=False):
    """Receptive field of a stack that may enlarge; the options make the usual mistakes."""
    field, jump = start, 1
    for kernel, stride in layers:
        if stride < 1 and (ignore or twice):
            stride = 2 if twice else 1
        before = jump if (late if stride < 1 else not early) else jump * stride
        field += (kernel - less) * before
        jump *= stride
    return field
