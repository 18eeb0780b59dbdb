"""Losses: of logits, of probabilities and of differences; means of a batch, or one each."""

import numpy as np
from planted.catalogue import Layer, normal, only, poked, wrong
from planted.softmaxes import logsumexp, softmax

LABELS = np.array([2, 0, 3, 2, 1])
SIGNS = np.array([1.0, -1, -1, 1, 1, -1])
DELTA = 0.8


def hot(labels, x):
    return np.eye(x.shape[1])[labels]


def entropy(x, labels):
    return (logsumexp(x) - x[np.arange(len(x)), labels]).mean()


def entropy_back(d, x, labels):
    return {"x": d * (softmax(x) - hot(labels, x)) / len(x)}


def weighted(x, labels, weights):
    return weights[labels] * (logsumexp(x) - x[np.arange(len(x)), labels])


def weighted_back(d, x, labels, weights):
    losses = logsumexp(x) - x[np.arange(len(x)), labels]
    dx = (d * weights[labels])[:, None] * (softmax(x) - hot(labels, x))
    return {"x": dx, "weights": hot(labels, x).T @ (d * losses)}


def likelihood_back(d, p, t):
    return {"p": -d * t / p / len(p), "t": -d * np.log(p) / len(p)}


def binary(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean()


def binary_back(d, p, t):
    return {"p": d * (p - t) / (p * (1 - p)) / p.size}


def squares_back(d, x, t):
    return {"x": d * 2 * (x - t) / x.size, "t": -d * 2 * (x - t) / x.size}


def huber(x, t):
    r = np.abs(x - t)
    return np.where(r < DELTA, r**2 / 2, DELTA * (r - DELTA / 2)).sum()


def hinge(s, y):
    return np.maximum(0, 1 - y * s).mean()


def margins(x, labels):
    m = np.maximum(0, x - x[np.arange(len(x)), labels][:, None] + 1)
    return np.where(hot(labels, x) > 0, 0, m)


def svm_back(d, x, labels):
    counts = (margins(x, labels) > 0) * 1.0
    return {"x": d * (counts - hot(labels, x) * counts.sum(1, keepdims=True)) / len(x)}


def logits_draw(rng):
    return {"x": rng.standard_normal((5, 4)), "labels": LABELS}


def probabilities(rng):
    return {"p": softmax(rng.standard_normal((5, 4))), "t": softmax(rng.standard_normal((5, 4)))}


def binary_draw(rng):
    return {"p": 0.05 + 0.9 * rng.random(6), "t": np.array([0, 1, 1, 0, 1, 0])}


def far_from_kinks(rng):
    """Differences of both signs on both sides of delta, and none close to 0 or to delta."""
    t = rng.standard_normal((5, 3))
    r = np.linspace(0.2, 2.0, 15).reshape(5, 3) + 0.02
    return {"x": t + r * rng.choice([-1, 1], (5, 3)), "t": t}


def scores_draw(rng):
    return {
        "s": SIGNS * np.array([-0.5, 0.3, 1.6, 2.2, 0.6, -0.2]) + 0.1 * rng.random(6),
        "y": SIGNS,
    }


def svm_draw(rng):
    x = np.array([[3, 1, 2, 0], [1.5, 4, 2, 1], [0, 1, 2, 3.4], [1, 0, 0.3, 2], [2, 1.4, 0, 1]])
    return {"x": x + 0.1 * rng.random((5, 4)), "labels": LABELS}


def divergence_back(d, p, q):
    return {"p": d * (np.log(p / q) + 1), "q": -d * p / q}


ENTROPY = Layer("cross-entropy", entropy, entropy_back, logits_draw)
WEIGHTED = Layer(
    "weighted cross-entropy",
    weighted,
    weighted_back,
    lambda rng: {**logits_draw(rng), "weights": 0.5 + rng.random(4)},
)
LIKELIHOOD = Layer(
    "cross-entropy of probabilities",
    lambda p, t: -(t * np.log(p)).sum() / len(p),
    likelihood_back,
    probabilities,
)
BINARY = Layer("binary cross-entropy", binary, binary_back, binary_draw)
SQUARES = Layer(
    "mean squares", lambda x, t: ((x - t) ** 2).mean(), squares_back, normal(x=(5, 3), t=(5, 3))
)
ABSOLUTE = Layer(
    "mean absolute error",
    lambda x, t: np.abs(x - t).mean(),
    lambda d, x, t: {"x": d * np.sign(x - t) / x.size, "t": -d * np.sign(x - t) / x.size},
    far_from_kinks,
)
HUBER = Layer(
    "huber",
    huber,
    lambda d, x, t: {
        "x": d * np.clip(x - t, -DELTA, DELTA),
        "t": d * np.clip(t - x, -DELTA, DELTA),
    },
    far_from_kinks,
)
HINGE = Layer(
    "hinge", hinge, lambda d, s, y: {"s": -d * y * (y * s < 1) / s.size}, scores_draw, ("s",)
)
SVM = Layer(
    "multi-class hinge", lambda x, labels: margins(x, labels).sum() / len(x), svm_back, svm_draw
)
DIVERGENCE = Layer(
    "divergence",
    lambda p, q: (p * np.log(p / q)).sum(),
    divergence_back,
    lambda rng: {"p": 0.1 + rng.random(5), "q": 0.1 + rng.random(5)},
)

LAYERS = [
    *(ENTROPY, WEIGHTED, LIKELIHOOD, BINARY, SQUARES, ABSOLUTE, HUBER, HINGE, SVM, DIVERGENCE),
]

WRONG = [
    wrong("1/N is missing", ENTROPY, "x", "factor", x=lambda d, i, g: 5 * g.x),
    wrong("1/N twice", ENTROPY, "x", "factor", x=lambda d, i, g: g.x / 5),
    wrong("divided by the classes", ENTROPY, "x", "factor", x=lambda d, i, g: g.x * 5 / 4),
    wrong("the target is not subtracted", ENTROPY, "x", x=lambda d, i, g: d * softmax(i.x) / 5),
    wrong("target minus prediction", ENTROPY, "x", "sign", x=lambda d, i, g: -g.x),
    wrong(
        "the cotangent is ignored",
        ENTROPY,
        "x",
        "ignores-cotangent",
        x=lambda d, i, g: (softmax(i.x) - hot(i.labels, i.x)) / 5,
    ),
    wrong("1 is subtracted everywhere", ENTROPY, "x", x=lambda d, i, g: d * (softmax(i.x) - 1) / 5),
    wrong("only the first sample", ENTROPY, "x", "first-sample", x=lambda d, i, g: only(g.x, 0)),
    wrong(
        "all labels are the last one",
        ENTROPY,
        "x",
        x=lambda d, i, g: d * (softmax(i.x) - hot(i.labels * 0 + 1, i.x)) / 5,
    ),
    wrong(
        "through softmax once more",
        ENTROPY,
        "x",
        x=lambda d, i, g: softmax(i.x) * (g.x - (g.x * softmax(i.x)).sum(1, keepdims=True)),
    ),
    wrong("the label's entry only", ENTROPY, "x", x=lambda d, i, g: g.x * hot(i.labels, i.x)),
    wrong(
        "the class weights are forgotten",
        WEIGHTED,
        "x",
        x=lambda d, i, g: d[:, None] * (softmax(i.x) - hot(i.labels, i.x)),
    ),
    wrong(
        "only the last sample of a class counts",
        WEIGHTED,
        "weights",
        "overwritten",
        weights=lambda d, i, g: (
            g.weights
            - hot(i.labels, i.x)[0] * (d * (logsumexp(i.x) - i.x[np.arange(5), i.labels]))[0]
        ),
    ),
    wrong(
        "the sum of the cotangents",
        WEIGHTED,
        "x",
        "extra-sum factor",
        x=lambda d, i, g: weighted_back(d.sum() + 0 * d, **vars(i))["x"],
    ),
    wrong("the formula of logits", LIKELIHOOD, "p", p=lambda d, i, g: d * (i.p - i.t) / 5),
    wrong("the sign", LIKELIHOOD, "p", "sign", p=lambda d, i, g: -g.p),
    wrong("the target is 1 everywhere", LIKELIHOOD, "p", p=lambda d, i, g: -d / i.p / 5),
    wrong("1/N is missing for the target", LIKELIHOOD, "t", "factor", t=lambda d, i, g: 5 * g.t),
    wrong(
        "small ones are clipped",
        LIKELIHOOD,
        "p",
        p=lambda d, i, g: -d * i.t / np.maximum(i.p, np.sort(i.p.ravel())[2]) / 5,
    ),
    wrong("p (1 - p) is forgotten", BINARY, "p", p=lambda d, i, g: d * (i.p - i.t) / 6),
    wrong("only the positive ones", BINARY, "p", p=lambda d, i, g: -d * i.t / i.p / 6),
    wrong(
        "an epsilon below the line",
        BINARY,
        "p",
        "approximate",
        p=lambda d, i, g: d * (i.p - i.t) / (i.p * (1 - i.p) + 1e-6) / 6,
    ),
    wrong("1/N is missing", BINARY, "p", "factor", p=lambda d, i, g: 6 * g.p),
    wrong(
        "the 2 is missing",
        SQUARES,
        "x t",
        "factor",
        x=lambda d, i, g: g.x / 2,
        t=lambda d, i, g: g.t / 2,
    ),
    wrong("divided by the samples only", SQUARES, "x", "factor", x=lambda d, i, g: 3 * g.x),
    wrong("the target's has the same sign", SQUARES, "t", "sign", t=lambda d, i, g: -g.t),
    wrong("t - x", SQUARES, "x", "sign", x=lambda d, i, g: -g.x),
    wrong("the loss itself", SQUARES, "x", x=lambda d, i, g: d * (i.x - i.t) ** 2 / 15),
    wrong(
        "one entry is off by a fiftieth",
        SQUARES,
        "x",
        "one-entry",
        x=lambda d, i, g: poked(g.x, (2, 1), 0.02),
    ),
    wrong("the sign", ABSOLUTE, "x", "sign", x=lambda d, i, g: -g.x),
    wrong("1 for both sides", ABSOLUTE, "x", x=lambda d, i, g: d / 15 + 0 * i.x),
    wrong("the difference for its sign", ABSOLUTE, "x", x=lambda d, i, g: d * (i.x - i.t) / 15),
    wrong("divided by the samples only", ABSOLUTE, "t", "factor", t=lambda d, i, g: 3 * g.t),
    wrong("the difference beyond delta", HUBER, "x", x=lambda d, i, g: d * (i.x - i.t)),
    wrong(
        "1 for delta beyond it",
        HUBER,
        "x",
        x=lambda d, i, g: np.where(np.abs(i.x - i.t) < DELTA, g.x, d * np.sign(i.x - i.t)),
    ),
    wrong(
        "delta without the sign",
        HUBER,
        "x",
        x=lambda d, i, g: np.where(i.x - i.t < -DELTA, -g.x, g.x),
    ),
    wrong("met margins count", HINGE, "s", s=lambda d, i, g: -d * i.y / 6),
    wrong("the label is forgotten", HINGE, "s", s=lambda d, i, g: -d * (i.y * i.s < 1) / 6),
    wrong("1/N is missing", HINGE, "s", "factor", s=lambda d, i, g: 6 * g.s),
    wrong(
        "the right class gets nothing", SVM, "x", x=lambda d, i, g: g.x * (1 - hot(i.labels, i.x))
    ),
    wrong(
        "the right class counts once",
        SVM,
        "x",
        x=lambda d, i, g: np.maximum(g.x, -d / 5) if d > 0 else np.minimum(g.x, -d / 5),
    ),
    wrong("the 1 is forgotten", DIVERGENCE, "p", p=lambda d, i, g: d * np.log(i.p / i.q)),
    wrong(
        "p and q are exchanged",
        DIVERGENCE,
        "p q",
        "swapped",
        p=lambda d, i, g: g.q,
        q=lambda d, i, g: g.p,
    ),
]
