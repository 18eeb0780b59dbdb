"""Recursions over a symbolic axis: adjoints are proved, values are those of all steps."""

import random

import pytest
from calculus.normal_values import Values, reader
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import Setting, free_indices
from gradcheck.derivations.notation import (
    D,
    Sum,
    axis,
    bracket,
    define,
    delta,
    sigmoid,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap

t, u = axis("T", "t u", start=1)
i, j, k, l = axis("H", "i j k l")
x, f, h0, c0 = tensor("x", t, i), tensor("f", t, i), tensor("h0", i), tensor("c0", i)
W, U, a = tensor("W", i, j), tensor("U", i, j), tensor("a")
h, c, A, B = tensor("h", t, i), tensor("c", t, i), tensor("A", t, i), tensor("B", t, i)
dh = tensor("dh", t, i)
GIVEN = (x, f, h0, c0, W, U, a, dh)
ZERO = Formula(unwrap(0))


def setting(*definitions):
    """Given tensors and some recursions."""
    return Setting(
        indices={n.name: n.indices for n in GIVEN} | {d.name: d.indices for d in definitions},
        definitions={d.name: d for d in definitions},
    )


def total(by):
    """All that reaches the loss by way of one entry."""
    return Sum(dh[u, l] * D(h[u, l], by), u, l)


LINEAR = define(h[t, i], a * h[t - 1, i] + x[t, i], outside=h0[i])
RNN = define(h[t, i], tanh(Sum(W[i, k] * h[t - 1, k], k) + x[t, i]), outside=h0[i])
BACKWARD = define(h[t, i], tanh(Sum(W[i, k] * h[t + 1, k], k) + x[t, i]), outside=h0[i])
CELL = define(c[t, i], sigmoid(f[t, i]) * c[t - 1, i] + x[t, i] * tanh(h[t - 1, i]), outside=c0[i])
GATE = define(h[t, i], tanh(Sum(U[i, k] * c[t, k], k)) * sigmoid(x[t, i]), outside=h0[i])
slope = 1 - h[t, i] ** 2
rnn_adjoint = define(
    A[t, j],
    dh[t, j] + Sum(A[t + 1, i] * (1 - h[t + 1, i] ** 2) * W[i, j], i),
    outside=ZERO,
)
linear_adjoint = define(A[t, i], dh[t, i] + a * A[t + 1, i], outside=ZERO)
gated = {n: Sum(U[n, k] * c[t, k], k) for n in (i, j)}
cell_adjoint = define(
    A[t, i],
    A[t + 1, i] * sigmoid(f[t + 1, i])
    + Sum(B[t, j] * (1 - tanh(gated[j]) ** 2) * sigmoid(x[t, j]) * U[j, i], j),
    outside=ZERO,
)
gate_adjoint = define(
    B[t, i],
    dh[t, i] + A[t + 1, i] * x[t + 1, i] * (1 - tanh(h[t, i]) ** 2),
    outside=ZERO,
)
FORWARD = setting(RNN, rnn_adjoint)

# A setting, two sides that are equal, and the right one with one thing changed.
ADJOINTS = [
    row("a linear recursion", setting(LINEAR, linear_adjoint), total(h[t, i]), A[t, i],
        A[t, i] + dh[t, i]),
    row("by its input", setting(LINEAR, linear_adjoint), total(x[t, i]), A[t, i], a * A[t, i]),
    row("by its factor", setting(LINEAR, linear_adjoint), total(a),
        Sum(A[t, i] * h[t - 1, i], t, i),
        Sum(A[t, i] * h[t, i], t, i)),
    row("by its start", setting(LINEAR), total(h0[i]), a * total(h[1, i]), total(h[1, i])),
    row("by its start, with a named adjoint", setting(LINEAR, linear_adjoint), total(h0[i]),
        a * A[1, i], A[1, i]),
    row("an RNN", FORWARD, total(h[t, i]), A[t, i], A[t, i] * slope),
    row("an RNN by its input", FORWARD, total(x[t, i]), A[t, i] * slope, A[t, i]),
    row("an RNN by its weight", FORWARD, total(W[i, k]), Sum(A[t, i] * slope * h[t - 1, k], t),
        Sum(A[t, i] * slope * h[t, k], t)),
    row("an RNN by its start", FORWARD, total(h0[k]),
        Sum(total(h[1, i]) * (1 - h[1, i]**2) * W[i, k], i), Sum(total(h[1, i]) * W[i, k], i)),
    row("no state depends on a later input", FORWARD, bracket(t + 1, u) * D(h[t, i], x[u, j]), 0,
        bracket(t + 1, u)),
    row("a recursion backward in time", setting(BACKWARD), bracket(u + 1, t) * D(h[t, i], x[u, j]),
        0, bracket(u + 1, t)),
    row("one step", FORWARD, D(h[t, i], h[t - 1, k]), slope * W[i, k], slope * W[k, i]),
    row("the state unrolled", FORWARD, h[1, i], tanh(Sum(W[i, k] * h0[k], k) + x[1, i]),
        tanh(Sum(W[i, k] * h[1, k], k) + x[1, i])),
    row("coupled", setting(CELL, GATE, cell_adjoint, gate_adjoint), total(c[t, i]), A[t, i],
        A[t, i] * sigmoid(f[t, i])),
    row("coupled, without its own step", setting(CELL, GATE), D(h[t, i], c[t, j]),
        (1 - tanh(gated[i])**2) * sigmoid(x[t, i]) * U[i, j], U[i, j]),
    row("coupled, one step", setting(CELL, GATE), D(c[t, i], c[t - 1, j]),
        sigmoid(f[t, i]) * delta(i, j) + x[t, i] * (1 - tanh(h[t - 1, i])**2)
        * D(h[t - 1, i], c[t - 1, j]), sigmoid(f[t, i]) * delta(i, j)),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "left", "right", "wrong"), ADJOINTS)
