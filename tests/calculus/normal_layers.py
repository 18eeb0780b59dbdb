"""Layers beyond those of derivations/, with gradients written by hand, for proofs and their times.

Each case has a layer whose derivations are left out, and for every input the gradient that a
person would write, in the letters of its formula.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Idx, KroneckerDelta

from gradcheck.derivations.calculus.terms import Fact, entry_of
from gradcheck.derivations.notation import (
    Layer,
    Sum,
    axis,
    bracket,
    define,
    delta,
    exp,
    grad,
    log,
    size,
    sqrt,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap


@dataclass(frozen=True)
class Case:
    """A layer, and by input the entry and the gradient that was written for it by hand."""

    name: str
    layer: Layer
    gradients: Mapping[str, tuple[Any, Any]]


def case(name: str, layer: Layer, *gradients: tuple[Any, Any]) -> Case:
    written = {str(unwrap(entry).base.label): (unwrap(entry), unwrap(g)) for entry, g in gradients}
    return Case(name, layer, written)


s, r, q = axis("S", "s r q")  # samples
n, i, k, l = axis("N", "n i k l")  # features, classes
eps = tensor("eps", positive=True)
X, Y, T = tensor("X", s, n), tensor("Y", s, n), tensor("T", s, n)
gamma, beta = tensor("gamma", n), tensor("beta", n)
x_hat, dX, dY = tensor("x_hat", s, n), grad(X), grad(Y)
dgamma, dbeta = grad(gamma), grad(beta)
S, N = size(s), size(n)
L = tensor("L")
dL = grad(L)


def layer_norm() -> Case:
    mean, rate = tensor("mean", s), tensor("rate", s)
    forward = (
        define(mean[s], Sum(X[s, n], n) / N),
        define(rate[s], 1 / sqrt(Sum((X[s, k] - mean[s]) ** 2, k) / N + eps)),
        define(x_hat[s, n], (X[s, n] - mean[s]) * rate[s]),
        define(Y[s, n], gamma[n] * x_hat[s, n] + beta[n]),
    )
    g = dY[s, n] * gamma[n]
    by_X = dY[s, i] * gamma[i] - Sum(g, n) / N - x_hat[s, i] * Sum(g * x_hat[s, n], n) / N
    return case(
        "layer norm",
        Layer((X, gamma, beta, eps), forward),
        (dX[s, i], rate[s] * by_X),
        (dgamma[n], Sum(dY[s, n] * x_hat[s, n], s)),
        (dbeta[n], Sum(dY[s, n], s)),
    )


def batch_norm() -> Case:
    mean, rate = tensor("mean", n), tensor("rate", n)
    forward = (
        define(mean[n], Sum(X[s, n], s) / S),
        define(rate[n], 1 / sqrt(Sum((X[r, n] - mean[n]) ** 2, r) / S + eps)),
        define(x_hat[s, n], (X[s, n] - mean[n]) * rate[n]),
        define(Y[s, n], gamma[n] * x_hat[s, n] + beta[n]),
    )
    by_X = dY[s, n] - Sum(dY[r, n], r) / S - x_hat[s, n] * Sum(dY[r, n] * x_hat[r, n], r) / S
    return case(
        "batch norm",
        Layer((X, gamma, beta, eps), forward),
        (dX[s, n], gamma[n] * rate[n] * by_X),
        (dgamma[n], Sum(dY[s, n] * x_hat[s, n], s)),
        (dbeta[n], Sum(dY[s, n], s)),
    )


def rms_norm() -> Case:
    rate = tensor("rate", s)
    forward = (
        define(rate[s], 1 / sqrt(Sum(X[s, n] ** 2, n) / N + eps)),
        define(Y[s, n], gamma[n] * X[s, n] * rate[s]),
    )
    inner = Sum(dY[s, n] * gamma[n] * X[s, n], n)
    return case(
        "RMS norm",
        Layer((X, gamma, eps), forward),
        (dX[s, i], rate[s] * (dY[s, i] * gamma[i] - X[s, i] * rate[s] ** 2 * inner / N)),
        (dgamma[n], Sum(dY[s, n] * X[s, n] * rate[s], s)),
    )


def attention(causal: bool) -> Case:
    t, u = axis("T", "t u")
    d, e = axis("D", "d e")
    Q, K, V, O = (tensor(name, t, d) for name in "QKVO")
    Z, P = tensor("Z", t), tensor("P", t, u)
    score = Sum(Q[t, d] * K[u, d], d) / sqrt(size(d))
    seen = bracket(u, t) if causal else 1
    forward = (
        define(Z[t], Sum(seen * exp(score), u)),
        define(P[t, u], seen * exp(score) / Z[t]),
        define(O[t, e], Sum(P[t, u] * V[u, e], u)),
    )
    dQ, dK, dV, dO = map(grad, (Q, K, V, O))
    dP = Sum(dO[t, e] * V[u, e], e)
    mean = Sum(dO[t, e] * O[t, e], e)
    dS = P[t, u] * (dP - mean) / sqrt(size(d))
    return case(
        "attention, causal" if causal else "attention",
        Layer((Q, K, V), forward),
        (dQ[t, d], Sum(dS * K[u, d], u)),
        (dK[u, d], Sum(dS * Q[t, d], t)),
        (dV[u, e], Sum(P[t, u] * dO[t, e], t)),
    )


def conv1d() -> Case:
    """Without padding, a kernel of any size: Y[t,o] = Σ_kc W[o,c,k] X[t+k,c] + b[o]."""
    t, _ = axis("T", "t u")
    k, _ = axis("K", "k l")
    c, _ = axis("C", "c d")
    o, _ = axis("O", "o p")
    v = Idx("v", (0, unwrap(size(t) + size(k) - 2)))
    W, b, x, y = tensor("W", o, c, k), tensor("b", o), tensor("x", v, c), tensor("y", t, o)
    dW, db, dx, dy = map(grad, (W, b, x, y))
    read = Formula(entry_of("x", (t + k, c)))
    forward = (define(y[t, o], Sum(W[o, c, k] * read, k, c) + b[o]),)
    earlier = Formula(entry_of("dy", (v - k, o)))
    inside = bracket(k, v) * bracket(v, k + t.upper)
    return case(
        "conv1d",
        Layer((W, b, x), forward),
        (dW[o, c, k], Sum(dy[t, o] * read, t)),
        (db[o], Sum(dy[t, o], t)),
        (dx[v, c], Sum(inside * W[o, c, k] * earlier, k, o)),
    )


def average_pooling() -> Case:
    """Windows of any size that do not overlap: y[t] = Σ_k x[K t + k] / K."""
    t, _ = axis("T", "t u")
    k, _ = axis("K", "k l")
    length = unwrap(size(k))
    v = Idx("v", (0, unwrap(size(t)) * length - 1))
    x, y = tensor("x", v), tensor("y", t)
    dx, dy = grad(x), grad(y)
    read = Formula(entry_of("x", (length * t + k,)))
    forward = (define(y[t], Sum(read, k) / size(k)),)
    here = Formula(KroneckerDelta(v, length * t + k, evaluate=False))
    return case(
        "average pooling",
        Layer((x,), forward),
        (dx[v], Sum(dy[t] * here / size(k), t, k)),
    )


def log_softmax() -> Case:
    P = tensor("P", s, n)
    forward = (
        define(P[s, n], exp(X[s, n]) / Sum(exp(X[s, k]), k)),
        define(Y[s, n], X[s, n] - log(Sum(exp(X[s, k]), k))),
    )
    return case(
        "log-softmax",
        Layer((X,), forward),
        (dX[s, i], dY[s, i] - P[s, i] * Sum(dY[s, n], n)),
    )


def cross_entropy(dense: bool) -> Case:
    P = tensor("P", s, n)
    y = tensor("y", s, integer=n)
    softmax = define(P[s, n], exp(X[s, n]) / Sum(exp(X[s, k]), k))
    if dense:
        loss = define(L, -1 / S * Sum(T[s, n] * log(P[s, n]), s, n))
        sums = Fact("sums to one", "T", (1,), "Σ_n T[s,n] = 1")
        layer, target = Layer((X, T), (softmax, loss), facts=(sums,)), T[s, i]
    else:
        loss = define(L, -1 / S * Sum(log(P[s, y[s]]), s))
        layer, target = Layer((X, y), (softmax, loss)), delta(y[s], i)
    name = "cross entropy, dense" if dense else "cross entropy, labels"
    return case(name, layer, (dX[s, i], dL * (P[s, i] - target) / S))


def mean_squared_error() -> Case:
    forward = (define(L, Sum((X[s, n] - T[s, n]) ** 2, s, n) / (S * N)),)
    gap = 2 * dL * (X[s, n] - T[s, n]) / (S * N)
    return case("MSE", Layer((X, T), forward), (dX[s, n], gap), (grad(T)[s, n], -gap))


def embedding() -> Case:
    v, w = axis("V", "v w")
    d, _ = axis("D", "d e")
    E, O, y = tensor("E", v, d), tensor("O", s, d), tensor("y", s, integer=v)
    dE, dO = grad(E), grad(O)
    forward = (define(O[s, d], E[y[s], d]),)
    return case("embedding", Layer((E, y), forward), (dE[w, d], Sum(delta(y[s], w) * dO[s, d], s)))


def mlp(depth: int) -> Case:
    """Layers of one width, tanh after each."""
    a, b = axis("W", "a b")
    x = tensor("x", a)
    weights = [tensor(f"W{d}", a, b) for d in range(1, depth + 1)]
    states = [x, *(tensor(f"h{d}", a) for d in range(1, depth + 1))]
    forward = tuple(
        define(states[d + 1][a], tanh(Sum(weights[d][a, b] * states[d][b], b)))
        for d in range(depth)
    )
    return case(f"MLP of depth {depth}", Layer((x, *weights), forward))


CASES = (
    layer_norm(),
    batch_norm(),
    rms_norm(),
    attention(causal=False),
    attention(causal=True),
    conv1d(),
    average_pooling(),
    log_softmax(),
    cross_entropy(dense=False),
    cross_entropy(dense=True),
    mean_squared_error(),
    embedding(),
)
