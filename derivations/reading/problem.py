"""What was read: inputs, definitions, facts and claims, as a layer that nobody has derived."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.notation import D, Formula, Layer, Sum, define, derivation
from gradcheck.derivations.reading.errors import IndexMistake, Span

LETTERS = "ijklpqruvwabcemnst"  # for indices that nobody has named


@dataclass(frozen=True)
class Turned:
    """A claim read with two subscripts of one entry exchanged: W[n,m] where W[m,n] is written."""

    was: Any
    becomes: Any
    sides: tuple[Any, ...]


@dataclass(frozen=True)
class Claim:
    """A chain of expressions that somebody says are equal.

    sides    the expressions, in order; empty if an index belongs to nothing
    spans    the places they were read from
    mistake  what is wrong with the indices, found before any arithmetic
    otherwise  the sides of a claim with a mistake, where a letter that runs over two axes is put
               on the one that the right side says, not the left
    turned   the ways to exchange subscripts of one entry after which its indices fit
    """

    at: Span
    sides: tuple[Any, ...]
    spans: tuple[Span, ...]
    mistake: IndexMistake | None = None
    otherwise: tuple[Any, ...] = ()
    turned: tuple[Turned, ...] = ()

    def __str__(self) -> str:
        return " ".join(str(self.at).split())


@dataclass(frozen=True, eq=False)
class Problem:
    """Formulas that were read, and what is stated and claimed about them.

    inputs      tensors, in order of appearance
    forward     definitions, each after those that it uses; the output is the last
    facts       what is known of inputs
    claims      what is to be decided
    parameters  names of whole numbers, such as a stride
    padded      cotangents that are read as 0 outside, beside the inputs that say so themselves
    """

    inputs: tuple[Any, ...]
    forward: tuple[terms.Definition, ...]
    facts: tuple[terms.Fact, ...] = ()
    claims: tuple[Claim, ...] = ()
    parameters: tuple[str, ...] = ()
    padded: tuple[str, ...] = ()

    @property
    def output(self) -> terms.Definition:
        return self.forward[-1]

    @cached_property
    def layer(self) -> Layer:
        """The layer; its derivations follow from the formulas when they are first asked for."""
        return Layer(self.inputs, self.forward, facts=self.facts, parameters=self.parameters)

    @cached_property
    def setting(self) -> terms.Setting:
        """What the names mean, also the gradients by intermediates, `dV`."""
        base = self._underived.setting
        definitions, indices = dict(base.definitions), dict(base.indices)
        for definition in self.forward[:-1]:
            gradient = total_gradient(self.output, definition.lhs)
            definitions[gradient.name] = gradient
            indices[gradient.name] = gradient.indices
        padded = base.padded | {*self.padded}
        return replace(base, definitions=definitions, indices=indices, padded=padded)

    @cached_property
    def _underived(self) -> Layer:
        """The layer with empty derivations: claims can be decided without deriving anything."""
        wrt = [
            derivation(terms.entry_of(t.name, t.indices)) for t in self.inputs if t.integer is None
        ]
        return Layer(
            self.inputs, self.forward, tuple(wrt), facts=self.facts, parameters=self.parameters
        )


def total_gradient(output: terms.Definition, of: Any) -> terms.Definition:
    """dV[i] = Σ dY[s] ∂Y[s]/∂V[i], through everything that V acts on."""
    name = terms.name_of(of)
    letters = terms.fresh_letters(terms.indices_of(of), output.indices)
    cotangent = Formula(terms.entry_of(f"d{output.name}", output.indices))
    body = cotangent * D(Formula(output.lhs), Formula(terms.entry_of(name, letters)))
    total = Sum(body, *output.indices) if output.indices else body
    return define(Formula(terms.entry_of(f"d{name}", letters)), total)


def unused_letters(axes: tuple[Any, ...], taken: set[Any]) -> tuple[Any, ...]:
    """Letters over some axes that stand nowhere else: i, j rather than n′, m′."""
    used = {str(index) for index in taken}
    free = [letter for letter in LETTERS if letter not in used]
    letters: list[Any] = []
    for index in axes:
        if free:
            letters.append(type(index)(free.pop(0), (index.lower, index.upper)))
        else:
            letters += terms.fresh_letters((index,), {*taken, *letters})
    return tuple(letters)