def test_an_adjoint_is_proved_and_a_wrong_one_refuted(setting, left, right, wrong):
    comparer = Comparer(setting)
    left, right, wrong = map(unwrap, (left, right, wrong))
    verdict = comparer.compare(left, right)
    assert (verdict.status, verdict.reason) == (Status.PROVED, "")
    assert comparer.compare(left, wrong).status is Status.REFUTED


# Expressions in recursions whose normal form is evaluated.
VALUES = [
    row("a derivative by a state", setting(RNN), D(h[t, i], h[u, j])),
    row("a derivative by a weight", setting(RNN), D(h[t, i], W[j, k])),
    row("a derivative by an input", setting(RNN), D(h[t, i], x[u, j])),
    row("a derivative by a start", setting(RNN), D(h[t, i], h0[j])),
    row("a derivative by a scalar", setting(LINEAR), D(h[t, i], a)),
    row("a gradient", setting(RNN), total(W[i, k])),
    row("a gradient by a start", setting(RNN), total(h0[i])),
    row("backward in time", setting(BACKWARD), D(h[t, i], x[u, j])),
    row("a gradient backward in time", setting(BACKWARD), total(W[i, k])),
    row("a gradient by the end", setting(BACKWARD), total(h0[i])),
    row("coupled, by a weight", setting(CELL, GATE), total(U[i, k])),
    row("coupled, by a gate", setting(CELL, GATE), total(f[t, i])),
    row("coupled, by a start", setting(CELL, GATE), total(c0[i])),
    row("the state before", setting(RNN), Sum(h[t - 1, i] * W[i, j], i)),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "expr"), VALUES)
@pytest.mark.parametrize("sizes", [{"T": 1, "H": 2}, {"T": 3, "H": 1}, {"T": 3, "H": 2}])
def test_the_normal_form_has_the_value_of_the_steps_written_out(setting, expr, sizes):
    expr, rng = unwrap(expr), random.Random(0)
    shapes = Evaluator(setting, sizes, {})
    tensors = {
        name: {place: rng.uniform(-1, 1) for place in shapes.places(setting.indices[name])}
        for name in setting.given
    }
    indices, gradients = tuple(free_indices(expr)), reader(setting)
    wanted = Evaluator(setting, sizes, tensors).flat(expr, indices)
    found = Values(gradients, sizes, tensors).flat(gradients.poly(expr), indices)
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)
