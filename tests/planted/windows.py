"""Convolutions: windows that overlap, strides that do not divide, and padding."""

import numpy as np
from planted.catalogue import Layer, normal, poked, wrong


def spots(shape, size, stride):
    """The windows of a plane: their number, and the slices of each."""
    for r in range((shape[0] - size) // stride + 1):
        for c in range((shape[1] - size) // stride + 1):
            yield r, c, slice(r * stride, r * stride + size), slice(c * stride, c * stride + size)


def counts(shape, size, stride):
    return tuple((n - size) // stride + 1 for n in shape)


def padded(x, by):
    return np.pad(x, [(0, 0), (0, 0), (by, by), (by, by)])


def cut(x, by):
    return x[:, :, by : x.shape[2] - by, by : x.shape[3] - by]


def conv(stride=1, pad=0):
    def forward(x, W, b):
        xp = padded(x, pad)
        y = np.empty((len(x), len(W), *counts(xp.shape[2:], W.shape[-1], stride)))
        for r, c, rows, columns in spots(xp.shape[2:], W.shape[-1], stride):
            y[:, :, r, c] = np.einsum("nchw,ochw->no", xp[:, :, rows, columns], W) + b
        return y

    def backward(d, x, W, b):
        xp = padded(x, pad)
        dxp, dW = np.zeros_like(xp), np.zeros_like(W)
        for r, c, rows, columns in spots(xp.shape[2:], W.shape[-1], stride):
            dxp[:, :, rows, columns] += np.einsum("no,ochw->nchw", d[:, :, r, c], W)
            dW += np.einsum("no,nchw->ochw", d[:, :, r, c], xp[:, :, rows, columns])
        return {"x": cut(dxp, pad), "W": dW, "b": d.sum((0, 2, 3))}

    return forward, backward


def assigned_conv(d, i, stride, pad):
    """What `=` leaves of overlapping windows."""
    dxp = np.zeros_like(padded(i.x, pad))
    for r, c, rows, columns in spots(dxp.shape[2:], i.W.shape[-1], stride):
        dxp[:, :, rows, columns] = np.einsum("no,ochw->nchw", d[:, :, r, c], i.W)
    return cut(dxp, pad)


def conv1d(x, W, b):
    rows = np.lib.stride_tricks.sliding_window_view(x, W.shape[-1], axis=2)
    return np.einsum("nctk,ock->not", rows, W) + b[:, None]


def conv1d_back(d, x, W, b):
    rows = np.lib.stride_tricks.sliding_window_view(x, W.shape[-1], axis=2)
    dx = np.zeros_like(x)
    for t in range(d.shape[2]):
        dx[:, :, t : t + W.shape[-1]] += np.einsum("no,ock->nck", d[:, :, t], W)
    return {"x": dx, "W": np.einsum("not,nctk->ock", d, rows), "b": d.sum((0, 2))}


def assigned1d(d, i):
    """The same in one dimension."""
    dx = np.zeros_like(i.x)
    for t in range(d.shape[2]):
        dx[:, :, t : t + i.W.shape[-1]] = np.einsum("no,ock->nck", d[:, :, t], i.W)
    return dx


CONV = Layer("conv2d", *conv(2, 1), normal(x=(2, 3, 6, 5), W=(4, 3, 3, 3), b=(4,)))
DENSE = Layer("conv2d without padding", *conv(1, 0), normal(x=(2, 3, 5, 4), W=(3, 3, 2, 2), b=(3,)))
CONV1D = Layer("conv1d", conv1d, conv1d_back, normal(x=(2, 3, 7), W=(4, 3, 3), b=(4,)))

LAYERS = [CONV, DENSE, CONV1D]


def ring(array):
    """Zero at the border of the last two axes."""
    kept = np.zeros_like(array)
    kept[..., 1:-1, 1:-1] = array[..., 1:-1, 1:-1]
    return kept


def conv_dx(d, i, W):
    return conv(2, 1)[1](d, i.x, W, i.b)["x"]


WRONG = [
    wrong(
        "the kernel's gradient is flipped",
        CONV,
        "W",
        "flipped",
        W=lambda d, i, g: g.W[:, :, ::-1, ::-1].copy(),
    ),
    wrong(
        "the kernel is flipped for x",
        CONV,
        "x",
        x=lambda d, i, g: conv_dx(d, i, i.W[:, :, ::-1, ::-1]),
    ),
    wrong(
        "windows are assigned",
        CONV,
        "x",
        "overwritten",
        x=lambda d, i, g: assigned_conv(d, i, 2, 1),
    ),
    wrong(
        "the padding is not cut off",
        CONV,
        "x",
        "shape",
        x=lambda d, i, g: conv(2, 0)[1](d, padded(i.x, 1), i.W, i.b)["x"],
    ),
    wrong("nothing at the border", CONV, "x", "edges", x=lambda d, i, g: ring(g.x)),
    wrong(
        "the padding is cut off the wrong side",
        CONV,
        "x",
        x=lambda d, i, g: np.roll(g.x, 1, axis=2),
    ),
    wrong(
        "the bias is averaged over positions",
        CONV,
        "b",
        "factor",
        b=lambda d, i, g: d.mean((2, 3)).sum(0),
    ),
    wrong(
        "the bias is summed over the batch only",
        CONV,
        "b",
        "missing-sum",
        b=lambda d, i, g: d.sum(0),
    ),
    wrong(
        "the bias is summed over the batch and rows",
        CONV,
        "b",
        "missing-sum",
        b=lambda d, i, g: d.sum((0, 2)),
    ),
    wrong(
        "only the last image",
        CONV,
        "W",
        "last-sample",
        W=lambda d, i, g: conv(2, 1)[1](d[-1:], i.x[-1:], i.W, i.b)["W"],
    ),
    wrong(
        "only the first image",
        CONV,
        "W",
        "first-sample",
        W=lambda d, i, g: conv(2, 1)[1](d[:1], i.x[:1], i.W, i.b)["W"],
    ),
    wrong("divided by the batch", CONV, "W", "factor", W=lambda d, i, g: g.W / 2),
    wrong(
        "stride 1 for the weights",
        CONV,
        "W",
        W=lambda d, i, g: conv(1, 1)[1](np.pad(d, [(0, 0), (0, 0), (0, 3), (0, 2)]), i.x, i.W, i.b)[
            "W"
        ],
    ),
    wrong(
        "the padding is forgotten for the weights",
        CONV,
        "W",
        W=lambda d, i, g: conv(2, 0)[1](d[:, :, :2, :2], i.x, i.W, i.b)["W"],
    ),
    wrong(
        "the channels are exchanged", DENSE, "W", "transposed", W=lambda d, i, g: g.W.swapaxes(0, 1)
    ),
    wrong(
        "rows and columns are exchanged",
        DENSE,
        "W",
        "transposed",
        W=lambda d, i, g: g.W.swapaxes(2, 3),
    ),
    wrong(
        "the channels of the kernel are exchanged for x",
        DENSE,
        "x",
        x=lambda d, i, g: conv(1, 0)[1](d, i.x, i.W.swapaxes(0, 1), i.b)["x"],
    ),
    wrong(
        "windows are assigned",
        DENSE,
        "x",
        "overwritten",
        x=lambda d, i, g: assigned_conv(d, i, 1, 0),
    ),
    wrong(
        "the last row is forgotten",
        DENSE,
        "x",
        "edges",
        x=lambda d, i, g: np.concatenate([g.x[:, :, :-1], 0 * g.x[:, :, -1:]], 2),
    ),
    wrong(
        "one entry of the kernel",
        DENSE,
        "W",
        "one-entry",
        W=lambda d, i, g: poked(g.W, (2, 0, 1, 1), 0.003),
    ),
    wrong(
        "the kernel is flipped for x",
        CONV1D,
        "x",
        x=lambda d, i, g: conv1d_back(d, i.x, i.W[:, :, ::-1], i.b)["x"],
    ),
    wrong(
        "the weights come out flipped",
        CONV1D,
        "W",
        "flipped",
        W=lambda d, i, g: g.W[:, :, ::-1].copy(),
    ),
    wrong("windows are assigned", CONV1D, "x", "overwritten", x=lambda d, i, g: assigned1d(d, i)),
    wrong(
        "the last window is forgotten",
        CONV1D,
        "W",
        W=lambda d, i, g: conv1d_back(d[:, :, :-1], i.x[:, :, :-1], i.W, i.b)["W"],
    ),
    wrong(
        "the bias is not summed over time", CONV1D, "b", "missing-sum", b=lambda d, i, g: d.sum(0)
    ),
]
