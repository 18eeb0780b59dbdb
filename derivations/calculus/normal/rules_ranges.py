"""Rules for ranges: conditions, sums over one value, indices that occur nowhere."""

from gradcheck.derivations.calculus.normal.affine import (
    Affine,
    Index,
    Lookup,
    always,
    negative,
    never,
    nonnegative,
)
from gradcheck.derivations.calculus.normal.algebra import (
    Terms,
    accumulate,
    apply,
    exact,
    fresh,
    merge,
    normalise,
    opened,
    poly,
    without,
)
from gradcheck.derivations.calculus.normal.poly import (
    Apply,
    Base,
    Binders,
    Bracket,
    Delta,
    Factors,
    Number,
    Poly,
    Size,
)
from gradcheck.derivations.calculus.normal.powers import power
from gradcheck.derivations.calculus.normal.substitution import again

# Conditions that go round in a circle, i < j < k < i, narrow ranges for ever; beyond this offset
# they are left as they are.
FARTHEST = 12


def decided_by_ranges(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """A condition that always or never holds."""
    for a in factors:
        if isinstance(a, Bracket):
            if always(a.argument):
                return normalise(coefficient, binders, without(factors, a))
            if never(a.argument):
                return {}
        elif isinstance(a, Delta) and (never(a.argument) or never(-a.argument)):
            return {}
    return None


def narrow(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_{k=0}^{N-1} [k >= 1] f(k) = Σ_{k=1}^{N-1} f(k)."""
    for bracket in factors:
        if not isinstance(bracket, Bracket) or len(bracket.argument.indices) != 1:
            continue
        (index,) = bracket.argument.indices
        sign = bracket.argument.coefficient(index)
        if index.name not in binders or not isinstance(index, Index) or abs(sign) != 1:
            continue
        bound = bracket.argument.solved_for(index)
        low, high = (bound, index.high) if sign > 0 else (index.low, bound)
        if not (nonnegative(low - index.low) and nonnegative(index.high - high)):
            continue
        narrower = fresh(Index("", low, high))
        inner = {n: b for n, b in binders.items() if n != index.name}
        inner[narrower.name] = narrower
        rest = without(factors, bracket)
        return again(coefficient, inner, rest, {index.name: Affine.of(narrower)})
    return None


def freed(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t + 1) [v >= u] = δ(v - t + 1) [t - 1 >= u], if v alone of these letters is summed."""
    for delta in factors:
        if not isinstance(delta, Delta):
            continue
        summed = [i for i in delta.argument.indices if not i.letters.isdisjoint(binders)]
        if len(summed) != 1 or abs(delta.argument.coefficient(summed[0])) != 1:
            continue
        (index,) = summed
        value = delta.argument.solved_for(index)
        for bracket in factors:
            if isinstance(bracket, Bracket) and index.name in bracket.letters:
                rest = without(factors, bracket)
                merge(rest, [(Bracket(bracket.argument.substitute({index.name: value})), 1)])
                return normalise(coefficient, binders, rest)
    return None


def tighten(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_i Σ_j [i < j]: i ends one earlier, j begins one later; so the ranges are one way only."""
    for atom in factors:
        if isinstance(atom, Bracket):
            forms = [atom.argument]
        elif isinstance(atom, Delta):
            forms = [atom.argument, -atom.argument]
        else:
            continue
        for form in forms:
            for index in form.indices:
                narrower = narrowed(form, index) if index.name in binders else None
                if narrower is not None:
                    inner = {n: b for n, b in binders.items() if n != index.name}
                    inner[narrower.name] = narrower
                    new = {index.name: Affine.of(narrower)}
                    return again(coefficient, inner, factors, new)
    return None


def implied(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """[u >= t] [u >= t-1] = [u >= t], and [u >= t] [u < t] = 0."""
    brackets = [a for a in factors if isinstance(a, Bracket)]
    known = [d.argument.scaled(s) for d in factors if isinstance(d, Delta) for s in (1, -1)]
    for a in brackets:
        for equal in known:
            if always(a.argument + equal):
                return normalise(coefficient, binders, without(factors, a))
            if never(a.argument + equal):
                return {}
        for b in brackets:
            if a is b:
                continue
            if always(a.argument - b.argument):
                return normalise(coefficient, binders, without(factors, a))
            both = a.argument + b.argument
            if never(both):
                return {}
            if not both.parts and not both.const:
                rest = without(without(factors, a), b)
                merge(rest, [(Delta(a.argument), 1)])
                return normalise(coefficient, binders, rest)
    return None


def settled_inside(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t - 1) f([t+1 <= T] x) = δ(v - t - 1) f(x), if v ends at T: what holds outside."""
    known = [a.argument for a in factors if isinstance(a, Bracket)]
    known += [a.argument.scaled(s) for a in factors if isinstance(a, Delta) for s in (1, -1)]
    for atom, exponent in factors.items():
        if not isinstance(atom, (Apply, Base)) or not known:
            continue
        argument = atom.argument if isinstance(atom, Apply) else atom.poly
        for bracket in (a for p, _ in argument for a, _ in p.factors if isinstance(a, Bracket)):
            if bracket.letters <= atom.letters and any(
                always(bracket.argument - form) for form in known
            ):
                held = _where_it_holds(argument, bracket)
                inside = apply(atom.function, held) if isinstance(atom, Apply) else held
                rest = without(factors, atom)
                return normalise(coefficient, binders, rest, [power(inside, exponent)])
    return None


def _where_it_holds(value: Poly, bracket: Bracket) -> Poly:
    """The value with a condition, which is known to hold, left out of its products."""
    terms: Terms = {}
    for p, c in value.terms:
        inner, factors = opened(p)
        accumulate(terms, normalise(c, inner, without(factors, bracket)).items())
    return poly(terms)


def single_value(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """A sum over one value is that term; a sum over none is 0."""
    for name, index in binders.items():
        if index.low == index.high:
            inner = {n: b for n, b in binders.items() if n != name}
            return again(coefficient, inner, factors, {name: index.low})
        if negative(index.high - index.low):
            return {}
    return None


def unused(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_k a = N a, if k occurs nowhere in a."""
    for name, index in binders.items():
        if any(name in a.letters for a in factors) or not nonnegative(index.length):
            continue
        inner = {n: b for n, b in binders.items() if n != name}
        terms: Terms = {}
        length = index.length
        parts = [(length.const, ())] + [(c, sizes) for c, sizes, _ in length.parts.values()]
        for number, sizes in parts:
            if number:
                more = dict(factors)
                merge(more, [(Size(s), 1) for s in sizes])
                accumulate(terms, normalise(exact(coefficient * number), inner, more).items())
        return terms
    return None


def narrowed(form: Affine, index: Index | Lookup) -> Index | None:
    """The index over the part of its range where form >= 0 is possible, if that is less."""
    sign = form.coefficient(index)
    if abs(sign) != 1 or any(index.name in i.letters for i in form.indices if i.name != index.name):
        return None
    rest = form - Affine.of(index).scaled(sign)
    most = rest.bounds[1]  # index >= -rest, or index <= rest
    low, high = (-most, index.high) if sign > 0 else (index.low, most)
    smaller = nonnegative(low - index.low) and nonnegative(index.high - high)
    if not smaller or (low == index.low and high == index.high):
        return None
    if max(abs(low.const), abs(high.const)) > FARTHEST:
        return None
    return fresh(Index("", low, high))
