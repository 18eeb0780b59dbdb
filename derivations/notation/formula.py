"""The vocabulary of a formula: indices, tensors, sums, deltas, functions, derivatives.

Operators build SymPy expressions that keep the author's order of terms and letters (SymPy by
itself would sort them). `Formula.expr` is the SymPy expression; everything is checked while it is
written: an index on the wrong axis is an error at the line that has it.
"""

from dataclasses import dataclass
from typing import Any

import sympy

from gradcheck.derivations.calculus import functions as elementwise
from gradcheck.derivations.calculus import terms


class NotationError(ValueError):
    """A formula that cannot mean anything; the message says which index or tensor is wrong."""


class Formula:
    """A SymPy expression that is combined without being rearranged.

    values  for an integer entry, such as a class target: an index over the axis it points into
    """

    def __init__(self, expr: Any, values: Any = None) -> None:
        self.expr = expr
        self.values = values

    def _sympy_(self) -> Any:
        return self.expr

    def __repr__(self) -> str:
        return str(self.expr)

    def __add__(self, other: Any) -> "Formula":
        if hasattr(other, "matrix") and not terms.free_indices(self.expr):
            return NotImplemented  # a number plus a matrix is the matrix's business
        return Formula(_flat(sympy.Add, self.expr, unwrap(other)))

    def __radd__(self, other: Any) -> "Formula":
        return Formula(_flat(sympy.Add, unwrap(other), self.expr))

    def __sub__(self, other: Any) -> "Formula":
        if hasattr(other, "matrix") and not terms.free_indices(self.expr):
            return NotImplemented
        return self + -Formula(unwrap(other))

    def __rsub__(self, other: Any) -> "Formula":
        return Formula(unwrap(other)) + -self

    def __neg__(self) -> "Formula":
        return Formula(_flat(sympy.Mul, sympy.S.NegativeOne, self.expr))

    def __mul__(self, other: Any) -> Any:
        if hasattr(other, "matrix"):
            return NotImplemented  # a number times a matrix is the matrix's business
        return Formula(_flat(sympy.Mul, self.expr, unwrap(other)))

    def __rmul__(self, other: Any) -> "Formula":
        return Formula(_flat(sympy.Mul, unwrap(other), self.expr))

    def __pow__(self, exponent: Any) -> "Formula":
        return Formula(sympy.Pow(self.expr, unwrap(exponent), evaluate=False))

    def __truediv__(self, other: Any) -> "Formula":
        return Formula(_flat(sympy.Mul, self.expr, _inverse(unwrap(other))))

    def __rtruediv__(self, other: Any) -> "Formula":
        return Formula(_flat(sympy.Mul, unwrap(other), _inverse(self.expr)))

    def __floordiv__(self, other: Any) -> "Formula":
        return Formula(sympy.floor(self.expr / unwrap(other), evaluate=False))


def unwrap(value: Any) -> Any:
    """The SymPy expression of a formula, a scalar tensor, an index or a number."""
    if hasattr(value, "matrix"):
        raise NotationError("a matrix or a slice cannot stand in a formula: give all its indices")
    return value.expr if hasattr(value, "expr") else sympy.sympify(value)


def _inverse(expr: Any) -> Any:
    return sympy.Pow(expr, -1, evaluate=False)


def _flat(operation: Any, *operands: Any) -> Any:
    """One sum or product of all operands, in their order: a b c, not (a b) c."""
    args = [a for o in operands for a in (o.args if o.func is operation else (o,))]
    return operation(*args, evaluate=False)


def axis(size: Any, letters: str, start: int = 0) -> tuple[Any, ...]:
    """Indices over one axis: `s, i = axis("S", "s i")`. Entries are counted from `start`.

    Its length may follow from others: `axis(size(t) + size(k) - 1, "u")`.
    """
    own = isinstance(size, str)
    length = sympy.Symbol(size, integer=True, positive=True) if own else terms.plain(unwrap(size))
    return tuple(sympy.Idx(i, (start, start + length - 1)) for i in letters.split())


def size(index: Any) -> Formula:
    """The length of the axis that an index runs over."""
    return Formula(terms.size_of(index))


