"""Closed forms for readers: recurring expressions by their names, gradients on the way too.

What `jacobian` and `vjp` find is written with the inputs alone, as far as it can be: for a
normalisation that fills a page. The derivation that is found automatically ends in the same value
written with what has a name. Here the shorter of both is taken, the definitions that it needs
counted, and the named one only if it is equal.
"""

from collections.abc import Iterator
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
    (found,) = [d for d in layer.automatic.derivations if d.input == wrt]
    mine = terms.indices_of(layer.derivation_by(wrt).wrt)
    letters = dict(zip(terms.indices_of(found.wrt), mine, strict=True))
    named = terms.rename(named, letters)
    needed = tuple({d.name: d for d in _needed(layer, named)}.values())
    if length(named) + sum(length(d.rhs) for d in needed) >= length(whole.rhs):
        return whole
    setting = replace(
        layer.setting,
        indices={**layer.setting.indices, **{d.name: d.indices for d in needed}},
        definitions={**layer.setting.definitions, **{d.name: d for d in needed}},
    )
    equal = Comparer(setting).compare(whole.rhs, named).holds
    return ClosedForm(whole.lhs, named, needed) if equal else whole


def _needed(layer: Layer, expr: Any) -> Iterator[terms.Definition]:
    """The definitions of what is mentioned and is neither given nor part of the forward pass."""
    automatic = layer.automatic
    known = {d.name: d for d in automatic.adjoints}
    results = {c.lhs: c.result for c in automatic.lemmas}
    shown = {t.name for t in layer.inputs} | {d.name for d in layer.forward}
    for name in sorted(terms.tensors_in(expr)):
        if name in known and name not in shown:
            definition = known[name]
            definition = replace(definition, rhs=results.get(definition.lhs, definition.rhs))
            yield from _needed(layer, definition.rhs)
            yield definition
