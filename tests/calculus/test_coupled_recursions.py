"""Two recursions that use each other, as the state and the cell of an LSTM do."""

import pytest
from calculus.expressions import a, t, u, x
from calculus.reference import Reference
from layers.tables import row

from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import Setting, free_indices
from gradcheck.derivations.notation import D, define, sigmoid, tanh, tensor
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