def runs_over(subscript: Any) -> Any:
    """The index whose axis a subscript lies on, or None if that cannot be told: t - 1, 0."""
    if isinstance(subscript, Formula):
        return subscript.values if subscript.values is not None else runs_over(subscript.expr)
    return subscript if isinstance(subscript, sympy.Idx) else None


def Sum(body: Any, *indices: Any) -> Any:
    """Σ over indices, each over its whole axis or, as `(j, low, high)`, over a stated range."""
    if hasattr(body, "summed"):
        return body.summed(*indices)
    ranges = [i if isinstance(i, tuple) else (i,) for i in indices]
    for index, *_ in ranges:
        if not isinstance(index, sympy.Idx):
            raise NotationError(f"a sum runs over indices, and {index} is not one")
    limits = [r if len(r) == 3 else (r[0], r[0].lower, r[0].upper) for r in ranges]
    body = unwrap(body)
    return Formula(sympy.Sum(body, *(tuple(map(unwrap, limit)) for limit in reversed(limits))))


def argmax(of: Any, *letters: Any) -> Any:
    """Where an expression is greatest as letters run over their axes; the first of equal ones.

    One value for each letter: `a = argmax(X[n, k], k)`, `a, b = argmax(X[n, k, l], k, l)`. Each is
    the right side of a definition, whose entries may then stand in subscripts.
    """
    for letter in letters:
        if not isinstance(letter, sympy.Idx):
            raise NotationError(f"an argmax runs over indices, and {letter} is not one")
    places = [Formula(terms.ArgMax(unwrap(of), i, *letters), values=i) for i in letters]
    return places[0] if len(places) == 1 else tuple(places)


def delta(left: Any, right: Any) -> Formula:
    """The Kronecker delta: 1 where both indices are equal, else 0."""
    a, b = runs_over(left), runs_over(right)
    if a is not None and b is not None and (a.lower, a.upper) != (b.lower, b.upper):
        raise NotationError(
            f"δ_{left}{right} joins two axes: {left} runs over {terms.size_of(a)}, "
            f"{right} over {terms.size_of(b)}"
        )
    return Formula(sympy.KroneckerDelta(unwrap(left), unwrap(right), evaluate=False))


def bracket(low: Any, high: Any) -> Formula:
    """The Iverson bracket [low <= high]: 1 where it holds, else 0."""
    return Formula(terms.Bracket(unwrap(low), unwrap(high)))


def D(of: Any, by: Any, held: Any = None) -> Formula:
    """The derivative of an expression by one entry: `D(Y[s, n], W[i, j])`.

    Named intermediates are seen through, so this is the total derivative. With a recursive tensor
    as `held`, e.g. `D(H[t, i], W[j, k], held=H)`, the state before is held fixed.
    """
    return Formula(terms.D(unwrap(of), unwrap(by), held and held.name))


def function(name: str) -> "ElementwiseFunction":
    """A differentiable function of which nothing else is known; its derivative is `f.prime`."""
    return ElementwiseFunction(elementwise.undefined(name))


@dataclass(frozen=True)
class ElementwiseFunction:
    """A function of one number, applied entry by entry."""

    symbol: Any

    def __call__(self, argument: Any) -> Any:
        if hasattr(argument, "apply"):  # matrix notation
            return argument.apply(self)
        return Formula(self.symbol(unwrap(argument), evaluate=False))

    @property
    def name(self) -> str:
        return str(self.symbol.__name__)

    @property
    def prime(self) -> "ElementwiseFunction":
        return ElementwiseFunction(self.symbol.prime)


exp, log, tanh = map(ElementwiseFunction, (sympy.exp, sympy.log, sympy.tanh))
sin, cos = map(ElementwiseFunction, (sympy.sin, sympy.cos))
erf = ElementwiseFunction(sympy.erf)
sigmoid, softplus = map(ElementwiseFunction, (elementwise.sigmoid, elementwise.softplus))
relu, step = map(ElementwiseFunction, (elementwise.relu, elementwise.step))
absolute, sign = map(ElementwiseFunction, (elementwise.absolute, elementwise.sign))


pi = Formula(sympy.pi)


def sqrt(argument: Any) -> Formula:
    """The square root."""
    return Formula(sympy.Pow(unwrap(argument), sympy.Rational(1, 2), evaluate=False))
