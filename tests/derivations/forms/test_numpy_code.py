"""NumPy code as a person would write it, and what it computes at random sizes."""

import random

import numpy as np
import pytest
from layers.tables import row
from sympy import Idx, IndexedBase

from gradcheck.derivations.calculus.points import random_point
from gradcheck.derivations.calculus.terms import Setting, free_indices, indices_of, name_of
from gradcheck.derivations.forms.numpy_code import numpy_code
from gradcheck.derivations.notation import (
    D,
    Formula,
    Sum,
    absolute,
    axis,
    bracket,
    cos,
    define,
    delta,
    exp,
    function,
    grad,
    log,
    relu,
    sigmoid,
    sign,
    sin,
    size,
    softplus,
    sqrt,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import unwrap

s, r = axis("S", "s r")
m, j = axis("M", "m j")
n, i = axis("N", "n i")
c, k = axis("C", "c k")
h, l = axis("H", "h l")
t, u = axis("T", "t u")
p, q = axis("T1", "p q", start=1)
(o,) = axis("K", "o")
T, K, C = size(t).expr, size(o).expr, size(c)
v = Idx("v", (0, T + K - 2))  # as long as T windows of K entries reach
w = Idx("w", (0, 2 * T + K - 3))  # the same for a stride of 2

a, ε = tensor("a"), tensor("ε", positive=True)
X, W, Y, b, V = (
    tensor("X", s, m),
    tensor("W", n, m),
    tensor("Y", s, n),
    tensor("b", n),
    tensor("V", m, n),
)
Z, x, y1 = tensor("Z", s, n), tensor("x", m), tensor("y1", n)
P, logP, g = tensor("P", s, c), tensor("logP", s, c), tensor("g", c)
z = tensor("z", s, integer=c)
σ, norm = tensor("σ", s, positive=True), tensor("norm", s, c)
A, Q, B = tensor("A", t, u), tensor("Q", t, h), tensor("B", u, h)
R3, R = tensor("R3", n, m, h), tensor("R", h)
d, f, e = tensor("d", t), tensor("f", v), tensor("e", w)
filter_, F, O = tensor("q", o), tensor("F", v, n), tensor("O", t, n)
pad = tensor("pad", t, padded=True)
image = tensor("image", t, m, padded=True)
H, H0, G, xt = tensor("state", p, n), tensor("H0", n), tensor("G", p, n), tensor("xt", p, n)
dY, dX, dP, dA, dx = map(grad, (Y, X, P, A, x))
act = function("act")
TENSORS = (
    a, ε, X, W, Y, b, V, Z, x, y1, P, logP, g, z, σ, norm, A, Q, B, R3, R, d, f, e, filter_, F, O,
    pad, image, H, H0, G, xt, dY, dX, dP, dA, dx,
)  # fmt: skip
gate, inner = tensor("gate", p, n), tensor("inner", p, n)
COUPLED = (  # each needs the other: the gate the state before, the state the gate now
    define(gate[p, n], sigmoid(xt[p, n] + b[n] * inner[p - 1, n]), outside=0),
    define(inner[p, n], gate[p, n] * inner[p - 1, n] + tanh(xt[p, n]), outside=H0[n]),
)
STATE = define(H[p, n], tanh(xt[p, n] + Sum(W[n, m] * x[m], m) * H[p - 1, n]), outside=H0[n])
AHEAD = define(G[p, n], xt[p, n] + a * G[p + 1, n] * (1 - H[p + 1, n] ** 2), outside=0)
SETTING = Setting(
    indices={each.name: each.indices for each in (*TENSORS, gate, inner)},
    definitions={each.name: each for each in (STATE, AHEAD, *COUPLED)},
    positive=frozenset({"σ", "ε"}),
    integer={"z": c},
    functions={act.symbol: tanh.symbol},
    padded=frozenset({"pad", "image"}),
)
DEFINED = {"state", "G"}


def at(of, *subscripts):
    """An entry at subscripts that the declaration of a window does not foresee."""
    return Formula(IndexedBase(of.name)[subscripts])


def out(*indices):
    """The left side of a line of code."""
    return IndexedBase("out")[indices] if indices else unwrap(tensor("out"))


# what a person would write for an expression, line by line
READABLE = [
    row("a linear layer, by its input", out(r, j), Sum(dY[r, n] * W[n, j], n), "out = dY @ W"),
    row("by its weights", out(i, j), Sum(dY[s, i] * X[s, j], s), "out = dY.T @ X"),
    row("by weights that are stored in-out", out(j, i), Sum(dY[s, i] * X[s, j], s),
        "out = X.T @ dY"),
    row("by its bias", out(i), Sum(dY[s, i], s), "out = dY.sum(axis=0)"),
    row("in columns", out(j, r), Sum(dY[r, n] * W[n, j], n), "out = W.T @ dY.T"),
    row("of one sample", out(j), Sum(y1[n] * W[n, j], n), "out = W.T @ y1"),
    row("its weights", out(i, j), y1[i] * x[j], "out = np.outer(y1, x)"),
    row("its bias", out(i), y1[i], "out = y1.copy()"),
    row("forward", out(s, n), Sum(X[s, m] * W[n, m], m) + b[n], "out = X @ W.T + b"),
    row("forward in columns", out(n, s), Sum(X[s, m] * W[n, m], m) + b[n],
        "out = W @ X.T + b[:, None]"),
    row("elementwise", out(s, n), dY[s, n] * (1 - Y[s, n] ** 2), "out = dY * (1 - Y**2)"),
    row("elementwise, in a product", out(j, n), Sum(dY[s, n] * (1 - Y[s, n] ** 2) * X[s, j], s),
        "out = X.T @ (dY * (1 - Y**2))"),
    row("relu", out(s, n), dY[s, n] * step(Y[s, n]), "out = dY * (Y > 0)"),
    row("softmax", out(s, k), P[s, k] * (dP[s, k] - Sum(dP[s, c] * P[s, c], c)),
        "out = P * (dP - (dP * P).sum(axis=1, keepdims=True))"),
    row("softmax along columns", out(s, k), P[s, k] * (dP[s, k] - Sum(dP[r, k] * P[r, k], r)),
        "out = P * (dP - (dP * P).sum(axis=0))"),
    row("log-softmax", out(s, k), dP[s, k] - exp(logP[s, k]) * Sum(dP[s, c], c),
        "out = dP - np.exp(logP) * dP.sum(axis=1, keepdims=True)"),
    row("layer norm", out(s, k),
        (dP[s, k] - Sum(dP[s, c], c) / C - norm[s, k] * Sum(dP[s, c] * norm[s, c], c) / C) / σ[s],
        "C = norm.shape[1]",
        "out = (",
        "    (dP - dP.sum(axis=1, keepdims=True) / C"
        " - norm * (dP * norm).sum(axis=1, keepdims=True) / C)",
        "    / σ[:, None]",
        ")"),
    row("layer norm with a gain", out(s, k),
        (dP[s, k] * g[k] - Sum(dP[s, c] * g[c], c) / size(c)) / sqrt(σ[s] + ε),
        "C = len(g)",
        "out = (dP * g - ((dP @ g) / C)[:, None]) / np.sqrt(σ + ε)[:, None]"),
    row("its gain", out(k), Sum(dP[s, k] * norm[s, k], s), "out = (dP * norm).sum(axis=0)"),
    row("attention, by the queries", out(t, h), Sum(dA[t, u] * B[u, h], u) / sqrt(size(h)),
        "H = B.shape[1]", "out = (dA @ B) / np.sqrt(H)"),
    row("by the keys", out(u, h), Sum(dA[t, u] * Q[t, h], t) / sqrt(size(h)),
        "H = Q.shape[1]", "out = (dA.T @ Q) / np.sqrt(H)"),
    row("a causal mask", out(t, h), Sum(A[t, u] * bracket(u, t) * B[u, h], u),
        "T = len(A)", "out = (A * (np.arange(T) <= np.arange(T)[:, None])) @ B"),
    row("a triangular sum", out(t), Sum(d[u], (u, 0, t)),
        "T = len(d)", "out = (np.arange(T) <= np.arange(T)[:, None]) @ d"),
    row("cross entropy of logits", out(s, k), a * (P[s, k] - delta(z[s], k)) / size(s),
        "S, C = P.shape", "out = a * (P - (z[:, None] == np.arange(C))) / S"),
    row("a lookup", out(), -Sum(log(exp(P[s, z[s]])), s) / size(s),
        "S = len(P)", "out = -np.log(np.exp(P[np.arange(S), z])).sum() / S"),
    row("an embedding, scattered", out(c, n), Sum(delta(z[s], c) * dY[s, n], s),
        "C = P.shape[1]", "out = (z == np.arange(C)[:, None]) @ dY"),
    row("an inner product", out(), Sum(x[m] * x[m] * a, m), "out = (x @ x) * a"),
    row("two columns", out(), Sum(x[m] * dx[m], m), "out = x @ dx"),
    row("all entries", out(), Sum(Y[s, n] ** 2, s, n) / 2, "out = (Y**2).sum() / 2"),
    row("a product of three", out(s, i), Sum(X[s, m] * W[n, m] * Sum(W[n, j] * V[j, i], j), m, n),
        "out = X @ W.T @ (W @ V)"),
    row("rows that are scaled", out(j, m), Sum(b[n] * W[n, j] * W[n, m], n),
        "out = (W * b[:, None]).T @ W"),
    row("a tensor of three axes", out(n, m), Sum(R3[n, m, h] * R[h], h), "out = R3 @ R"),
    row("two contractions at once", out(m), Sum(b[n] * R3[n, m, h] * R[h], n, h),
        "out = (R3 @ R).T @ b"),
    row("three at once", out(n), Sum(b[i] * R3[n, m, h] * W[i, m], m, h, i),
        'out = R3.sum(axis=2) @ (W.T @ b)'),
    row("a sum over two axes of two tensors", out(h, l), Sum(R3[n, m, h] * R3[n, m, l], n, m),
        'out = np.einsum("nmh,nml->hl", R3, R3)'),
    row("a shared part", out(s, n), exp(Y[s, n]) / Sum(exp(Y[s, i]), i),
        "part = np.exp(Y)", "out = part / part.sum(axis=1, keepdims=True)"),
    row("the identity", out(n, i), delta(n, i) - b[n] * b[i],
        "N = len(b)", "out = np.eye(N) - np.outer(b, b)"),
    row("a window", out(t), Sum(at(f, t + o) * filter_[o], o),
        "T = len(A)", "K = len(q)", "out = f[np.arange(K) + np.arange(T)[:, None]] @ q"),
    row("a difference", out(t), at(pad, t + 1) - at(pad, t - 1),
        "out = np.pad(pad, (0, 1))[1:] - np.pad(pad, (1, 0))[:-1]"),
    row("part of an axis", out(), Sum(at(d, t + 1) * d[t], (t, 0, T - 2)),
        "out = d[1:] @ d[:-1]"),
    row("an einsum in the order wanted", out(h, n), Sum(R3[n, m, h] * R3[n, m, l], m, l),
        'out = np.einsum("nmh,nm->hn", R3, R3.sum(axis=2))'),
    row("the ends", out(), d[0] * at(d, T - 1), "out = d[0] * d[-1]"),
    row("the length of an axis", out(), Sum(1, n) * a, "N = len(W)", "out = N * a"),
    row("a number everywhere", out(s, n), 2 * a,
        "S, N = Y.shape", "out = np.broadcast_to(2 * a, (S, N)).copy()"),
    row("zero", out(s, n), 0, "S, N = Y.shape", "out = np.zeros((S, N))"),
    row("a column in every row", out(s, n), b[n],
        "S, N = Y.shape", "out = np.broadcast_to(b, (S, N)).copy()"),
    row("the state before each", out(p, n), H[p - 1, n],
        "out = np.concatenate([H0[None], state])[:-1]"),
]  # fmt: skip

# what is right rather than readable
STRANGE = [
    row("all functions", out(s, n), sin(Y[s, n]) + cos(Y[s, n]) * softplus(Y[s, n])
        - absolute(Y[s, n]) * sign(Z[s, n]) / relu(1 + exp(Z[s, n])) ** 2 + sigmoid(Y[s, n])),
    row("a sum of deltas", out(n, i), delta(n, i) + delta(i, n) - delta(n, i + 1)),
    row("a delta alone", out(s, c), delta(z[s], c)),
    row("minus a delta", out(s, c), -delta(z[s], c)),
    row("minus a delta, divided", out(s, c), -delta(z[s], c) / size(s)),
    row("products of deltas, summed", out(s, r), Sum(delta(z[s], c) * delta(z[r], c), c)),
    row("a diagonal", out(t), A[t, t] * d[t]),
    row("a trace", out(), Sum(A[t, t], t)),
    row("both subscripts looked up", out(s, r), Sum(P[s, z[r]] * P[r, z[s]], n)),
    row("a window in columns", out(t, n), Sum(at(F, t + o, n) * filter_[o], o)),
    row("its gradient by the filter", out(o), Sum(at(F, t + o, n) * O[t, n], t, n)),
    row("its gradient by the input, with a delta", out(v, n),
        Sum(O[t, n] * filter_[o] * delta(t + o, v), t, o)),
    row("its gradient by the input, with brackets", out(v, n),
        Sum(at(O, v - o, n) * bracket(o, v) * bracket(v - o, T - 1) * filter_[o], o)),
    row("a stride", out(t), Sum(at(e, 2 * t + o) * filter_[o], o)),
    row("a stride without a window", out(t), at(e, 2 * t) * d[t]),
    row("padding on both sides", out(t, m), Sum(at(image, t + o - 1, m) * filter_[o], o)),
    row("much padding", out(t), Sum(at(pad, t - 2 * u + o), u, o)),
    row("padding and a fixed row", out(m), at(image, -1, m) + at(image, 0, m)),
    row("a triangle from above", out(t), Sum(d[u] * A[t, u], (u, t + 1, T - 1))),
    row("a triangle with an offset", out(t), Sum(d[u], (u, 1, t - 1))),
    row("a sum beyond the axis", out(t), Sum(at(pad, u), (u, t - 2, t + 2))),
    row("an autocorrelation", out(t), Sum(d[u] * at(d, t - u), (u, 0, t))),
    row("a recursion, before and at once", out(p, n), H[p - 1, n] * H[p, n]),
    row("a recursion backward", out(p, n), G[p, n] * G[p + 1, n]),
    row("recursions that need each other", out(p, n), inner[p, n] * gate[p, n]),
    row("far behind a recursion", out(p, n), at(H, p - 2, n)),
    row("the first and the last state", out(n), H[1, n] * at(H, size(p).expr, n)),
    row("an index as a number", out(p), p * Sum(xt[p, n], n) + p**2),
    row("letters that are no ASCII", out(s), Sum(Y[s, n] * R3[n, m, h] * X[s, m] * R[h], n, m, h)),
    row("a sum of a letter that hides another", out(n), b[n] * Sum(b[n] * y1[n], n)),
]  # fmt: skip


def lines(lhs, formula, **options):
    return numpy_code(lhs, unwrap(formula), SETTING, **options).splitlines()


@pytest.mark.parametrize(
    ("lhs", "formula", "expected"),
    [pytest.param(*p.values[:2], [*p.values[2:]], id=p.id) for p in READABLE],
)
def test_readable(lhs, formula, expected):
    assert lines(lhs, formula) == expected


EVERYTHING = [pytest.param(*p.values[:2], id=p.id) for p in [*READABLE, *STRANGE]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("lhs", "formula"), EVERYTHING)
def test_the_values_are_right(lhs, formula, seed):
    point = random_point(SETTING, random.Random(seed), spare=seed)
    given = [t.name for t in TENSORS if t.name not in DEFINED]
    source = numpy_code(lhs, unwrap(formula), SETTING, given=given)
    result = run(source, point)[name_of(lhs)]
    letters = indices_of(lhs)
    assert np.shape(result) == tuple(point.length(index) for index in letters)
    expected = point.flat(unwrap(formula), letters)
    np.testing.assert_allclose(np.ravel(result), expected, rtol=1e-9, atol=1e-9)


def run(source, point):
    """The arrays after some statements, which begin with the given tensors of a point."""
    arrays = {"np": np}
    for name in (t.name for t in TENSORS if t.name not in DEFINED):
        entries = [*point.tensors[name].values()]
        shape = [point.length(index) for index in SETTING.indices[name]]
        arrays[name] = np.array(entries).reshape(shape)
    exec(source, arrays)  # noqa: S102, it is our own
    return arrays


def test_a_function_that_stands_for_another():
    slope = dY[s, n] * act.prime(Y[s, n])
    assert lines(out(s, n), slope) == ["out = dY * (1 - np.tanh(Y) ** 2)"]


def test_a_function_of_which_nothing_is_known_is_called():
    formula = function("g′")(Y[s, n]) * function("g")(Z[s, n])
    assert lines(out(s, n), formula) == ["out = g_prime(Y) * g_2(Z)"]


def test_a_loop_holds_the_statements_of_one_step():
    assert lines(out(), Sum(G[p, n], p, n), given=["a", "xt", "H0", "W", "x"]) == [
        "T1, N = xt.shape",
        "state = np.zeros((T1, N))",
        "for p in range(T1):",
        "    state_before = state[p - 1] if p >= 1 else H0",
        "    state[p] = np.tanh(xt[p] + (W @ x) * state_before)",
        "G = np.zeros((T1, N))",
        "for p in reversed(range(T1)):",
        "    G_after = G[p + 1] if p + 1 < T1 else np.zeros(N)",
        "    state_after = state[p + 1] if p + 1 < T1 else H0",
        "    G[p] = xt[p] + a * G_after * (1 - state_after**2)",
        "out = G.sum()",
    ]


NAMES = Setting(indices={"T": (n,), "lambda": (n,), "σ²": (n,), "f′": (n,), "len": (t,)})


def test_names_that_python_or_another_thing_has():
    like = {name: tensor(name, *own) for name, own in NAMES.indices.items()}
    total = like["T"][n] * like["lambda"][n] / like["σ²"][n] + like["f′"][n] * Sum(
        like["len"][t], t
    )
    assert numpy_code(out(n), unwrap(total * size(t)), NAMES).splitlines() == [
        "T_size = len(len_2)",
        "out = (T * lambda_2 / σ2 + f_prime * len_2.sum()) * T_size",
    ]


@pytest.mark.parametrize(("formula", "reason"), [
    (D(Y[s, n], X[s, m]), "has to be differentiated"),
    (tensor("unknown", n)[n], "unknown"),
    (Sum(1, o) * a, "K is neither"),
])  # fmt: skip
def test_what_has_no_code(formula, reason):
    few = Setting(indices={"Y": (s, n), "a": (), "A": (t, u)})
    with pytest.raises(NotImplementedError, match=reason):
        numpy_code(unwrap(tensor("out")), unwrap(formula), few)


def test_every_expression_of_the_tables_is_different():
    texts = [
        str(unwrap(p.values[1])) + str(free_indices(p.values[0])) for p in [*READABLE, *STRANGE]
    ]
    assert len({*texts}) == len(texts)
