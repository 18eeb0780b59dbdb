"""Closed forms that follow from a layer's forward formula alone, for symbolic sizes."""

from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, IndexedBase, Integer, Sum

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.contract import collect, contract
from gradcheck.derivations.calculus.derivative import Differentiator, differentiator
from gradcheck.derivations.notation.layer import Layer

ADJOINT = "λ"  # the total derivative of the loss by the state of a recursion


@dataclass(frozen=True)
class ClosedForm:
    """lhs = rhs, and the recursions that rhs mentions."""

    lhs: Any
    rhs: Any
    recursions: tuple[terms.Definition, ...] = ()


def jacobian(layer: Layer, wrt: str) -> ClosedForm:
    """∂output/∂input, output axes first, with Kronecker deltas contracted.

    The Jacobian of a recursion is a recursion too: its right side then mentions the Jacobian at
    the step before. Raises KeyError for an unknown input.
    """
    output = layer.output.lhs
    entry = _column_entry(layer, wrt)
    lhs = terms.D(output, entry)
    differentiate = differentiator(layer.setting)
    if differentiate.recursive(layer.output.name):
        return ClosedForm(lhs, differentiate.recursion_step(layer.output, entry))
    return ClosedForm(lhs, differentiate.derivative(output, entry))


def vjp(layer: Layer, wrt: str) -> ClosedForm:
    """The gradient by an input of Σ cotangent · output, in index notation.

    For a recursion it is written with the adjoint λ, which has a recursion of its own that runs
    backward. Raises KeyError for an unknown input.
    """
    entry = _column_entry(layer, wrt)
    lhs = terms.entry_of(f"d{wrt}", terms.indices_of(entry))
    cotangent = terms.entry_of(f"d{layer.output.name}", layer.output.indices)
    recursive = [d for d in layer.forward if differentiator(layer.setting).recursive(d.name)]
    if recursive == [layer.output]:
        return _vjp_of_recursion(layer, entry, lhs)
    if recursive:
        return _vjp_through_recursions(layer, entry, lhs)
    taken = differentiator(layer.setting).derivative(layer.output.lhs, entry)
    return ClosedForm(lhs, _summed(cotangent * taken, layer.output.indices))


def _vjp_through_recursions(layer: Layer, entry: Any, lhs: Any) -> ClosedForm:
    """Written with the gradients by all intermediates, each with a recursion of its own."""
    automatic = layer.automatic
    (found,) = [d for d in automatic.derivations if d.input == terms.name_of(entry)]
    letters = dict(zip(terms.indices_of(found.wrt), terms.indices_of(entry), strict=True))
    results = {chain.lhs: chain.result for chain in automatic.lemmas}
    recursions = (replace(d, rhs=results.get(d.lhs, d.rhs)) for d in automatic.adjoints)
    result = terms.rename(found.chains[-1].result, letters)
    return ClosedForm(lhs, terms.plain(result), tuple(recursions))


def _vjp_of_recursion(layer: Layer, entry: Any, lhs: Any) -> ClosedForm:
    state = layer.output
    differentiate = differentiator(layer.setting)
    time, *others = state.indices
    later = terms.fresh_letters(others, state.indices)
    following = IndexedBase(state.name)[(time + 1, *later)]
    adjoint = IndexedBase(ADJOINT)
    through = adjoint[following.indices] * differentiate.derivative(following, state.lhs)
    direct = terms.entry_of(f"d{state.name}", state.indices)
    recursion = terms.Definition(
        adjoint[state.indices], Add(direct, _summed(through, later)), outside=Integer(0)
    )
    here = differentiate.immediate(state, state.indices, entry)
    rhs = _summed(adjoint[state.indices] * here, state.indices)
    if differentiate.depends(terms.name_of(state.outside), terms.name_of(entry)):
        rhs += _through_initial_state(state, adjoint, differentiate, entry)
    return ClosedForm(lhs, rhs, (recursion,))


def _through_initial_state(
    state: terms.Definition, adjoint: Any, differentiate: Differentiator, entry: Any
) -> Any:
    """What the first step passes to the initial state, and that to the input."""
    time, *others = state.indices
    before = terms.fresh_letters(others, {*others, *terms.free_indices(entry)})
    first = IndexedBase(state.name)[(time.lower, *others)]
    initial = IndexedBase(state.name)[(time.lower - 1, *before)]
    into = terms.rename(state.outside, dict(zip(others, before, strict=True)))
    passed = differentiate.derivative(first, initial) * differentiate.derivative(into, entry)
    return _summed(adjoint[first.indices] * passed, (*others, *before))


def _summed(body: Any, indices: tuple[Any, ...]) -> Any:
    limits = [(i, i.lower, i.upper) for i in reversed(indices)]
    return collect(contract(Sum(body, *limits))) if limits else collect(contract(body))


def _column_entry(layer: Layer, wrt: str) -> Any:
    """The entry differentiated by, with the letters of the written derivation."""
    return layer.derivation_by(wrt).wrt
