"""Convolutions beside PyTorch's over grids of options: (ours, theirs), outputs and gradients."""

from itertools import product

import numpy as np
from layers.tables import row
from layers.torch_windows import _both, _normal

GRID = {"stride": (1, 2, 3), "padding": (0, 1, 2), "dilation": (1, 2)}
PAIRS = {"stride": ((1, 2), (3, 1)), "padding": ((0, 2), (1, 0)), "dilation": ((2, 1),)}


def grid(name, theirs, *shapes, **values):
    """One layer for every combination of these values of its options."""
    options = [dict(zip(values, each, strict=True)) for each in product(*values.values())]

    def sides():
        pairs = [_both(name, theirs, *_normal(*shapes), **given) for given in options]
        return tuple(np.concatenate(side) for side in zip(*pairs, strict=True))

    return sides


def function(name):
    return lambda torch, *inputs, **given: getattr(torch.nn.functional, name)(*inputs, **given)


def depthwise(name):
    return lambda torch, X, *weights, **given: getattr(torch.nn.functional, name)(
        X, *weights, groups=X.shape[1], **given
    )


def separable(name):
    def theirs(torch, X, weight, pointwise, bias, **given):
        call = getattr(torch.nn.functional, name)
        return call(call(X, weight, groups=X.shape[1], **given), pointwise, bias)

    return theirs


def causal(torch, X, weight, bias, stride, dilation):
    call, before = torch.nn.functional, dilation * (weight.shape[2] - 1)
    return call.conv1d(call.pad(X, (before, 0)), weight, bias, stride, 0, dilation)


def channels_last(torch, X, weight, bias, **given):
    first = torch.nn.functional.conv2d(
        X.movedim(-1, 1), weight.permute(3, 2, 0, 1), bias, **given
    )
    return first.movedim(1, -1)


LINE, IMAGE = (2, 6, 11), (2, 6, 9, 12)
ROWS = [
    row("conv1d", grid("conv1d.plain", function("conv1d"), LINE, (4, 6, 3), (4,), **GRID)),
    row("conv1d in groups", grid("conv1d.groups", function("conv1d"),
        LINE, (4, 3, 3), (4,), **GRID, groups=(2,))),
    row("conv1d, depthwise",
        grid("conv1d.depthwise", depthwise("conv1d"), LINE, (6, 1, 3), (6,), **GRID)),
    row("conv1d, separable", grid("conv1d.separable", separable("conv1d"),
        LINE, (6, 1, 3), (4, 6, 1), (4,), **GRID)),
    row("conv1d, causal", grid("conv1d.causal", causal,
        LINE, (4, 6, 3), (4,), stride=(1, 2, 3), dilation=(1, 2))),
    row("conv2d", grid("conv2d.plain", function("conv2d"), IMAGE, (4, 6, 2, 3), (4,), **GRID)),
    row("conv2d, options in pairs", grid("conv2d.plain", function("conv2d"),
        IMAGE, (4, 6, 2, 3), (4,), **PAIRS)),
    row("conv2d in groups", grid("conv2d.groups", function("conv2d"),
        IMAGE, (9, 2, 2, 3), (9,), **GRID, groups=(3,))),
    row("conv2d, depthwise",
        grid("conv2d.depthwise", depthwise("conv2d"), IMAGE, (6, 1, 2, 3), (6,), **GRID)),
    row("conv2d, separable", grid("conv2d.separable", separable("conv2d"),
        IMAGE, (6, 1, 2, 3), (4, 6, 1, 1), (4,), **GRID)),
    row("conv2d, channels last", grid("conv2d.channels_last", channels_last,
        (2, 9, 12, 6), (2, 3, 6, 4), (4,), **GRID)),
]  # fmt: skip
