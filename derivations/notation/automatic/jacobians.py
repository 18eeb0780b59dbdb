"""Jacobians put together from the derivatives on the way: ∂Y/∂V = Σ_u ∂Y/∂u ∂u/∂V."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.terms import D
from gradcheck.derivations.calculus.written import product, renamed, summed, total
from gradcheck.derivations.notation.automatic.graph import Graph
from gradcheck.derivations.notation.automatic.steps import Steps, finish, whole
from gradcheck.derivations.notation.derivation import Chain


@dataclass(frozen=True)
class Jacobians:
    """The Jacobian of the output by a tensor, for those who ask.

    graph  the forward pass
    taken  the chain for the derivative of every definition by every tensor that it uses
    entry  the entry of a tensor that is differentiated by, in letters of its own
    named  writes what has a name by it
    """

    graph: Graph
    taken: Mapping[tuple[str, str], Chain]
    entry: Callable[[str], Any]
    named: Callable[[Any], Any]
    _known: dict[str, Any] = field(default_factory=dict)

    def __call__(self, name: str) -> Any:
        """∂output/∂V; None where a recursion lies in between."""
        if self.graph.recursive:
            return None
        if name not in self._known:
            entry = self.entry(name)
            parts = [self._through(user, name) for user in self.graph.users(name)]
            steps = Steps(D(self.graph.definitions[self.graph.output].lhs, entry))
            steps.add(total(*parts), "chain rule")
            finish(steps, self.named, terms.free_indices(entry))
            self._known[name] = steps.last
        return self._known[name]

    def _through(self, user: str, name: str) -> Any:
        """Σ ∂output/∂u ∂u/∂V over the entries of one user u."""
        chain, output = self.taken[user, name], self.graph.definitions[self.graph.output]
        if user == output.name:
            return chain.result
        own, at = terms.indices_of(chain.lhs.of), terms.indices_of(self.entry(user))
        used = {*output.indices, *terms.free_indices(self.entry(name)), *at}
        apart = terms.fresh_letters(own, used)
        outer = renamed(self(user), dict(zip(at, apart, strict=True)))
        inner = renamed(chain.result, dict(zip(own, apart, strict=True)))
        return summed(product(outer, inner), whole(apart))
