"""Canonical names for the summed indices of a product, so that Σ_i x_i y_i and Σ_k x_k y_k are one.

Which of several summed indices comes first must not depend on what they are called. Indices are
coloured by the places where they occur, the colours are refined by those of their neighbours until
nothing changes, and where equal colours remain, each candidate in turn is singled out and the
refinement goes on (individualisation); the least result is taken. Sums that share no factor are
named apart from each other, and of indices that may be exchanged without any effect one is tried,
so the search does not grow with the factorial of their number.
"""

from __future__ import annotations

from collections.abc import Mapping

from gradcheck.derivations.calculus.normal.affine import Affine, Index, Lookup
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
    Product,
)

Colours = Mapping[str, str]


def closed(binders: Binders, factors: Factors) -> Product:
    """The product with its summed indices named `$h.0`, `$h.1` ... in their canonical order."""
    if not binders:
        return Product((), _sorted(factors))
    order = canonical_order(binders, factors)
    height = 1 + max([a.height for a in factors], default=0)
    return _named(order, binders, factors, height)


def renamed(atom: Atom, new: Mapping[str, Affine]) -> Atom:
    """The atom with some indices exchanged for others that occur nowhere in it."""
    if atom.letters.isdisjoint(new):
        return atom
    if isinstance(atom, Entry):
        return Entry(atom.tensor, tuple([a.substitute(new) for a in atom.subscripts]))
    if isinstance(atom, Delta):
        return Delta(atom.argument.substitute(new))
    if isinstance(atom, Bracket):
        return Bracket(atom.argument.substitute(new))
    if isinstance(atom, Apply):
        return Apply(atom.function, _renamed_poly(atom.argument, new), atom.positive)
    assert isinstance(atom, Base)
    return Base(_renamed_poly(atom.poly, new))


def anonymous(product: Product) -> str:
    """A text that says all of a product but the names of its indices."""
    return _product_text(product, dict.fromkeys(product.letters, "~"))


def _renamed_poly(poly: Poly, new: Mapping[str, Affine]) -> Poly:
    terms = {}
    for p, c in poly.terms:
        if p.letters.isdisjoint(new):
            terms[p] = c
        else:
            binders = {b.name: b for b in p.binders}
            terms[closed(binders, {renamed(a, new): e for a, e in p.factors})] = c
    return Poly(terms)


def _named(order: list[str], binders: Binders, factors: Factors, height: int) -> Product:
    names = {name: f"${height}.{k}" for k, name in enumerate(order)}
    indices = {n: Index(names[n], binders[n].low, binders[n].high) for n in order}
    new = {name: Affine.of(index) for name, index in indices.items()}
    atoms = {_positive_first(renamed(a, new)): e for a, e in factors.items()}
    return Product(tuple(indices.values()), _sorted(atoms))


def _positive_first(atom: Atom) -> Atom:
    """[i - j = 0] and [j - i = 0] are the same delta."""
    if isinstance(atom, Delta):
        parts = atom.argument.parts
        if parts[min(parts)][0] < 0:
            return Delta(-atom.argument)
    return atom


def _sorted(factors: Factors) -> tuple[tuple[Atom, Number], ...]:
    if len(factors) == 1:
        return tuple(factors.items())
    return tuple(sorted(factors.items(), key=lambda factor: factor[0].key))


def canonical_order(binders: Binders, factors: Factors) -> list[str]:
    """The summed indices in the order in which they are numbered."""
    if len(binders) == 1:
        return list(binders)
    groups = _connected(binders, factors)
    if len(groups) == 1:
        return _order(binders, factors)
    ordered = []
    for names in groups:
        inside = {a: e for a, e in factors.items() if not a.letters.isdisjoint(names)}
        order = _order({n: binders[n] for n in names}, inside)
        ordered.append((_text_in_order(order, binders, inside), order))
    return [name for _, order in sorted(ordered) for name in order]


def _connected(binders: Binders, factors: Factors) -> list[set[str]]:
    """The summed indices, grouped by sharing factors."""
    groups: list[set[str]] = []
    for atom in factors:
        here = {n for n in atom.letters if n in binders}
        if here:
            touching = [g for g in groups if not g.isdisjoint(here)]
            groups = [g for g in groups if g.isdisjoint(here)] + [here.union(*touching)]
    unused = [{n} for n in binders if not any(n in g for g in groups)]
    return groups + unused


def _order(binders: Binders, factors: Factors) -> list[str]:
    if len(binders) == 1:
        return list(binders)
    colours = {n: b.range_key for n, b in binders.items()}
    return _search(_refined(colours, factors), binders, factors)


