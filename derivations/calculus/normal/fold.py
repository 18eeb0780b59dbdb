"""Writing a function value through the tensor that it defines: exp(X) / Γ is P again."""

from collections.abc import Iterator
from fractions import Fraction

from gradcheck.derivations.calculus.normal.affine import Affine, Index, always, margins
from gradcheck.derivations.calculus.normal.algebra import (
    add,
    exact,
    multiply,
    normalise,
    of,
    opened,
    poly,
    scale,
)
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    Apply,
    Atom,
    Bracket,
    Delta,
    Entry,
    Poly,
    Product,
    Tensor,
    atoms_of,
)
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.substitution import substitute, substituted

New = dict[str, Affine]


def folded(
    value: Poly, tensor: Tensor, letters: tuple[Index, ...], body: Poly, at: tuple[Affine, ...]
) -> Poly:
    """The value with function values of a tensor's definition written as entries of it.

    letters, body   the definition; only a single product with a function of all letters can be
    at              the entry that is differentiated, where the function value surely occurs
    """
    found = _function_value(letters, body)
    if found is None:
        return value
    pattern, rest, conditions = found
    own = of(Entry(tensor, tuple(map(Affine.of, letters))))
    replacement = multiply(own, power(rest, -1))
    here = dict(zip((i.name for i in letters), at, strict=True))
    parts = []
    for p, c in value.terms:
        gone: dict[Atom, Poly] = {}
        binders, factors = opened(p)
        deltas = [a for a in factors if isinstance(a, Delta)]
        for atom, exponent in factors.items():
            new = _matched(pattern, atom, letters, here, deltas)
            if new is None:
                continue
            needed = {substituted(a, new) for a in conditions}
            if needed <= {*factors}:  # elsewhere the tensor is 0, and says nothing of the function
                gone[atom] = power(substitute(replacement, new), exponent)
                gone |= {a: ONE for a in needed if isinstance(a, Atom)}
        kept = {a: e for a, e in factors.items() if a not in gone}
        parts.append(poly(normalise(c, binders, kept, gone.values())) if gone else Poly({p: c}))
    return add(*parts)


def _function_value(
    letters: tuple[Index, ...], body: Poly
) -> tuple[Apply, Poly, list[Atom]] | None:
    """From P[n,c] = exp(X[n,c]) / Γ[n]: exp(X[n,c]), the other factors, and the conditions."""
    single = body.only
    if single is None or single[0].binders:
        return None
    names = {i.name for i in letters}
    for atom, exponent in single[0].factors:
        if isinstance(atom, Apply) and exponent == 1 and names <= atom.letters:
            others = [f for f in single[0].factors if f[0] != atom]
            conditions: list[Atom] = [a for a, _ in others if isinstance(a, (Bracket, Delta))]
            if not all(e < 0 or a.positive or a in conditions for a, e in others):
                continue  # the other factors may be 0, and must not become denominators
            rest = Poly({Product((), tuple(f for f in others if f[0] not in conditions)): 1})
            return atom, scale(rest, exact(Fraction(single[1]))), conditions
    return None


def _matched(
    pattern: Apply, atom: Atom, letters: tuple[Index, ...], here: New, deltas: list[Delta]
) -> New | None:
    """The values of the definition's letters at which the pattern is this atom.

    Under δ(p - H - m), which may have changed how the atom is written, f(x[H+m]) is f(x[p]).
    """
    if not isinstance(atom, Apply) or atom.function != pattern.function:
        return None
    for new in (here, _guessed(pattern, atom, here)):
        value = substituted(pattern, new)
        if value in (atom, of(atom)) and all(_may_be(new[i.name], i) for i in letters):
            return new
    if deltas and _under(deltas, substituted(pattern, here)) == _under(deltas, atom):
        return here
    return None


def _under(deltas: list[Delta], value: Atom | Poly) -> Poly:
    value = of(value) if isinstance(value, Atom) else value
    return poly(normalise(1, {}, dict.fromkeys(deltas, 1), [value]))


def _may_be(subscript: Affine, letter: Index) -> bool:
    """Whether a subscript lies on the axis of a letter, if need be with an offset, t + 1."""
    one = (subscript - subscript.const).alone
    if one is not None and (one.low, one.high) == (letter.low, letter.high):
        return True
    return all(always(margin) for margin in margins(subscript, letter.low, letter.high))


def _guessed(pattern: Apply, atom: Apply, letters: New) -> New:
    """Letters read off the subscripts of entries of the same tensors."""
    new: New = {}
    for ours in _entries(pattern.argument):
        for theirs in _entries(atom.argument):
            if ours.tensor.name == theirs.tensor.name:
                for a, b in zip(ours.subscripts, theirs.subscripts, strict=True):
                    if a.alone is not None and a.alone.name in letters:
                        new.setdefault(a.alone.name, b)
    return {**letters, **new}


def _entries(value: Poly) -> Iterator[Entry]:
    return (a for a in atoms_of(value) if isinstance(a, Entry))
