"""The rules that bring one product into normal form, in the order in which they are tried.

Each rule takes coefficient · Σ over binders of Π factors and answers with the terms that replace
it, in normal form, or with None if it does not apply. Every rule is an identity for all sizes.
"""

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
    LARGEST_POWER,
    Binders,
    Factors,
    Terms,
    accumulate,
    again,
    exact,
    fresh,
    merge,
    normalise,
    of,
    power,
    rule,
    subtract,
)
from gradcheck.derivations.calculus.normal.names import renamed
from gradcheck.derivations.calculus.normal.poly import (
    ONE,
    Apply,
    Atom,
    Base,
    Bracket,
    Delta,
    Entry,
    Number,
    Poly,
    Size,
)

IDEMPOTENT = ("step",)  # functions whose only values are 0 and 1


@rule("powers multiplied out", Base)
def multiply_out(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """(a + b)² c = a² c + 2 a b c + b² c, after equal bases have met."""
    ready = [a for a, e in factors.items() if isinstance(a, Base) and _can_be_expanded(a.poly, e)]
    if not ready:
        return None
    rest = {a: e for a, e in factors.items() if a not in ready}
    return normalise(coefficient, binders, rest, [power(b.poly, factors[b]) for b in ready])  # type: ignore[attr-defined]


def _can_be_expanded(base: Poly, exponent: Number) -> bool:
    whole = exponent == int(exponent)
    if base.number is not None:
        return whole or exponent > 1 or exponent < 0
    if whole and exponent > 0:
        return len(base) ** int(exponent) <= LARGEST_POWER
    single = base.only
    if single is None or single[0].binders:
        return False
    return whole or all(a.positive or e % 2 == 0 for a, e in single[0].factors)


@rule("a condition is 0 or 1", Apply)
def idempotent(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """step(x)² = step(x)."""
    for a, e in factors.items():
        if isinstance(a, Apply) and a.function in IDEMPOTENT and e > 0 and e != 1:
            return normalise(coefficient, binders, {**factors, a: 1})
    return None


@rule("sin² = 1 - cos²", Apply)
def sine_squared(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    for a, e in factors.items():
        if isinstance(a, Apply) and a.function == "sin" and e >= 2:
            one_minus = subtract(ONE, of(Apply("cos", a.argument), 2))
            return normalise(coefficient, binders, {**factors, a: exact(e - 2)}, [one_minus])
    return None


@rule("range", Bracket, Delta)
def decided_by_ranges(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """A condition that always or never holds."""
    for a in factors:
        if isinstance(a, Bracket):
            if always(a.argument):
                return normalise(coefficient, binders, _without(factors, a))
            if never(a.argument):
                return {}
        elif isinstance(a, Delta) and (never(a.argument) or never(-a.argument)):
            return {}
    return None


@rule("delta contraction", Delta)
def contract(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_k δ_kj f(k) = f(j) where j is in the range of k."""
    for delta in factors:
        if not isinstance(delta, Delta):
            continue
        index = _eliminated(delta, binders, factors)
        if index is None:
            continue
        sign = delta.argument.coefficient(index)
        value = (delta.argument - Affine.of(index).scaled(sign)).scaled(-sign)
        rest = _without(factors, delta)
        merge(rest, [(Bracket(value - index.low), 1)])
        merge(rest, [(Bracket(index.high - value), 1)])
        inner = {n: b for n, b in binders.items() if n != index.name}
        return again(coefficient, inner, rest, {index.name: value})
    return None


def _eliminated(delta: Delta, binders: Binders, factors: Factors) -> Index | None:
    """The summed index that a delta fixes.

    If the delta is more than an identification of two indices, solving it for one or the other
    gives different forms of the same thing; then the delta stays, unless the index is the
    subscript of nothing, so that the form is unique.
    """
    argument = delta.argument
    candidates = [
        i for i in argument.indices if i.name in binders and abs(argument.coefficient(i)) == 1
    ]
    if not candidates:
        return None
    if _identifies(argument):
        return candidates[0]  # type: ignore[return-value]
    for index in candidates:
        if not any(index.name in a.letters for a in factors if isinstance(a, (Entry, Apply, Base))):
            others = [i for i in argument.indices if i.name != index.name]
            if not any(index.name in i.letters for i in others):
                return index  # type: ignore[return-value]
    return None


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


@rule("delta combination", Delta)
def combine(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t - k) δ(v - t - l) = δ(v - t - k) δ(k - l)."""
    deltas = [a for a in factors if isinstance(a, Delta)]
    for k, one in enumerate(deltas):
        for other in deltas[k + 1 :]:
            for form in (one.argument - other.argument, one.argument + other.argument):
                if _identifies(form) and any(i.name in binders for i in form.indices):
                    rest = _without(factors, other)
                    merge(rest, [(Delta(form), 1)])
                    return normalise(coefficient, binders, rest)
    return None


@rule("equal letters", Delta)
def one_letter(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ_ij x_j = δ_ij x_i, and δ(i - y[s]) x[y[s]] = δ(i - y[s]) x[i]; no letter of δ is summed."""
    for delta in factors:
        if not isinstance(delta, Delta) or not _identifies(delta.argument):
            continue
        replaced = _replaced_by_equal(delta, binders)
        if replaced is None:
            continue
        sign = delta.argument.coefficient(replaced)
        value = (delta.argument - Affine.of(replaced).scaled(sign)).scaled(-sign)
        rest = _without(factors, delta)
        if any(replaced.name in a.letters for a in rest):
            return again(coefficient, binders, rest, {replaced.name: value}, keep=delta)
    return None


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


@rule("offset as a delta", Entry)
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
                rest = _without(factors, atom)
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


@rule("range", Bracket)
def narrow(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """Σ_{k=0}^{N-1} [k >= 1] f(k) = Σ_{k=1}^{N-1} f(k)."""
    for bracket in factors:
        if not isinstance(bracket, Bracket) or len(bracket.argument.indices) != 1:
            continue
        (index,) = bracket.argument.indices
        sign = bracket.argument.coefficient(index)
        if index.name not in binders or not isinstance(index, Index) or abs(sign) != 1:
            continue
        bound = (bracket.argument - Affine.of(index).scaled(sign)).scaled(-sign)
        low, high = (bound, index.high) if sign > 0 else (index.low, bound)
        if not (nonnegative(low - index.low) and nonnegative(index.high - high)):
            continue
        narrower = fresh(Index("", low, high))
        inner = {n: b for n, b in binders.items() if n != index.name}
        inner[narrower.name] = narrower
        rest = _without(factors, bracket)
        return again(coefficient, inner, rest, {index.name: Affine.of(narrower)})
    return None


@rule("conditions on free letters", Bracket)
def freed(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """δ(v - t + 1) [v >= u] = δ(v - t + 1) [t - 1 >= u], if v alone of these letters is summed."""
    for delta in factors:
        if not isinstance(delta, Delta):
            continue
        summed = [i for i in delta.argument.indices if not i.letters.isdisjoint(binders)]
        if len(summed) != 1 or abs(delta.argument.coefficient(summed[0])) != 1:
            continue
        (index,) = summed
        sign = delta.argument.coefficient(index)
        value = (delta.argument - Affine.of(index).scaled(sign)).scaled(-sign)
        for bracket in factors:
            if isinstance(bracket, Bracket) and index.name in bracket.letters:
                rest = _without(factors, bracket)
                merge(rest, [(Bracket(bracket.argument.substitute({index.name: value})), 1)])
                return normalise(coefficient, binders, rest)
    return None


@rule("range", Bracket, Delta)
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
    return fresh(Index("", low, high))


@rule("conditions that follow from others", Bracket)
def implied(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """[u >= t] [u >= t-1] = [u >= t], and [u >= t] [u < t] = 0."""
    brackets = [a for a in factors if isinstance(a, Bracket)]
    known = [d.argument.scaled(s) for d in factors if isinstance(d, Delta) for s in (1, -1)]
    for a in brackets:
        for equal in known:
            if always(a.argument + equal):
                return normalise(coefficient, binders, _without(factors, a))
            if never(a.argument + equal):
                return {}
        for b in brackets:
            if a is b:
                continue
            if always(a.argument - b.argument):
                return normalise(coefficient, binders, _without(factors, a))
            both = a.argument + b.argument
            if never(both):
                return {}
            if not both.parts and not both.const:
                rest = _without(_without(factors, a), b)
                merge(rest, [(Delta(a.argument), 1)])
                return normalise(coefficient, binders, rest)
    return None


@rule("one value", *())
def single_value(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """A sum over one value is that term; a sum over none is 0."""
    for name, index in binders.items():
        if index.low == index.high:
            inner = {n: b for n, b in binders.items() if n != name}
            return again(coefficient, inner, factors, {name: index.low})
        if negative(index.high - index.low):
            return {}
    return None


@rule("a sum that is a base", Base)
def sum_meets_base(coefficient: Number, binders: Binders, factors: Factors) -> Terms | None:
    """(Σ_k a_k) (Σ_k a_k)^e = (Σ_k a_k)^(e+1)."""
    for base in factors:
        single = base.poly.only if isinstance(base, Base) else None
        if single is None or len(single[0].binders) != 1 or single[1] != 1:
            continue
        (bound,) = single[0].binders
        for name, index in binders.items():
            if (index.low, index.high) != (bound.low, bound.high):
                continue
            touching = {a: e for a, e in factors.items() if name in a.letters}
            wanted = {renamed(a, {bound.name: Affine.of(index)}): e for a, e in single[0].factors}
            if touching == wanted:
                rest = {a: e for a, e in factors.items() if a not in wanted}
                merge(rest, [(base, 1)])
                inner = {n: b for n, b in binders.items() if n != name}
                return normalise(coefficient, inner, rest)
    return None


@rule("unused index", *())
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


def _without(factors: Factors, atom: Atom) -> Factors:
    return {a: e for a, e in factors.items() if a is not atom}
