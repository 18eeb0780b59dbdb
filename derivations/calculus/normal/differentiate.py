"""The derivative of a normal form by one entry of a tensor.

Every entry is a variable of its own: ∂x[v]/∂x[j] = δ(v - j). The rest is the product, power and
chain rules. Subscripts, deltas and conditions do not depend on values, so they are constants.
"""

from collections.abc import Callable

from gradcheck.derivations.calculus.normal.affine import Affine
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    accumulate,
    exact,
    merge,
    multiply,
    normalise,
    opened,
    poly,
)
from gradcheck.derivations.calculus.normal.functions import prime
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    ZERO,
    Apply,
    Atom,
    Base,
    Delta,
    Entry,
    Factors,
    Poly,
)

OfEntry = Callable[[Entry], Poly]


def derivative(of: Poly, of_entry: OfEntry) -> Poly:
    """The derivative of a sum of products, given the derivative of every entry in it."""
    terms: Terms = {}
    for p, c in of.terms:
        binders, factors = opened(p)
        for atom, exponent in factors.items():
            inner = _of_atom(atom, of_entry)
            if not inner.terms:
                continue
            rest: Factors = {a: e for a, e in factors.items() if a is not atom}
            merge(rest, [(atom, exact(exponent - 1))])
            accumulate(terms, normalise(exact(c * exponent), binders, rest, [inner]).items())
    return poly(terms)


def same_entry(entry: Entry, subscripts: tuple[Affine, ...]) -> Poly:
    """1 where the subscripts of an entry are these, else 0: a product of deltas."""
    factors: Factors = {}
    for own, other in zip(entry.subscripts, subscripts, strict=True):
        merge(factors, [(Delta(own - other), 1)])
    return poly(normalise(1, {}, factors)) if factors else ONE


def _of_atom(atom: Atom, of_entry: OfEntry) -> Poly:
    if isinstance(atom, Entry):
        return of_entry(atom)
    if isinstance(atom, Base):
        return derivative(atom.poly, of_entry)
    if not isinstance(atom, Apply):
        return ZERO
    inner = derivative(atom.argument, of_entry)
    if not inner.terms:
        return ZERO
    return multiply(prime(atom.function, atom.argument), inner)
