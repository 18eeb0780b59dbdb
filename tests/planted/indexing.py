"""What goes where: gather and scatter, embedding, running sums, pairs of rows."""

import numpy as np
from planted.catalogue import Layer, normal, only, wrong


def cumulative_back(d, x):
    return {"x": np.cumsum(d[::-1], 0)[::-1].copy()}


def gather_back(d, x, index):
    dx = np.zeros_like(x)
    np.add.at(dx, index, d)
    return {"x": dx}


def scatter(x, index):
    y = np.zeros((6, x.shape[1]))
    np.add.at(y, index, x)
    return y


def embedding_back(d, W, tokens):
    dW = np.zeros_like(W)
    np.add.at(dW, tokens, d)
    return {"W": dW}


def distances(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(-1)


def distances_back(d, a, b):
    difference = 2 * d[..., None] * (a[:, None] - b[None])
    return {"a": difference.sum(1), "b": -difference.sum(0)}


def assigned(shape, index, d):
    """What `=` makes of repeated indices: the last one wins."""
    array = np.zeros(shape)
    array[index] = d
    return array


INDEX = np.array([3, 1, 1, 0, 3, 3, 2])

TOKENS = np.array([[2, 5, 2], [0, 5, 6]])

CUMULATIVE = Layer("cumulative sum", lambda x: np.cumsum(x, 0), cumulative_back, normal(x=(6, 3)))

GATHER = Layer(
    "gather",
    lambda x, index: x[index],
    gather_back,
    lambda rng: {"x": rng.standard_normal((5, 3)), "index": INDEX},
)

SCATTER = Layer(
    "scatter",
    scatter,
    lambda d, x, index: {"x": d[index]},
    lambda rng: {"x": rng.standard_normal((7, 3)), "index": INDEX},
)

EMBEDDING = Layer(
    "embedding",
    lambda W, tokens: W[tokens],
    embedding_back,
    lambda rng: {"W": rng.standard_normal((7, 4)), "tokens": TOKENS},
)

DISTANCES = Layer("squared distances", distances, distances_back, normal(a=(4, 3), b=(5, 3)))

LAYERS = [CUMULATIVE, GATHER, SCATTER, EMBEDDING, DISTANCES]

WRONG = [
    wrong("the sum runs forwards", CUMULATIVE, "x", x=lambda d, i, g: np.cumsum(d, 0)),
    wrong(
        "the result is not turned back",
        CUMULATIVE,
        "x",
        "time-reversed",
        x=lambda d, i, g: g.x[::-1].copy(),
    ),
    wrong(
        "each entry counts for itself only",
        CUMULATIVE,
        "x",
        "diagonal recurrent-path",
        x=lambda d, i, g: d.copy(),
    ),
    wrong(
        "repeated rows are assigned",
        GATHER,
        "x",
        "overwritten",
        x=lambda d, i, g: assigned((5, 3), i.index, d),
    ),
    wrong(
        "a row nobody reads gets one", GATHER, "x", x=lambda d, i, g: g.x + only(np.ones((5, 3)), 4)
    ),
    wrong("the indices are forgotten", SCATTER, "x", x=lambda d, i, g: np.vstack([d, d[:1]])),
    wrong(
        "repeated tokens are assigned",
        EMBEDDING,
        "W",
        "overwritten",
        W=lambda d, i, g: assigned((7, 4), i.tokens, d),
    ),
    wrong(
        "token 0 is taken for padding",
        EMBEDDING,
        "W",
        W=lambda d, i, g: np.vstack([0 * g.W[:1], g.W[1:]]),
    ),
    wrong(
        "averaged over equal tokens",
        EMBEDDING,
        "W",
        W=lambda d, i, g: g.W / np.maximum(np.bincount(i.tokens.ravel(), minlength=7), 1)[:, None],
    ),
    wrong(
        "only the first sentence",
        EMBEDDING,
        "W",
        "first-sample",
        W=lambda d, i, g: embedding_back(d[:1], i.W, i.tokens[:1])["W"],
    ),
    wrong("the factor 2 is missing", DISTANCES, "a", "factor", a=lambda d, i, g: g.a / 2),
    wrong("b has the sign of a", DISTANCES, "b", "sign", b=lambda d, i, g: -g.b),
]
