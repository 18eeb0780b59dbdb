"""Random index expressions with everything that a normal form is made of, for hypothesis.

Letters: i j k i′ over N, m p over M, t u over T from 1. Tensors: X Z over N, Q positive, A over
N×N, W over N×M, V over M, c over N and x over T padded, R over M positive and padded, y over N
integer; Γ, P and B are defined.
"""

from typing import Any

from hypothesis import strategies as st
from sympy import KroneckerDelta, Rational

from gradcheck.derivations.calculus.terms import Setting, entry_of, free_indices
from gradcheck.derivations.notation import (
    Sum,
    absolute,
    axis,
    bracket,
    cos,
    define,
    delta,
    exp,
    log,
    relu,
    sigmoid,
    sign,
    sin,
    size,
    softplus,
    step,
    tanh,
    tensor,
)
from gradcheck.derivations.notation.formula import Formula, unwrap

i, j, k, i1 = axis("N", "i j k i′")
m, p = axis("M", "m p")
t, u = axis("T", "t u", start=1)
LETTERS = {"N": (i, j, k, i1), "M": (m, p), "T": (t, u)}

a = tensor("a")
X, Z, Q = tensor("X", i), tensor("Z", i), tensor("Q", i, positive=True)
A, W, V = tensor("A", i, j), tensor("W", i, m), tensor("V", m)
c, x = tensor("c", i, padded=True), tensor("x", t, padded=True)
R = tensor("R", m, positive=True, padded=True)
y = tensor("y", i, integer=m)
Γ, P, B = tensor("Γ", i), tensor("P", i, m), tensor("B", i)
GIVEN = (a, X, Z, Q, A, W, V, c, x, R, y)
FORWARD = (
    define(Γ[i], Sum(exp(W[i, m]), m)),
    define(P[i, m], exp(W[i, m]) / Γ[i]),
    define(B[j], tanh(Sum(P[j, p] * V[p], p) + X[j])),
)
SETTING = Setting(
    indices={n.name: n.indices for n in (*GIVEN, Γ, P, B)},
    definitions={d.name: d for d in FORWARD},
    positive=frozenset({"Q", "R"}),
    integer={"y": m},
    padded=frozenset({"c", "x", "R"}),
)


def at(tensor: Any, *subscripts: Any) -> Any:
    """An entry whose subscripts need not lie on its axes: c[i+m]."""
    return Formula(entry_of(tensor.name, [unwrap(s) for s in subscripts]))


N, M, T = (st.sampled_from(letters) for letters in LETTERS.values())
ANY = st.one_of(N, N, M, T)
OFFSET = st.integers(-2, 2)

subscripts = st.one_of(
    st.builds(lambda n, d: n + d, ANY, OFFSET),
    st.builds(lambda n, o, d: n + o + d, ANY, ANY, OFFSET),
    st.builds(lambda n, o, d: 2 * n - o + d, ANY, ANY, OFFSET),
    st.builds(lambda n, o: n + unwrap(size(o)), ANY, ANY),
    OFFSET,
)
entries = st.one_of(
    st.just(a),
    N.map(lambda n: X[n]),
    N.map(lambda n: Z[n]),
    N.map(lambda n: X[n]),
    N.map(lambda n: Q[n]),
    M.map(lambda n: V[n]),
    st.builds(lambda n, o: A[n, o], N, N),
    st.builds(lambda n, o: W[n, o], N, M),
    st.builds(lambda n, o: W[n, y[o]], N, N),
    st.builds(lambda s: at(c, s), subscripts),
    st.builds(lambda s: at(x, s), subscripts),
    st.builds(lambda s: at(R, s), subscripts),
    N.map(lambda n: Γ[n]),
    N.map(lambda n: B[n]),
    st.builds(lambda n, o: P[n, o], N, M),
)
deltas = st.one_of(
    st.builds(delta, N, N),
    st.builds(delta, M, M),
    st.builds(lambda n, s: Formula(KroneckerDelta(n, unwrap(s), evaluate=False)), ANY, subscripts),
    st.builds(lambda n, o: delta(y[n], o), N, M),
    st.builds(lambda n, o: delta(y[n], y[o]), N, N),
)
brackets = st.builds(lambda n, s: bracket(n, s), ANY, subscripts)
numbers = st.one_of(
    st.integers(-2, 3).map(lambda n: Formula(unwrap(n))),
    st.sampled_from([Rational(1, 2), Rational(-3, 2)]).map(Formula),
    ANY.map(size),
    ANY.map(lambda n: 1 / size(n)),
)
leaves = st.one_of(entries, entries, entries, deltas, brackets, numbers)


