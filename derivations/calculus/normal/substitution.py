"""Σ over an index, and other things put in the place of indices and entries."""

from collections.abc import Callable, Iterable, Mapping

from gradcheck.derivations.calculus.normal.affine import Affine, Index
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    accumulate,
    add,
    apply,
    fresh,
    merge,
    normalise,
    opened,
    poly,
)
from gradcheck.derivations.calculus.normal.poly import (
    Apply,
    Atom,
    Base,
    Binders,
    Bracket,
    Delta,
    Entry,
    Factors,
    Number,
    Poly,
)
from gradcheck.derivations.calculus.normal.powers import power


def total(body: Poly, index: Index, conditions: Iterable[Atom] = ()) -> Poly:
    """Σ over an index and its range of a body, where all conditions hold."""
    terms: Terms = {}
    conditions = tuple(conditions)
    for p, c in body.terms:
        inner = fresh(index)
        new = {index.name: Affine.of(inner)}
        binders, factors = opened(p)
        merge(factors, ((condition, 1) for condition in conditions))
        accumulate(terms, again(c, {**binders, inner.name: inner}, factors, new).items())
    return poly(terms)


def substitute(sum_: Poly, new: Mapping[str, Affine]) -> Poly:
    """Put subscripts in the place of free indices."""
    if sum_.letters.isdisjoint(new):
        return sum_
    terms: Terms = {}
    for p, c in sum_.terms:
        binders, factors = opened(p)
        accumulate(terms, again(c, binders, factors, new).items())
    return poly(terms)


def replace_entries(sum_: Poly, replacement: Callable[[Entry], Poly | None]) -> Poly:
    """Put something else in the place of the entries for which there is a replacement."""
    parts: list[Poly] = []
    for p, c in sum_.terms:
        binders, factors = opened(p)
        stay: Factors = {}
        changed: list[Poly] = []
        for atom, exponent in factors.items():
            value = _replacement(atom, exponent, replacement)
            if value is None:
                stay[atom] = exponent
            else:
                changed.append(value)
        if changed:
            parts.append(poly(normalise(c, binders, stay, changed)))
        else:
            parts.append(Poly({p: c}))
    return add(*parts)


def _replacement(
    atom: Atom, exponent: Number, replacement: Callable[[Entry], Poly | None]
) -> Poly | None:
    value: Poly | None = None
    if isinstance(atom, Entry):
        value = replacement(atom)
    elif isinstance(atom, Apply):
        inner = replace_entries(atom.argument, replacement)
        value = None if inner == atom.argument else apply(atom.function, inner)
    elif isinstance(atom, Base):
        inner = replace_entries(atom.poly, replacement)
        value = None if inner == atom.poly else inner
    return None if value is None else power(value, exponent)


def again(
    coefficient: Number,
    binders: Binders,
    factors: Factors,
    new: Mapping[str, Affine],
    keep: Atom | None = None,
) -> Terms:
    """The terms of an open product after a substitution, which `keep`, a factor too, escapes."""
    atoms: Factors = {} if keep is None else {keep: 1}
    sums: list[Poly] = []
    for atom, exponent in factors.items():
        value = substituted(atom, new)
        if isinstance(value, Poly):
            sums.append(power(value, exponent))
        else:
            merge(atoms, ((value, exponent),))
    return normalise(coefficient, binders, atoms, sums)


def substituted(atom: Atom, new: Mapping[str, Affine]) -> Atom | Poly:
    """What an atom becomes; a function or a base may turn into a whole sum."""
    if atom.letters.isdisjoint(new):
        return atom
    if isinstance(atom, Entry):
        return Entry(atom.tensor, tuple(a.substitute(new) for a in atom.subscripts))
    if isinstance(atom, Delta):
        return Delta(atom.argument.substitute(new))
    if isinstance(atom, Bracket):
        return Bracket(atom.argument.substitute(new))
    if isinstance(atom, Apply):
        return apply(atom.function, substitute(atom.argument, new))
    assert isinstance(atom, Base)
    inner = substitute(atom.poly, new)
    return Base(inner) if len(inner) > 1 else inner
