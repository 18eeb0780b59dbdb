"""Recursions that use each other, as the state, the cell and the gates of an LSTM do."""

from dataclasses import replace

import pytest
from calculus.expressions import a, t, u, x
from calculus.reference import Reference
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import Setting, free_indices
from gradcheck.derivations.notation import D, Sum, axis, define, delta, sigmoid, size, tanh, tensor
from gradcheck.derivations.notation.formula import unwrap

c, g, c0, g0 = tensor("c", t), tensor("g", t), tensor("c0"), tensor("g0")
COUPLED = Setting(
    indices={"x": (t,), "a": (), "c0": (), "g0": (), "c": (t,), "g": (t,)},
    definitions={
        "c": define(c[t], sigmoid(a * g[t - 1] + x[t]) * c[t - 1], outside=c0),
        "g": define(g[t], sigmoid(x[t]) * tanh(c[t]), outside=g0),
    },
)
# A derivative in these recursions, by the tensor that is differentiated by.
COUPLED_ROWS = [
    row("of the cell by a parameter", c, a),
    row("of the state by a parameter", g, a),
    row("of the cell by its initial value", c, c0),
    row("of the state by the initial value of the cell", g, c0),
    row("of the cell by the initial value of the state", c, g0),
    row("of the state by its initial value", g, g0),
    row("of the state by an input", g, x[u]),
    row("of the cell by an earlier cell", c, c[u]),
    row("of the state by an earlier state", g, g[u]),
]


@pytest.mark.parametrize(("of", "by"), COUPLED_ROWS)
def test_coupled_recursions(of, by):
    tensors = {
        "x": {(1,): 0.3, (2,): -0.4, (3,): 0.9},
        **{name: {(): value} for name, value in {"a": 0.7, "c0": 1.1, "g0": -0.6}.items()},
    }
    expr = unwrap(D(of[t], by))
    indices = tuple(free_indices(expr))
    wanted = Reference(COUPLED, {"T": 3}, tensors).values(expr, indices)
    assert Evaluator(COUPLED, {"T": 3}, tensors).flat(expr, indices) == pytest.approx(wanted)


# A cell and a state, computed of two parts of one tensor; everything has two letters.
m, k = axis("H", "m k")
H = size(m)
(v,) = axis(2 * H, "v")
z, p, q, y = tensor("z", t, v), tensor("p", t, m), tensor("q", t, m), tensor("y", t, m)
W, s, y0, dy = tensor("W", v, m), tensor("s", t, v), tensor("y0", m), tensor("dy", t, m)
PARTS = (
    define(z[t, v], s[t, v] + Sum(W[v, k] * y[t - 1, k], k)),
    define(p[t, m], sigmoid(z[t, m])),
    define(q[t, m], tanh(z[t, H + m])),
    define(y[t, m], p[t, m] * q[t, m] + y[t - 1, m], outside=y0[m]),
)
INPUTS = (W, s, y0, dy)
IN_PARTS = Setting(
    indices={a.name: a.indices for a in INPUTS} | {d.name: d.indices for d in PARTS},
    definitions={d.name: d for d in PARTS},
)
of_p, of_q = p[t, m] * (1 - p[t, m]), 1 - q[t, m] ** 2
# A derivative, what it is, and the same with one thing changed.
PARTS_ROWS = [
    row("of the first part within a step", D(p[t, m], z[t, k], held=p), of_p * delta(m, k), of_p),
    row("of the second part within a step", D(q[t, m], z[t, H + k], held=q), of_q * delta(m, k),
        delta(m, k)),
    row("of the second part by the first", D(q[t, m], z[t, k], held=q), 0, of_q * delta(m, k)),
    row("of the second part by both", D(q[t, m], z[t, v], held=q), of_q * delta(H + m, v),
        delta(H + m, v)),
    row("of what both come from by a part, a step too early", D(z[t, v], p[t, m]), 0, W[v, m]),
    row("of what both come from by a parameter", D(z[t, v], W[v, m], held=z), y[t - 1, m], y[t, m]),
    row("a function of a part", Sum(delta(v, H + m) * tanh(z[t, v]), v), q[t, m], p[t, m]),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "wrong"), PARTS_ROWS)
def test_parts_of_an_axis(left, right, wrong):
    comparer = Comparer(IN_PARTS)
    left, right, wrong = map(unwrap, (left, right, wrong))
    assert str(comparer.compare(left, right)) == "PROVED for all sizes"
    assert comparer.compare(left, wrong).status is Status.REFUTED


# Back through time by hand: four tensors that are defined through each other.
A, dz, dp, dq = tensor("A", t, m), tensor("dz", t, v), tensor("dp", t, m), tensor("dq", t, m)
BACK = (
    define(A[t, m], dy[t, m] + A[t + 1, m] + Sum(W[v, m] * dz[t + 1, v], v), outside=0),
    define(dp[t, m], A[t, m] * q[t, m], outside=0),
    define(dq[t, m], A[t, m] * p[t, m], outside=0),
    define(
        dz[t, v],
        Sum(dp[t, m] * of_p * delta(v - m, 0), m) + Sum(dq[t, m] * of_q * delta(v - m, H), m),
        outside=0,
    ),
)
BACK_SETTING = replace(
    IN_PARTS,
    indices=IN_PARTS.indices | {d.name: d.indices for d in BACK},
    definitions=IN_PARTS.definitions | {d.name: d for d in BACK},
)
dL_dW = Sum(dy[t, m] * D(y[t, m], W[v, k]), t, m)


def test_four_written_gradients_are_recognised_together():
    found, wrong = (unwrap(Sum(dz[t, v] * y[t - lag, k], t)) for lag in (1, 0))
    comparer = Comparer(BACK_SETTING)
    assert str(comparer.compare(unwrap(dL_dW), found)) == "PROVED for all sizes"
    assert comparer.compare(unwrap(dL_dW), wrong).status is Status.REFUTED
