"""Rules for Kronecker deltas, and for subscripts that are more than one index."""

from gradcheck.derivations.calculus.normal.affine import Affine, Index, Lookup, always, margins
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    fresh,
    merge,
    normalise,
    of,
    without,
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
)
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.substitution import again, substituted


def contract(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_k δ_kj f(k) = f(j) where j is in the range of k."""
    for delta in factors:
        if not isinstance(delta, Delta):
            continue
        index = _eliminated(delta, binders, factors)
        if index is None:
            continue
        value = delta.argument.solved_for(index)
        rest = without(factors, delta)
        merge(rest, [(Bracket(end), 1) for end in margins(value, index.low, index.high)])
        inner = {n: b for n, b in binders.items() if n != index.name}
        return again(coefficient, inner, rest, {index.name: value})
    return None


def combine(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t - k) δ(v - t - l) = δ(v - t - k) δ(k - l)."""
    deltas = [a for a in factors if isinstance(a, Delta)]
    for k, one in enumerate(deltas):
        for other in deltas[k + 1 :]:
            for form in (one.argument - other.argument, one.argument + other.argument):
                if _identifies(form) and any(i.name in binders for i in form.indices):
                    rest = without(factors, other)
                    merge(rest, [(Delta(form), 1)])
                    return normalise(coefficient, binders, rest)
    return None


def one_letter(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ_ij x_j = δ_ij x_i, and δ(i - y[s]) x[y[s]] = δ(i - y[s]) x[i]; no letter of δ is summed."""
    for delta in factors:
        if not isinstance(delta, Delta) or not _identifies(delta.argument):
            continue
        replaced = _replaced_by_equal(delta, binders)
        if replaced is None:
            continue
        value = delta.argument.solved_for(replaced)
        rest = without(factors, delta)
        if any(replaced.name in a.letters for a in rest):
            return again(coefficient, binders, rest, {replaced.name: value}, keep=delta)
    return None


def lift(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """x[t+k] = Σ_v δ(v - t - k) x[v]: no entry keeps a subscript that is more than one index.

    What lies outside the axis is 0 in this form; whether it is read at all is not asked here.
    """
    for atom, exponent in factors.items():
        if not isinstance(atom, Entry):
            continue
        for place, subscript in enumerate(atom.subscripts):
            if subscript.alone is None and subscript.letters:
                index = fresh(Index("", *atom.tensor.axes[place]))
                new = Affine.of(index)
                subscripts = (*atom.subscripts[:place], new, *atom.subscripts[place + 1 :])
                rest = without(factors, atom)
                merge(rest, [(Entry(atom.tensor, subscripts), exponent)])
                merge(rest, [(Delta(new - subscript), 1)])
                low, high = atom.tensor.axes[place]
                kept = {
                    a: e
                    for a, e in rest.items()
                    if not (
                        isinstance(a, Bracket)
                        and (
                            always(a.argument - (subscript - low))
                            or always(a.argument - (high - subscript))
                        )
                    )
                }
                return normalise(coefficient, {**binders, index.name: index}, kept)
    return None


def offsets_inside(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t - 1) f(x[t+1]) = δ(v - t - 1) f(x[v]), where that leaves fewer deltas inside f."""
    nested = [a for a in factors if isinstance(a, (Apply, Base)) and "δ(" in a.key]
    for delta in (a for a in factors if isinstance(a, Delta) and nested):
        for index in delta.argument.indices:
            sign = delta.argument.coefficient(index)
            if index.name in binders or abs(sign) != 1 or not isinstance(index, Index):
                continue
            value = delta.argument.solved_for(index)
            for atom in (a for a in nested if index.name in a.letters):
                changed = substituted(atom, {index.name: value})
                if changed.key.count("δ(") < atom.key.count("δ("):
                    inside = of(changed) if isinstance(changed, Atom) else changed
                    rest = without(factors, atom)
                    return normalise(coefficient, binders, rest, [power(inside, factors[atom])])
    return None


def _eliminated(delta: Delta, binders: Binders, factors: Factors) -> Index | None:
    """The summed index that a delta fixes.

    If the delta is more than an identification of two indices, solving it for one or the other
    gives different forms of the same thing; then the delta stays, unless the index is the
    subscript of nothing, so that the form is unique. The same holds if it is the only one that
    stands in functions alone: Σ_v δ(v - t - 1) f(x[v]) is f(x[t+1]).
    """
    argument = delta.argument
    candidates = [
        i for i in argument.indices if i.name in binders and abs(argument.coefficient(i)) == 1
    ]
    if not candidates:
        return None
    if _identifies(argument):
        return candidates[0]  # type: ignore[return-value]
    loose = [i for i in candidates if not _stands_in(i, factors, Entry)]
    if len(loose) > 1:
        loose = [i for i in loose if not _stands_in(i, factors, (Apply, Base))]
    for index in loose:
        others = [i for i in argument.indices if i.name != index.name]
        if not any(index.name in i.letters for i in others):
            return index  # type: ignore[return-value]
    return None


def _stands_in(index: Index | Lookup, factors: Factors, kinds: type | tuple[type, ...]) -> bool:
    return any(index.name in a.letters for a in factors if isinstance(a, kinds))


def _identifies(argument: Affine) -> bool:
    """Whether [argument = 0] says that two indices are equal, or that one is a given number."""
    indices = argument.indices
    if len(indices) == 1:
        return True
    if len(indices) != 2 or argument.const or len(argument.parts) != 2:
        return False
    (c, sizes, _), (d, more, _) = argument.parts.values()
    one, other = indices
    nested = isinstance(one, Lookup) or isinstance(other, Lookup)
    loop = nested and not one.letters.isdisjoint(other.letters)
    return c == -d and abs(c) == 1 and not sizes and not more and not loop


def _replaced_by_equal(delta: Delta, binders: Binders) -> Index | Lookup | None:
    """Which side of a delta gives way: a lookup to an index, the later letter to the earlier."""
    if any(i.name in binders for i in delta.argument.indices):
        return None
    lookups = [i for i in delta.argument.indices if isinstance(i, Lookup)]
    indices = [i for i in delta.argument.indices if isinstance(i, Index)]
    if len(lookups) == 1:
        return lookups[0]
    if lookups:
        return None
    return max(indices, key=lambda i: i.name)