@st.composite
def ranges(draw: st.DrawFn, factor: Any) -> Any:
    """What a sum over some letter of a formula runs over: an axis, or a part that may be empty."""
    n = draw(st.sampled_from([*free_indices(unwrap(factor)), i, m, t]))
    other = draw(ANY.filter(lambda o: o != n))
    low, high = n.lower, n.upper
    parts = [
        (n, low, other),
        (n, other, high),
        (n, other + 1, high),
        (n, low, low + 1),
        (n, low + 1, high),
        (n, low, high - 1),
        (n, low, 2 * other),
        (n, low, n),  # the bound is the letter outside of the sum
    ]
    return draw(st.sampled_from([n] * len(parts) + parts))


@st.composite
def formulas(draw: st.DrawFn, depth: int = 3) -> Any:
    """A formula as an author would write it: nothing is simplified yet."""
    kind = draw(st.sampled_from(KINDS)) if depth else "leaf"
    if kind == "leaf":
        return draw(leaves)
    if kind == "root":
        return draw(positive(depth - 1)) ** draw(st.sampled_from(EXPONENTS))
    if kind == "log":
        return log(draw(positive(depth - 1)))
    left = draw(formulas(depth - 1))
    if kind == "function":
        return draw(st.sampled_from(FUNCTIONS))(left)
    if kind == "power":
        return left ** draw(st.sampled_from([2, 2, 3, -1, -2]))
    right = draw(formulas(depth - 1))
    if kind == "plus":
        return left + right
    if kind == "minus":
        return left - right
    if kind == "sum":
        return Sum(left * right, draw(ranges(left * right)))
    return left * right


@st.composite
def positive(draw: st.DrawFn, depth: int) -> Any:
    """A formula that is greater than 0."""
    if not depth:
        return Q[draw(N)]
    inner = draw(formulas(depth - 1))
    kind = draw(st.sampled_from(["square", "exp", "sum", "sum of squares", "function"]))
    if kind == "square":
        return inner**2 + draw(st.sampled_from([1, Rational(1, 2)]))
    if kind == "exp":
        return exp(tanh(inner))
    if kind == "function":
        return draw(st.sampled_from([sigmoid, softplus]))(inner)
    n = draw(st.sampled_from([*free_indices(unwrap(inner)), i]))
    if kind == "sum":
        return Sum(exp(tanh(inner)), n)
    return Sum(inner**2, n) / size(n) + Q[draw(N)]


KINDS = ["leaf", *["sum"] * 4, *["times"] * 3, "plus", "plus", "minus", "power", "function", "root"]
KINDS += ["log"]
EXPONENTS = [Rational(1, 2), Rational(-1, 2), Rational(3, 2), Rational(-3, 2), -1, -2]
FUNCTIONS = [
    tanh,
    sigmoid,
    softplus,
    relu,
    step,
    absolute,
    sign,
    sin,
    cos,
    lambda argument: exp(tanh(argument)),
]


def closed(formula: Any, free: int = 2) -> Any:
    """The expression, summed over all of its free indices but a few, to keep it small."""
    many = [*free_indices(unwrap(formula))][free:]
    return unwrap(Sum(formula, *many) if many else formula)


expressions = formulas().map(closed)
sizes = st.fixed_dictionaries({name: st.integers(1, 3) for name in LETTERS})
