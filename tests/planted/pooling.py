"""Pooling: windows that overlap and strides that do not divide."""

import numpy as np
from planted.catalogue import Layer, normal, only, without, wrong
from planted.windows import counts, ring, spots


def pool(size, stride, share, reduce):
    """Pooling whose gradient for a window is its `share`."""

    def forward(x):
        y = np.empty((*x.shape[:2], *counts(x.shape[2:], size, stride)))
        for r, c, rows, columns in spots(x.shape[2:], size, stride):
            y[:, :, r, c] = reduce(x[:, :, rows, columns], axis=(2, 3))
        return y

    def backward(d, x):
        return {"x": spread(d, x, size, stride, share)}

    return forward, backward


def spread(d, x, size, stride, share, add=True):
    dx = np.zeros_like(x)
    for r, c, rows, columns in spots(x.shape[2:], size, stride):
        part = share(x[:, :, rows, columns]) * d[:, :, r, c][:, :, None, None]
        dx[:, :, rows, columns] = part + (dx[:, :, rows, columns] if add else 0)
    return dx


def largest(window):
    return window == window.max((2, 3), keepdims=True)


def evenly(window):
    return np.full(window.shape, 1 / (window.shape[2] * window.shape[3]))


def at_first(window):
    return only(np.ones(window.shape), (slice(None), slice(None), 0, 0))


def upsampled_back(d, x):
    return {"x": d[:, ::2] + d[:, 1::2]}


def shuffled(rng, shape=(2, 3, 5, 7)):
    """Pairwise different entries, none closer than 0.02, so that no maximum is a tie."""
    return {"x": (rng.permutation(np.prod(shape)) * 0.02).reshape(shape)}


MAX = Layer("max pooling", *pool(3, 2, largest, np.max), shuffled)

MEAN = Layer("average pooling", *pool(3, 2, evenly, np.mean), normal(x=(2, 3, 5, 7)))

GLOBAL = Layer(
    "global average pooling",
    lambda x: x.mean((2, 3)),
    lambda d, x: {"x": d[:, :, None, None] / np.prod(x.shape[2:]) + 0 * x},
    normal(x=(2, 3, 4, 5)),
)

DOUBLED = Layer("upsampling", lambda x: np.repeat(x, 2, axis=1), upsampled_back, normal(x=(3, 4)))


def inside(d, x):
    """Windows at the far border are left out."""
    return spread(without(d, (..., -1, slice(None))), x, 3, 2, largest)


LAYERS = [MAX, MEAN, GLOBAL, DOUBLED]

WRONG = [
    wrong(
        "windows are assigned",
        MAX,
        "x",
        "overwritten",
        x=lambda d, i, g: spread(d, i.x, 3, 2, largest, add=False),
    ),
    wrong(
        "the whole window gets it", MAX, "x", x=lambda d, i, g: spread(d, i.x, 3, 2, np.ones_like)
    ),
    wrong("shared evenly", MAX, "x", x=lambda d, i, g: spread(d, i.x, 3, 2, evenly)),
    wrong(
        "the last row of windows is forgotten", MAX, "x", "edges", x=lambda d, i, g: inside(d, i.x)
    ),
    wrong(
        "the first entry of the window", MAX, "x", x=lambda d, i, g: spread(d, i.x, 3, 2, at_first)
    ),
    wrong(
        "stride 1",
        MAX,
        "x",
        x=lambda d, i, g: spread(np.pad(d, [(0, 0), (0, 0), (0, 1), (0, 2)]), i.x, 3, 1, largest),
    ),
    wrong("the maximum's value comes with it", MAX, "x", x=lambda d, i, g: g.x * i.x),
    wrong("1/k² is forgotten", MEAN, "x", "factor", x=lambda d, i, g: 9 * g.x),
    wrong("1/k for 1/k²", MEAN, "x", "factor", x=lambda d, i, g: 3 * g.x),
    wrong(
        "windows are assigned",
        MEAN,
        "x",
        "overwritten",
        x=lambda d, i, g: spread(d, i.x, 3, 2, evenly, add=False),
    ),
    wrong("nothing at the border", MEAN, "x", "edges", x=lambda d, i, g: ring(g.x)),
    wrong("1/(HW) is forgotten", GLOBAL, "x", "factor", x=lambda d, i, g: 20 * g.x),
    wrong(
        "the channels are averaged",
        GLOBAL,
        "x",
        "extra-sum",
        x=lambda d, i, g: g.x.mean(1, keepdims=True) + 0 * g.x,
    ),
    wrong(
        "only every second one",
        DOUBLED,
        "x",
        "missing-path overwritten",
        x=lambda d, i, g: d[:, ::2] + 0,
    ),
    wrong("averaged", DOUBLED, "x", "factor", x=lambda d, i, g: g.x / 2),
]
