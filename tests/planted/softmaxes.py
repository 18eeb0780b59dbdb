"""Softmax and its relatives, attention, and losses over probabilities."""

import numpy as np
from planted.catalogue import Layer, normal, only, wrong


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def through_softmax(d, p):
    return p * (d - (d * p).sum(-1, keepdims=True))


def logsumexp(x):
    top = x.max(-1, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(-1, keepdims=True)))[..., 0]


def tempered_back(d, x):
    return {"x": through_softmax(d, softmax(x / 2.5)) / 2.5}


def attention(Q, K, V):
    return softmax(Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[-1])) @ V


def attention_back(d, Q, K, V):
    P = softmax(Q @ K.swapaxes(1, 2) / np.sqrt(Q.shape[-1]))
    dS = through_softmax(d @ V.swapaxes(1, 2), P) / np.sqrt(Q.shape[-1])
    return {"Q": dS @ K, "K": dS.swapaxes(1, 2) @ Q, "V": P.swapaxes(1, 2) @ d}


def scores(i):
    return softmax(i.Q @ i.K.swapaxes(1, 2) / np.sqrt(i.Q.shape[-1]))


def lengths(a, b):
    return np.linalg.norm(a, axis=1, keepdims=True), np.linalg.norm(b, axis=1, keepdims=True)


def cosine(a, b):
    la, lb = lengths(a, b)
    return ((a * b) / (la * lb)).sum(1)


def cosine_back(d, a, b):
    la, lb = lengths(a, b)
    c = cosine(a, b)[:, None]
    d = d[:, None]
    return {"a": d * (b / (la * lb) - c * a / la**2), "b": d * (a / (la * lb) - c * b / lb**2)}


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def unit_back(d, x):
    y = unit(x)
    return {"x": (d - y * (d * y).sum(1, keepdims=True)) / np.linalg.norm(x, axis=1, keepdims=True)}


SOFTMAX = Layer(
    "softmax", softmax, lambda d, x: {"x": through_softmax(d, softmax(x))}, normal(x=(5, 4))
)
TEMPERED = Layer(
    "softmax with temperature", lambda x: softmax(x / 2.5), tempered_back, normal(x=(4, 6))
)
LOG_SOFTMAX = Layer(
    "log-softmax",
    lambda x: x - logsumexp(x)[..., None],
    lambda d, x: {"x": d - softmax(x) * d.sum(-1, keepdims=True)},
    normal(x=(4, 5)),
)
LOGSUMEXP = Layer(
    "log-sum-exp", logsumexp, lambda d, x: {"x": d[..., None] * softmax(x)}, normal(x=(4, 5))
)
ATTENTION = Layer(
    "attention", attention, attention_back, normal(Q=(2, 3, 4), K=(2, 5, 4), V=(2, 5, 6))
)
SELF = ATTENTION.at(normal(Q=(2, 3, 3), K=(2, 3, 3), V=(2, 3, 3)), "attention with equal sizes")
COSINE = Layer("cosine similarity", cosine, cosine_back, normal(a=(4, 3), b=(4, 3)))
UNIT = Layer("unit length", unit, unit_back, normal(x=(4, 3)))

LAYERS = [SOFTMAX, TEMPERED, LOG_SOFTMAX, LOGSUMEXP, ATTENTION, SELF, COSINE, UNIT]

