"""Closed forms for readers: recurring expressions by their names, gradients on the way too.

What `jacobian` and `vjp` find is written with the inputs alone, as far as it can be: for a
normalisation that fills a page. The derivation that is found automatically ends in the same value
written with what has a name. Here the shorter of both is taken, and the named one only if it is
equal. The definitions that it needs count too, shared among the gradients that need them.
"""

from dataclasses import replace
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.simplify import length
from gradcheck.derivations.notation.gradients import ClosedForm, jacobian, vjp
from gradcheck.derivations.notation.layer import Layer


def folded_jacobian(layer: Layer, wrt: str) -> ClosedForm:
    """∂output/∂input as short as it is known. Raises KeyError for an unknown input."""
    return _shorter(layer, wrt, jacobian(layer, wrt), layer.automatic.jacobian(wrt))


def folded_vjp(layer: Layer, wrt: str) -> ClosedForm:
    """The gradient by an input as short as it is known. Raises KeyError for an unknown input."""
    found = {d.input: d for d in layer.automatic.derivations}[wrt]
    return _shorter(layer, wrt, vjp(layer, wrt), found.chains[-1].result)


def _shorter(layer: Layer, wrt: str, whole: ClosedForm, named: Any) -> ClosedForm:
    recursive = any(d.recursive for d in layer.forward)
    if named is None or recursive:
        return whole
    results = {d.input: d for d in layer.automatic.derivations}
    mine = terms.indices_of(layer.derivation_by(wrt).wrt)
    letters = dict(zip(terms.indices_of(results[wrt].wrt), mine, strict=True))
    named = terms.rename(named, letters)
    needed = _needed(layer, named)
    everywhere = [_needed(layer, d.chains[-1].result) for d in results.values()]
    users = {d.name: sum(d in others for others in everywhere) for d in needed}
    shares = sum(length(d.rhs) / max(users[d.name], 1) for d in needed)
    if length(named) + shares >= length(whole.rhs):
        return whole
    setting = replace(
        layer.setting,
        indices={**layer.setting.indices, **{d.name: d.indices for d in needed}},
        definitions={**layer.setting.definitions, **{d.name: d for d in needed}},
    )
    equal = Comparer(setting).compare(whole.rhs, named).holds
    return ClosedForm(whole.lhs, named, needed) if equal else whole


def _needed(layer: Layer, expr: Any) -> tuple[terms.Definition, ...]:
    """The definitions of what is mentioned and is neither given nor part of the forward pass."""
    known = {d.name: d for d in layer.automatic.adjoints}
    results = {c.lhs: c.result for c in layer.automatic.lemmas}
    shown = {t.name for t in layer.inputs} | {d.name for d in layer.forward}
    found: dict[str, terms.Definition] = {}
    for name in sorted({*known} & (terms.tensors_in(expr) - shown)):
        rhs = results.get(known[name].lhs, known[name].rhs)
        found |= {d.name: d for d in _needed(layer, rhs)}
        found[name] = replace(known[name], rhs=rhs)
    return tuple(found.values())
