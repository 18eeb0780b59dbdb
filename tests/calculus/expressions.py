"""Random index expressions, in few letters: names meet, so that a capture would show."""

import random
from typing import Any

from calculus.reference import Reference
from hypothesis import strategies as st

from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import Setting, free_indices
from gradcheck.derivations.notation import (
    Sum,
    axis,
    define,
    delta,
    exp,
    log,
    relu,
    sigmoid,
    size,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap

i, j, k, i1 = axis("N", "i j k i′")
m, p = axis("M", "m p")
t, u = axis("T", "t u", start=1)
LETTERS = {"N": (i, j, k, i1), "M": (m, p), "T": (t, u)}
SIZES = {"N": 3, "M": 2, "T": 4}

a = tensor("a")
X, Z, Q = tensor("X", i), tensor("Z", i), tensor("Q", i, positive=True)
W, V, x, h0 = tensor("W", i, m), tensor("V", m), tensor("x", t), tensor("h0")
y = tensor("y", i, integer=m)
Γ, P, A, h = tensor("Γ", i), tensor("P", i, m), tensor("A", i), tensor("h", t)
GIVEN = (a, X, Z, Q, W, V, x, h0, y)
FORWARD = (
    define(Γ[i], Sum(exp(W[i, m]), m)),
    define(P[i, m], exp(W[i, m]) / Γ[i]),
    define(A[j], tanh(Sum(P[j, p] * V[p], p) + X[j])),
    define(h[t], tanh(a * h[t - 1] + x[t] + Sum(A[i], i)), outside=h0 * X[0]),
)
SETTING = Setting(
    indices={n.name: n.indices for n in (*GIVEN, Γ, P, A, h)},
    definitions={d.name: d for d in FORWARD},
    positive=frozenset({"Q"}),
    integer={"y": m},
)


def _point() -> dict[str, dict[tuple[int, ...], Any]]:
    rng = random.Random(0)
    shapes = Evaluator(SETTING, SIZES, {})
    low = {"Q": 0.3}
    tensors = {
        n.name: {
            place: rng.uniform(low.get(n.name, -1.5), 1.5) for place in shapes.places(n.indices)
        }
        for n in GIVEN
    }
    return tensors | {"y": {(0,): 1, (1,): 0, (2,): 1}}


TENSORS = _point()
REFERENCE = Reference(SETTING, SIZES, TENSORS)


def evaluator() -> Evaluator:
    """A new evaluator at the one point of these tests."""
    return Evaluator(SETTING, SIZES, TENSORS)


def letters(name: str) -> st.SearchStrategy[Any]:
    """A letter of an axis."""
    return st.sampled_from(LETTERS[name])


N, M, T = letters("N"), letters("M"), letters("T")

entries = st.one_of(
    st.just(a),
    N.map(lambda n: X[n]),
    N.map(lambda n: Z[n]),
    M.map(lambda n: V[n]),
    st.builds(lambda n, c: W[n, c], N, M),
    st.builds(lambda n, c: W[n, y[c]], N, N),
    T.map(lambda n: x[n]),
)
named = st.one_of(
    N.map(lambda n: A[n]),
    N.map(lambda n: Γ[n]),
    st.builds(lambda n, c: P[n, c], N, M),
    T.map(lambda n: h[n]),
)
deltas = st.one_of(
    st.builds(delta, N, N),
    st.builds(delta, M, M),
    st.builds(delta, T, T),
    st.builds(lambda n, c: delta(y[n], c), N, M),
    st.builds(lambda n, c: delta(n, c + 1), N, N),
    N.map(lambda n: delta(n, 1)),
)
others = st.one_of(
    st.integers(-2, 3).map(lambda n: Formula(unwrap(n))),
    N.map(size),
    N.map(lambda n: 1 / Q[n]),
    N.map(lambda n: log(Q[n])),
    st.builds(lambda n, c: exp(W[n, c]), N, M),
)


@st.composite
def ranges(draw: st.DrawFn, factor: Any) -> Any:
    """What a sum over some letter of a formula runs over: an axis, or a part that may be empty."""
    n = draw(st.sampled_from([*free_indices(unwrap(factor)), i, m, t]))
    c = draw(st.sampled_from([c for axis in LETTERS.values() if n in axis for c in axis if c != n]))
    parts = [(n, n.lower, c), (n, c, n.upper), (n, c + 1, n.upper), (n, n.lower, n.lower + 1)]
    return draw(st.sampled_from([n, n, n, n, *parts]))


@st.composite
def formulas(draw: st.DrawFn, leaves: st.SearchStrategy[Any], depth: int = 3) -> Any:
    """A formula of these leaves, as an author would write it: nothing is simplified yet."""
    kind = draw(st.sampled_from(KINDS)) if depth else "leaf"
    if kind == "leaf":
        return draw(leaves)
    left = draw(formulas(leaves, depth - 1))
    if kind == "function":
        return draw(st.sampled_from(FUNCTIONS))(left)
    if kind == "power":
        return left ** draw(st.integers(2, 3))
    right = draw(formulas(leaves, depth - 1))
    if kind == "plus":
        return left + right
    if kind == "minus":
        return left - right
    if kind == "sum":
        return Sum(left * right, draw(ranges(left * right)))
    return left * right


KINDS = ["leaf", "sum", "sum", "sum", "times", "times", "plus", "minus", "power", "function"]
FUNCTIONS = [tanh, sigmoid, relu, lambda argument: exp(tanh(argument))]


def _closed(formula: Any) -> Any:
    """The expression, summed over all of its free indices but three, to keep it small."""
    many = [*free_indices(unwrap(formula))][3:]
    return unwrap(Sum(formula, *many) if many else formula)


simple = formulas(st.one_of(entries, entries, deltas, others)).map(_closed)
with_names = formulas(st.one_of(entries, named, deltas, others)).map(_closed)
variables = st.one_of(
    st.just(a),
    st.just(h0),
    N.map(lambda n: X[n]),
    M.map(lambda n: V[n]),
    T.map(lambda n: x[n]),
    st.builds(lambda n, c: W[n, c], N, M),
    st.builds(lambda n, c: W[n, y[c]], N, N),
).map(unwrap)
intermediates = st.one_of(
    N.map(lambda n: A[n]), st.builds(lambda n, c: P[n, c], N, M), T.map(lambda n: h[n])
).map(unwrap)
