"""Which gradients the tensors are that somebody wrote down: δ[t] = g[t] + δ[t+1] W ... is dL/dh[t].

A written tensor is the gradient by V if it follows from the gradients already recognised in the way
in which the gradient by V does. That is shown from the output backwards, one definition at a time,
so the cost stays linear in depth. For recursions the equality is part of what is shown (induction
from the end, where both are 0), and tensors that are defined through each other are recognised
together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.normal.affine import Affine
from gradcheck.derivations.calculus.normal.algebra import of, subtract
from gradcheck.derivations.calculus.normal.gradients import Gradients
from gradcheck.derivations.calculus.normal.poly import Entry, Poly, Tensor, atoms_of
from gradcheck.derivations.calculus.normal.substitution import replace_entries

Known = dict[str, Tensor]  # the gradient that a written tensor is, by its name
MOST_AT_ONCE = 3  # tensors of which one definition speaks; their orders are tried one by one


def identified(
    definitions: Gradients, cotangent: str, out: str, vanishes: Callable[[Poly], bool]
) -> Known:
    """The written tensors that are gradients of Σ cotangent · out."""
    known: Known = {}
    gradients = [definitions.gradient(cotangent, out, name) for name in definitions.variables(out)]
    for group in _groups(definitions, cotangent, out):
        found = _together_as(definitions, group, gradients, known, vanishes)
        known = known if found is None else found
    return known


def exchanged(value: Poly, known: Mapping[str, Tensor]) -> Poly:
    """The value with recognised gradients in the place of the tensors that were written."""

    def replacement(entry: Entry) -> Poly | None:
        tensor = known.get(entry.tensor.name)
        return None if tensor is None else of(Entry(tensor, entry.subscripts))

    return replace_entries(value, replacement) if known else value


def _groups(definitions: Gradients, cotangent: str, out: str) -> Iterator[tuple[str, ...]]:
    """Written tensors that follow from the cotangent, those first that others need."""
    graph = definitions.dependence
    written = [
        name
        for name, definition in graph.definitions.items()
        if cotangent in graph.reached(name)
        and name != out
        and name not in graph.reached(out)
        and not definition.rhs.has(terms.D)
    ]
    seen: set[str] = set()
    for name in sorted(written, key=lambda n: len(graph.reached(n) & set(written))):
        group = tuple(n for n in written if n == name or _together(definitions, n, name))
        if not seen & {*group}:
            seen |= {*group}
            if not graph.recursive(name) or graph.ends_in_zero(group):
                yield group


def _together_as(
    definitions: Gradients,
    group: tuple[str, ...],
    gradients: list[Tensor],
    known: Known,
    vanishes: Callable[[Poly], bool],
) -> Known | None:
    """What is known with the tensors of a group, of which each is right if all others are.

    They are guessed a few at a time, those first of which a definition speaks that speaks of few.
    """
    new = {
        name: {n for n in group if n not in known and definitions.dependence.mentions(name, n)}
        | ({name} - {*known})
        for name in group
    }
    if not any(new.values()):
        return known
    guessed = min((names for names in new.values() if names), key=len)
    if len(guessed) > MOST_AT_ONCE:
        return None
    order = [n for n in group if n in guessed]
    settled = [n for n in group if new[n] and new[n] <= guessed]
    for tensors in permutations(gradients, len(order)):
        guess = known | dict(zip(order, tensors, strict=True))
        if all(_fits(definitions, name, guess, vanishes) for name in settled):
            found = _together_as(definitions, group, gradients, guess, vanishes)
            if found is not None:
                return found
    return None


def _together(definitions: Gradients, one: str, other: str) -> bool:
    graph = definitions.dependence
    return other in graph.reached(one) and one in graph.reached(other)


def _fits(
    definitions: Gradients, name: str, known: Known, vanishes: Callable[[Poly], bool]
) -> bool:
    """Whether the definition of a tensor is that of a gradient, given what is known."""
    own, tensor = definitions.tensor(name), known[name]
    if len(own.axes) != len(tensor.axes) or own.axes[1:] != tensor.axes[1:]:
        return False
    if not definitions.is_gradient(tensor.name):
        return False
    letters, body = definitions.body(name)
    left = exchanged(body, known)
    right = definitions.unfolded(Entry(tensor, tuple(map(Affine.of, letters))))
    return _gradients_in(definitions, left) == _gradients_in(definitions, right) and vanishes(
        subtract(left, right)
    )


def _gradients_in(definitions: Gradients, value: Poly) -> set[str]:
    names = {a.tensor.name for a in atoms_of(value) if isinstance(a, Entry)}
    return {name for name in names if definitions.is_gradient(name)}