def _search(colours: dict[str, str], binders: Binders, factors: Factors) -> list[str]:
    """The least order among those that the colours leave open."""
    classes: dict[str, list[str]] = {}
    for name, colour in colours.items():
        classes.setdefault(colour, []).append(name)
    open_ = [c for c in sorted(classes) if len(classes[c]) > 1]
    if not open_:
        return sorted(colours, key=lambda name: colours[name])
    candidates = _without_twins(classes[open_[0]], binders, factors)
    orders = []
    for name in candidates:
        singled_out = {**colours, name: colours[name] + "!"}
        orders.append(_search(_refined(singled_out, factors), binders, factors))
    if len(orders) == 1:
        return orders[0]
    return min(orders, key=lambda order: _named(order, binders, factors, 0).key)


def _without_twins(names: list[str], binders: Binders, factors: Factors) -> list[str]:
    """One of each set of indices that can be exchanged without changing the product."""
    kept: list[str] = []
    for name in names:
        if not any(_exchangeable(binders[name], binders[other], factors) for other in kept):
            kept.append(name)
    return kept


def _exchangeable(one: Index, other: Index, factors: Factors) -> bool:
    exchange = {one.name: Affine.of(other), other.name: Affine.of(one)}
    touched = {a: e for a, e in factors.items() if not a.letters.isdisjoint(exchange)}
    return {_positive_first(renamed(a, exchange)): e for a, e in touched.items()} == {
        _positive_first(a): e for a, e in touched.items()
    }


def _refined(colours: dict[str, str], factors: Factors) -> dict[str, str]:
    """Colours that tell apart whatever the neighbourhoods tell apart, numbered by their order."""
    touching = {n: [(a, e) for a, e in factors.items() if n in a.letters] for n in colours}
    classes = len(set(colours.values()))
    while True:
        seen = {}
        for name in colours:
            around = {**colours, name: "*"}
            texts = sorted([f"{_text(a, around)}^{e}" for a, e in touching[name]])
            seen[name] = f"{colours[name]}{{{';'.join(texts)}}}"
        rank = {text: f"c{k:03d}" for k, text in enumerate(sorted(set(seen.values())))}
        colours = {name: rank[text] for name, text in seen.items()}
        if len(rank) == classes or len(rank) == len(colours):
            return colours
        classes = len(rank)


def _text_in_order(order: list[str], binders: Binders, factors: Factors) -> str:
    names = {name: f"${k}" for k, name in enumerate(order)}
    ranges = " ".join(binders[name].range_key for name in order)
    return ranges + "·".join(sorted(f"{_text(a, names)}^{e}" for a, e in factors.items()))


def _text(atom: Atom, colours: Colours) -> str:
    """What an atom looks like when the indices are known by their colours alone."""
    if atom.letters.isdisjoint(colours):
        return atom.key
    if isinstance(atom, Entry):
        inner = ",".join([_affine_text(a, colours) for a in atom.subscripts])
        return f"{atom.tensor.name}[{inner}]"
    if isinstance(atom, Delta):
        argument = atom.argument
        return f"δ({min(_affine_text(argument, colours), _affine_text(-argument, colours))})"
    if isinstance(atom, Bracket):
        return f"[{_affine_text(atom.argument, colours)}]"
    if isinstance(atom, Apply):
        return f"{atom.function}({_poly_text(atom.argument, colours)})"
    assert isinstance(atom, Base)
    return f"({_poly_text(atom.poly, colours)})"


def _affine_text(form: Affine, colours: Colours) -> str:
    if form.letters.isdisjoint(colours):
        return form.key
    texts = []
    for coefficient, sizes, index in form.parts.values():
        name = "" if index is None else _index_text(index, colours)
        texts.append(f"{coefficient:+d}{'·'.join(('#' + s) for s in sizes)}·{name}")
    return "".join(sorted(texts)) + (f"{form.const:+d}" if form.const else "")


def _index_text(index: Index | Lookup, colours: Colours) -> str:
    if isinstance(index, Index):
        return colours.get(index.name, index.name)
    return f"{index.tensor}[{','.join(_affine_text(a, colours) for a in index.subscripts)}]"


def _poly_text(poly: Poly, colours: Colours) -> str:
    return " + ".join(sorted(f"{c}*{_product_text(p, colours)}" for p, c in poly.terms))


def _product_text(product: Product, colours: Colours) -> str:
    inner = {**colours, **{b.name: f"~{b.range_key}" for b in product.binders}}
    return "·".join(sorted(f"{_text(a, inner)}^{e}" for a, e in product.factors))
