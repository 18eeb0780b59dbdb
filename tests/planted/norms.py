"""Normalisations: the statistics depend on the inputs too."""

import numpy as np
from planted.catalogue import Layer, normal, wrong

EPS = 1e-5


def normalise(axes, centred=True):
    """Forward and backward of a normalisation over `axes`, with a scale and a shift per feature."""

    def parts(x, gamma):
        mean = x.mean(axes, keepdims=True) if centred else 0.0
        inverse = 1 / np.sqrt(((x - mean) ** 2).mean(axes, keepdims=True) + EPS)
        return (x - mean) * inverse, inverse

    def summed(d, gamma):
        kept = tuple(a for a in range(d.ndim) if gamma.shape == d.shape[-1:] and a < d.ndim - 1)
        return d.sum(kept or (0, 2, 3)).reshape(gamma.shape)

    def forward(x, gamma, beta):
        return parts(x, gamma)[0] * gamma + beta

    def backward(d, x, gamma, beta):
        xhat, inverse = parts(x, gamma)
        g = d * gamma
        centre = g.mean(axes, keepdims=True) if centred else 0.0
        dx = inverse * (g - centre - xhat * (g * xhat).mean(axes, keepdims=True))
        return {"x": dx, "gamma": summed(d * xhat, gamma), "beta": summed(d, gamma)}

    return forward, backward


def statistics(x, axes=0):
    inverse = 1 / np.sqrt(x.var(axes, keepdims=True) + EPS)
    return (x - x.mean(axes, keepdims=True)) * inverse, inverse


BATCH = Layer("batch norm", *normalise(0), normal(x=(6, 4), gamma=(4,), beta=(4,)))
CHANNELS = Layer(
    "batch norm of images",
    *normalise((0, 2, 3)),
    normal(x=(2, 3, 4, 5), gamma=(1, 3, 1, 1), beta=(1, 3, 1, 1)),
)
LAYER = Layer("layer norm", *normalise(-1), normal(x=(4, 6), gamma=(6,), beta=(6,)))
EQUAL = LAYER.at(normal(x=(5, 5), gamma=(5,), beta=(5,)), "layer norm with equal sizes")
ROOT = Layer("rms norm", *normalise(-1, centred=False), normal(x=(4, 6), gamma=(6,), beta=(6,)))

LAYERS = [BATCH, CHANNELS, LAYER, EQUAL, ROOT]


def dx(axes, mean=1.0, variance=1.0, power=1, count=None, scaled=True):
    """The gradient of x with its terms weighted: 1 each is right."""

    def changed(d, i, g):
        xhat, inverse = statistics(i.x, axes)
        down = d * i.gamma if scaled else d
        by = 1.0 if count is None else np.prod([i.x.shape[a] for a in axes]) / count(i.x)
        centre = by * mean * down.mean(axes, keepdims=True)
        spread = by * variance * xhat * (down * xhat).mean(axes, keepdims=True)
        return inverse**power * (down - centre - spread)

    return changed


def rms_dx(term, axis=1):
    def changed(d, i, g):
        inverse = 1 / np.sqrt((i.x**2).mean(1, keepdims=True) + EPS)
        xhat, down = i.x * inverse, d * i.gamma
        return inverse * (down - term * xhat * (down * xhat).mean(axis, keepdims=True))

    return changed


WRONG = [
    wrong("the statistics are constants", BATCH, "x", "missing-path", x=dx((0,), 0, 0)),
    wrong("the mean is a constant", BATCH, "x", "missing-path", x=dx((0,), 0, 1)),
    wrong("the variance is a constant", BATCH, "x", "missing-path", x=dx((0,), 1, 0)),
    wrong("the variance's term has the other sign", BATCH, "x", x=dx((0,), 1, -1)),
    wrong("N - 1 for N", BATCH, "x", x=dx((0,), 1, 6 / 5)),
    wrong("divided by the variance", BATCH, "x", x=dx((0,), power=2)),
    wrong("gamma is forgotten", BATCH, "x", x=dx((0,), scaled=False)),
    wrong("the statistics of the features", BATCH, "x", x=dx((1,))),
    wrong(
        "epsilon is forgotten",
        BATCH,
        "x",
        "approximate",
        x=lambda d, i, g: g.x * np.sqrt(1 + EPS / i.x.var(0)),
    ),
    wrong(
        "gamma and beta are exchanged",
        BATCH,
        "gamma beta",
        "swapped",
        gamma=lambda d, i, g: g.beta,
        beta=lambda d, i, g: g.gamma,
    ),
    wrong("x for its normalised value", BATCH, "gamma", gamma=lambda d, i, g: (d * i.x).sum(0)),
    wrong(
        "x without its mean", BATCH, "gamma", gamma=lambda d, i, g: (d * (i.x - i.x.mean(0))).sum(0)
    ),
    wrong("gamma is averaged", BATCH, "gamma", "factor", gamma=lambda d, i, g: g.gamma / 6),
    wrong(
        "gamma keeps the batch axis",
        BATCH,
        "gamma",
        "kept-axis",
        gamma=lambda d, i, g: g.gamma[None],
    ),
    wrong("beta is not summed", BATCH, "beta", "missing-sum", beta=lambda d, i, g: d + 0),
    wrong("the whole is averaged", BATCH, "x", "factor", x=lambda d, i, g: g.x / 6),
    wrong(
        "gamma is summed over the batch only",
        CHANNELS,
        "gamma",
        "missing-sum",
        gamma=lambda d, i, g: (d * statistics(i.x, (0, 2, 3))[0]).sum(0, keepdims=True),
    ),
    wrong("means over the batch only", CHANNELS, "x", x=dx((0, 2, 3), count=lambda x: len(x))),
    wrong("beta has no unit axes", CHANNELS, "beta", "shape", beta=lambda d, i, g: g.beta.ravel()),
    wrong("the statistics are constants", CHANNELS, "x", "missing-path", x=dx((0, 2, 3), 0, 0)),
    wrong("statistics of each image", CHANNELS, "x", x=dx((2, 3))),
    wrong("the statistics are constants", LAYER, "x", "missing-path", x=dx((1,), 0, 0)),
    wrong("the mean is a constant", LAYER, "x", "missing-path", x=dx((1,), 0, 1)),
    wrong("the variance is a constant", LAYER, "x", "missing-path", x=dx((1,), 1, 0)),
    wrong("the statistics of the batch", LAYER, "x", x=dx((0,))),
    wrong("gamma is forgotten", LAYER, "x", x=dx((1,), scaled=False)),
    wrong("added before it is normalised", LAYER, "x", x=lambda d, i, g: g.x + d),
    wrong(
        "gamma is summed over the features",
        EQUAL,
        "gamma",
        gamma=lambda d, i, g: (d * statistics(i.x, 1)[0]).sum(1),
    ),
    wrong("beta is summed over the features", EQUAL, "beta", beta=lambda d, i, g: d.sum(1)),
    wrong(
        "gamma multiplies samples",
        EQUAL,
        "x",
        x=lambda d, i, g: normalise(-1)[1](d * i.gamma[:, None] / i.gamma, **vars(i))["x"],
    ),
    wrong("the mean square is a constant", ROOT, "x", "missing-path", x=rms_dx(0)),
    wrong("the mean square counts twice", ROOT, "x", x=rms_dx(2)),
    wrong("the mean runs over the batch", ROOT, "x", x=rms_dx(1, 0)),
    wrong("the sum for the mean", ROOT, "x", x=rms_dx(6)),
    wrong("beta gets gamma's sign", ROOT, "beta", "sign", beta=lambda d, i, g: -g.beta),
]