WRONG = [
    wrong(
        "only the diagonal",
        SOFTMAX,
        "x",
        "diagonal",
        x=lambda d, i, g: d * softmax(i.x) * (1 - softmax(i.x)),
    ),
    wrong("the sum is forgotten", SOFTMAX, "x", x=lambda d, i, g: d * softmax(i.x)),
    wrong("the cotangent passes", SOFTMAX, "x", "missing-activation", x=lambda d, i, g: d + 0),
    wrong(
        "the sum runs over the batch",
        SOFTMAX,
        "x",
        x=lambda d, i, g: softmax(i.x) * (d - (d * softmax(i.x)).sum(0)),
    ),
    wrong(
        "the sum runs over everything",
        SOFTMAX,
        "x",
        x=lambda d, i, g: softmax(i.x) * (d - (d * softmax(i.x)).sum()),
    ),
    wrong(
        "the mean for the sum",
        SOFTMAX,
        "x",
        x=lambda d, i, g: softmax(i.x) * (d - (d * softmax(i.x)).mean(1, keepdims=True)),
    ),
    wrong("divided by the batch", SOFTMAX, "x", "factor", x=lambda d, i, g: g.x / 5),
    wrong("only the last sample", SOFTMAX, "x", "last-sample", x=lambda d, i, g: only(g.x, -1)),
    wrong(
        "all get the first sample's",
        SOFTMAX,
        "x",
        "first-sample",
        x=lambda d, i, g: g.x[:1] + 0 * g.x,
    ),
    wrong(
        "the Jacobian of the inputs",
        SOFTMAX,
        "x",
        "wrong-variable",
        x=lambda d, i, g: through_softmax(d, i.x),
    ),
    wrong("zero", SOFTMAX, "x", "zero", x=lambda d, i, g: 0 * g.x),
    wrong("the target's formula", SOFTMAX, "x", "nonlinear", x=lambda d, i, g: softmax(i.x) - d),
    wrong("the temperature is forgotten", TEMPERED, "x", "factor", x=lambda d, i, g: 2.5 * g.x),
    wrong("multiplied by the temperature", TEMPERED, "x", "factor", x=lambda d, i, g: 2.5**2 * g.x),
    wrong(
        "the temperature is missing inside",
        TEMPERED,
        "x",
        x=lambda d, i, g: through_softmax(d, softmax(i.x)) / 2.5,
    ),
    wrong(
        "only the diagonal", LOG_SOFTMAX, "x", "diagonal", x=lambda d, i, g: d * (1 - softmax(i.x))
    ),
    wrong(
        "the sum of the cotangent is taken to be 1",
        LOG_SOFTMAX,
        "x",
        "nonlinear",
        x=lambda d, i, g: d - softmax(i.x),
    ),
    wrong(
        "the normaliser is a constant", LOG_SOFTMAX, "x", "missing-path", x=lambda d, i, g: d + 0
    ),
    wrong(
        "the cotangent is summed over everything",
        LOG_SOFTMAX,
        "x",
        x=lambda d, i, g: d - softmax(i.x) * d.sum(),
    ),
    wrong(
        "the cotangent is averaged",
        LOG_SOFTMAX,
        "x",
        x=lambda d, i, g: d - softmax(i.x) * d.mean(1, keepdims=True),
    ),
    wrong("every entry gets all", LOGSUMEXP, "x", x=lambda d, i, g: d[:, None] + 0 * i.x),
    wrong(
        "softmax over the batch", LOGSUMEXP, "x", x=lambda d, i, g: d[:, None] * softmax(i.x.T).T
    ),
    wrong(
        "only the largest entry",
        LOGSUMEXP,
        "x",
        x=lambda d, i, g: d[:, None] * (i.x == i.x.max(1, keepdims=True)),
    ),
    wrong(
        "the cotangent is forgotten",
        LOGSUMEXP,
        "x",
        "ignores-cotangent",
        x=lambda d, i, g: softmax(i.x),
    ),
    wrong(
        "the scale is forgotten",
        ATTENTION,
        "Q K",
        "factor",
        Q=lambda d, i, g: 2 * g.Q,
        K=lambda d, i, g: 2 * g.K,
    ),
    wrong("the scale is forgotten for K", ATTENTION, "K", "factor", K=lambda d, i, g: 2 * g.K),
    wrong(
        "softmax is not differentiated",
        ATTENTION,
        "Q",
        Q=lambda d, i, g: d @ i.V.swapaxes(1, 2) @ i.K / 2,
    ),
    wrong(
        "softmax by its diagonal",
        ATTENTION,
        "K",
        K=lambda d, i, g: (
            (d @ i.V.swapaxes(1, 2) * scores(i) * (1 - scores(i)) / 2).swapaxes(1, 2) @ i.Q
        ),
    ),
    wrong(
        "the gradients of Q and K are exchanged",
        SELF,
        "Q K",
        "swapped",
        Q=lambda d, i, g: g.K,
        K=lambda d, i, g: g.Q,
    ),
    wrong("the scores are not transposed", SELF, "V", V=lambda d, i, g: scores(i) @ d),
    wrong(
        "the scores before softmax",
        SELF,
        "V",
        V=lambda d, i, g: (i.Q @ i.K.swapaxes(1, 2)).swapaxes(1, 2) @ d,
    ),
    wrong("V is transposed", SELF, "V", "transposed", V=lambda d, i, g: g.V.swapaxes(1, 2)),
    wrong(
        "V is shared by the batch", SELF, "V", "extra-sum", V=lambda d, i, g: g.V.sum(0) + 0 * g.V
    ),
    wrong("K of the last sentence only", SELF, "K", "last-sample", K=lambda d, i, g: only(g.K, -1)),
    wrong(
        "the lengths are constants",
        COSINE,
        "a",
        "missing-path",
        a=lambda d, i, g: d[:, None] * i.b / np.prod(lengths(i.a, i.b), axis=0),
    ),
    wrong(
        "a and b are exchanged",
        COSINE,
        "a b",
        "swapped",
        a=lambda d, i, g: g.b,
        b=lambda d, i, g: g.a,
    ),
    wrong(
        "the length is a constant",
        UNIT,
        "x",
        "missing-path",
        x=lambda d, i, g: d / np.linalg.norm(i.x, axis=1, keepdims=True),
    ),
    wrong(
        "the length is not divided by",
        UNIT,
        "x",
        x=lambda d, i, g: g.x * np.linalg.norm(i.x, axis=1, keepdims=True),
    ),
]
