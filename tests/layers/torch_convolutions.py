"""Convolutions beside PyTorch's over grids of options: (ours, theirs), outputs and gradients."""

from itertools import product

import numpy as np
from layers.tables import row
from layers.torch_windows import _both, _normal

GRID = {"stride": (1, 2, 3), "padding": (0, 1, 2), "dilation": (1, 2)}
WINDOWS = {"kernel_size": (2, 3, 4), "stride": (1, 2, 3), "padding": (0, 1)}
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
    first = torch.nn.functional.conv2d(X.movedim(-1, 1), weight.permute(3, 2, 0, 1), bias, **given)
    return first.movedim(1, -1)


def pooling(name, **fixed):
    return lambda torch, X, **given: getattr(torch.nn.functional, name)(X, **given, **fixed)


def adaptive(name):
    return lambda torch, X, output_size: getattr(torch.nn.functional, name)(X, output_size)


def sliding(torch, X, size, step):
    return X.unfold(1, size, step)


def images(torch, X, **given):
    """PyTorch joins the axes of the kernel with the channels, and rows with columns."""
    reach = given["dilation"] * (given["kernel_size"] - 1) + 1
    rows = (X.shape[2] + 2 * given["padding"] - reach) // given["stride"] + 1
    kernel = (given["kernel_size"],) * 2
    return torch.nn.functional.unfold(X, **given).reshape(*X.shape[:2], *kernel, rows, -1)


def lp_pool(X, **options):
    def theirs(torch, X, norm_type, kernel_size, stride):
        return torch.nn.functional.lp_pool1d(X, norm_type, kernel_size, stride)

    return _both("lp_pool1d", theirs, X, **options)


def unpooled():
    """Every index once for each channel, since PyTorch adds nothing up."""
    rng = np.random.default_rng(5)
    indices = np.argsort(rng.random((2, 3, 9)))[:, :, :4]

    def theirs(torch, X, indices, output_size):
        return torch.nn.functional.max_unpool1d(X, indices, 2, output_size=(output_size,))

    return _both("max_unpool1d", theirs, *_normal((2, 3, 4)), indices, output_size=9)


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
    row("conv_transpose1d", grid("conv_transpose1d", function("conv_transpose1d"),
        LINE, (6, 4, 3), (4,), **GRID, output_padding=(0,))),
    row("conv_transpose1d, longer at the end", grid("conv_transpose1d",
        function("conv_transpose1d"), LINE, (6, 4, 3), (4,),
        stride=(1, 2, 3), padding=(0, 2), output_padding=(1,), dilation=(2,))),
    row("conv_transpose2d", grid("conv_transpose2d", function("conv_transpose2d"),
        IMAGE, (6, 4, 2, 3), (4,), **GRID, output_padding=(0,))),
    row("conv_transpose2d, options in pairs", grid("conv_transpose2d",
        function("conv_transpose2d"), IMAGE, (6, 4, 2, 3), (4,), **PAIRS,
        output_padding=((1, 0),))),
    row("avg_pool1d", grid("avg_pool1d.plain", pooling("avg_pool1d"), LINE, **WINDOWS)),
    row("avg_pool1d inside", grid("avg_pool1d.inside",
        pooling("avg_pool1d", count_include_pad=False), LINE, **WINDOWS)),
    row("avg_pool2d", grid("avg_pool2d.plain", pooling("avg_pool2d"), IMAGE, **WINDOWS)),
    row("avg_pool2d inside", grid("avg_pool2d.inside",
        pooling("avg_pool2d", count_include_pad=False), IMAGE, **WINDOWS)),
    row("adaptive_avg_pool1d", grid("adaptive_avg_pool1d", adaptive("adaptive_avg_pool1d"),
        LINE, output_size=range(1, 13))),
    row("adaptive_avg_pool2d", grid("adaptive_avg_pool2d", adaptive("adaptive_avg_pool2d"),
        IMAGE, output_size=range(1, 10))),
    row("lp_pool1d", lambda: lp_pool(
        np.random.default_rng(6).uniform(0.1, 2, LINE), norm_type=2.5, kernel_size=3, stride=2)),
    row("max_unpool1d", unpooled),
    row("unfold", grid("unfold.sliding", sliding, (3, 9), size=(1, 3, 4), step=(1, 2, 3))),
    row("unfold of images", grid("unfold.images", images, IMAGE, kernel_size=(1, 2, 3), **GRID)),
]  # fmt: skip
