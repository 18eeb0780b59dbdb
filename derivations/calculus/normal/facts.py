"""Declared facts, put in by writing a tensor as the general one of its kind.

symmetric     A[i,j] is (A[i,j] + A[j,i]) / 2
one-hot       T[s,k] is [k = class of s]
sums to one   T[s,k] is T[s,k] / Σ_k T[s,k]

What vanishes for the general tensor of a kind vanishes for every tensor of that kind, so no search
through consequences of the fact is needed.
"""

from fractions import Fraction
from functools import partial

from gradcheck.derivations.calculus.normal.affine import Affine, Index, Lookup
from gradcheck.derivations.calculus.normal.algebra import add, fresh, multiply, of, scale
from gradcheck.derivations.calculus.normal.poly import Delta, Entry, Poly
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.substitution import replace_entries, total
from gradcheck.derivations.calculus.terms import Fact


def with_facts(difference: Poly, facts: tuple[Fact, ...]) -> tuple[Poly, tuple[str, ...]]:
    """The difference after putting in facts one by one while it does not vanish; those used."""
    used = []
    for fact in facts:
        if not difference.terms:
            break
        put_in = replace_entries(difference, partial(_general, fact))
        if put_in != difference:
            difference = put_in
            used.append(fact.text)
    return difference, tuple(used)


def _general(fact: Fact, entry: Entry) -> Poly | None:
    if entry.tensor.name != fact.tensor:
        return None
    if fact.kind == "symmetric":
        a, b = fact.axes
        swapped = list(entry.subscripts)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        other = of(Entry(entry.tensor, tuple(swapped)))
        return scale(add(of(entry), other), Fraction(1, 2))
    (axis,) = fact.axes
    before, own, after = (
        entry.subscripts[:axis],
        entry.subscripts[axis],
        entry.subscripts[axis + 1 :],
    )
    low, high = entry.tensor.axes[axis]
    if fact.kind == "one-hot":
        place = Lookup(f"place of the 1 in {entry.tensor.name}", (*before, *after), low, high)
        return of(Delta(own - Affine.of(place)))
    if fact.kind == "sums to one":
        index = fresh(Index("", low, high))
        line = of(Entry(entry.tensor, (*before, Affine.of(index), *after)))
        return multiply(of(entry), power(total(line, index), -1))
    raise NotImplementedError(f"no use is known for the fact {fact.kind}")
