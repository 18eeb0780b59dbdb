"""Derivations that nobody wrote: from a forward formula alone, the steps a person would write.

The gradient by a tensor is collected from the definitions that use it, dV = Σ_u Σ du ∂u/∂V, from
the output backwards. Every ∂u/∂V is a chain of its own, rule by rule; every dV is one more: chain
rule, the derivatives inserted, deltas contracted, common factors pulled out. An intermediate keeps
its gradient under a name, so the work grows with the number of definitions, not with the paths.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Indexed, Integer, KroneckerDelta

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.named import namer
from gradcheck.derivations.calculus.simplify import length
from gradcheck.derivations.calculus.terms import D
from gradcheck.derivations.calculus.written import (
    in_order,
    product,
    renamed,
    summed,
    total,
    with_entries,
)
from gradcheck.derivations.notation.automatic.brackets import without_implied
from gradcheck.derivations.notation.automatic.graph import Graph, Way
from gradcheck.derivations.notation.automatic.jacobians import Jacobians
from gradcheck.derivations.notation.automatic.letters import entry_letters, letters_in, name_from
from gradcheck.derivations.notation.automatic.naming import with_names
from gradcheck.derivations.notation.automatic.steps import (
    Context,
    Steps,
    direct,
    finish,
    reads_beyond,
    whole,
)
from gradcheck.derivations.notation.derivation import Chain, Derivation, Step

TOTAL = ("λ", "A", "Λ")  # names for the whole gradient by the output, if that is a recursion


Pulled = tuple[Any, Any]  # what a user passes back: as it is written, and worked out


@dataclass(frozen=True)
class Automatic:
    """What follows from a forward pass.

    derivations  one for each input that has a gradient
    adjoints     what was given a name, and the gradients by intermediates, as definitions
    lemmas       the chains that lead to these gradients
    forward      the forward pass in which recurring parts are written by their names
    jacobian     ∂output/∂input of the entry that an input's derivation is by, put together from
                 the derivatives in its chains; None where a recursion lies in between
    """

    derivations: tuple[Derivation, ...]
    adjoints: tuple[terms.Definition, ...]
    lemmas: tuple[Chain, ...]
    forward: tuple[terms.Definition, ...]
    jacobian: Callable[[str], Any]


def derive(
    setting: terms.Setting, forward: Iterable[terms.Definition], inputs: Iterable[Any]
) -> Automatic:
    """Derivations of the gradients by some inputs of a forward pass whose last is the output."""
    tensors = tuple(inputs)
    names = tuple(t.name for t in tensors)
    given = tuple(forward)
    tidy = tuple(replace(d, rhs=in_order(d.rhs)) for d in given)
    named = with_names(setting, tidy, names)
    graph = Graph(extended(setting, named.forward), {d.name: d for d in named.forward}, names)
    sweep = _Sweep(graph)
    back = tuple(reversed(graph.stations))
    adjoints = tuple(sweep.adjoint(name) for name in back)
    derivations = [Derivation(sweep.entry(t.name), tuple(sweep.chains(t.name))) for t in tensors]
    lemmas = _renamings(given, graph.definitions) + [c for n in back for c in sweep.lemmas[n]]
    return Automatic(
        tuple(derivations),
        named.parts + adjoints,
        tuple(lemmas),
        named.forward,
        Jacobians(graph, sweep.taken, sweep.entry, sweep.named),
    )


def extended(setting: terms.Setting, forward: Iterable[terms.Definition]) -> terms.Setting:
    """A setting in which these definitions hold, before all others."""
    own = {d.name: d for d in forward}
    others = {n: d for n, d in setting.definitions.items() if n not in own}
    return replace(
        setting,
        indices={**setting.indices, **{n: d.indices for n, d in own.items()}},
        definitions={**own, **others},
    )


def _renamings(
    given: Iterable[terms.Definition], named: Mapping[str, terms.Definition]
) -> list[Chain]:
    """How a formula reads once its recurring parts have names."""
    found = []
    for definition in given:
        steps = Steps(definition.lhs)
        steps.steps.append(Step(definition.rhs, "definition"))
        steps.add(named[definition.name].rhs, "named intermediate")
        found += [steps.chain()] if len(steps.steps) > 1 else []
    return found


class _Sweep:
    """The way back through a graph; what was derived for one tensor is used for the next."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.results: dict[str, Chain] = {}
        self.lemmas: dict[str, list[Chain]] = {}
        self.taken: dict[tuple[str, str], Chain] = {}
        self._entries: dict[str, Any] = {}
        usable = [d for n, d in graph.definitions.items() if n not in graph.recursive]
        self.named = namer(usable)
        for name in reversed(graph.stations):
            self.lemmas[name] = self.chains(name)

    def entry(self, name: str) -> Any:
        """The entry of a tensor that is differentiated by, in letters of its own."""
        if name not in self._entries:
            spare, taken = self._letters
            letters = entry_letters(self.graph.setting.indices[name], spare, taken)
            self._entries[name] = terms.entry_of(name, letters)
        return self._entries[name]

    @cached_property
    def _letters(self) -> tuple[list[Any], set[str]]:
        """Letters that were declared and not used in a formula, and those that are taken."""
        setting, definitions = self.graph.setting, self.graph.definitions
        used = letters_in(e for d in definitions.values() for e in (d.lhs, d.rhs))
        known = (*self.graph.inputs, *definitions)
        declared = [i for tensor in known for i in setting.indices[tensor]]
        taken = {*map(str, used)}
        spare = [i for i in dict.fromkeys(declared) if str(i) not in taken]
        return spare, taken | {*setting.indices, *setting.sizes}

    def gradient_name(self, of: str) -> str:
        """dV; the whole gradient by an output that is a recursion needs another name."""
        if of == self.graph.output and of in self.graph.recursive:
            return self._total
        return f"d{of}"

    @cached_property
    def _total(self) -> str:
        return name_from(TOTAL, {*self.graph.setting.indices, *self.graph.setting.sizes})

    def adjoint(self, name: str) -> terms.Definition:
        """What the gradient by an intermediate is: Σ dY ∂Y/∂V, and 0 beyond the end of time."""
        entry, output = self.entry(name), self.graph.definitions[self.graph.output]
        letters = terms.fresh_letters(output.indices, terms.free_indices(entry))
        last = terms.entry_of(output.name, letters)
        body = product(terms.entry_of(f"d{output.name}", letters), D(last, entry))
        own = terms.entry_of(self.gradient_name(name), terms.indices_of(entry))
        outside = Integer(0) if name in self.graph.recursive else None
        return terms.Definition(own, summed(body, whole(letters)), outside)

    def chains(self, name: str) -> list[Chain]:
        """The derivatives of all users by a tensor, and the gradient that they give."""
        entry = self.entry(name)
        found = []
        pulled: list[Pulled] = []
        if name == self.graph.output:
            own = terms.entry_of(f"d{name}", terms.indices_of(entry))
            pulled.append((own, own))
        for user in self.graph.users(name):
            way = self.graph.way(user, name)
            *lemmas, chain = self._direct(user, entry, way)
            if way is Way.NEXT and reads_beyond(chain, self.graph):
                way = Way.UNWRITTEN
                *lemmas, chain = self._direct(user, entry, way)
            self.taken[user, name] = chain
            found += [*lemmas, chain] if way is not Way.UNWRITTEN else []
            pulled.append(self._passed_back(user, chain, way))
        for state in self.graph.starts(name):
            chains, passed = self._through_start(state, entry)
            found += chains
            pulled += passed
        self.results[name] = self._gradient(name, entry, pulled)
        return [*found, self.results[name]]

    def _direct(self, user: str, by: Any, way: Way) -> list[Chain]:
        """The derivatives of the statistics that a user sees through, and then its own."""
        fixed = self.graph.between(user, terms.name_of(by))
        held = user if way is Way.HELD else None
        known: dict[str, Any] = {}
        context = Context(self.graph, by, fixed, held, known, self.named)
        found = []
        for name in self.graph.definitions:
            seen = name in self.graph.statistics and name in self.graph.used_by(user)
            if name == user or (seen and context.depends(terms.entry_of(name, ()))):
                definition = self.graph.definitions[name]
                if way is Way.NEXT:
                    later = terms.indices_of(by)[0] - self.graph.lag(user)
                    definition = _at_time(definition, later)
                chain = direct(definition, context)
                known[name] = chain.result
                found.append(chain)
        return found

    def _passed_back(self, user: str, chain: Chain, way: Way) -> Pulled:
        """Σ du ∂u/∂V, as it is written and with the derivative inserted."""
        own = self.graph.definitions[user].indices
        at = terms.indices_of(chain.lhs.of)
        cotangent = terms.entry_of(self.gradient_name(user), at)
        limits = whole([i for i in own if i in at])
        written, worked = (summed(product(cotangent, e), limits) for e in (chain.lhs, chain.result))
        return (worked if way is Way.UNWRITTEN else written), worked

    def _through_start(self, state: str, by: Any) -> tuple[list[Chain], list[Pulled]]:
        """What a recursion passes back to its initial state, and that to a tensor."""
        definition = self.graph.definitions[state]
        own = definition.indices[1:]
        letters = _same_letters(definition.outside, by, own)
        apart = letters or terms.fresh_letters(own, {*definition.indices, *terms.free_indices(by)})
        into = renamed(definition.outside, dict(zip(own, apart, strict=True)))
        taken = None if letters else self.graph.differentiate.derivative(into, by)
        chains, found = [], []
        for time in self.graph.times_before(state):
            before = terms.entry_of(state, (time, *apart))
            for user in self.graph.users(state):
                way = self.graph.way(user, state)
                chain = self._direct(user, before, way)[-1]
                if way is Way.NEXT and letters:
                    chain = replace(chain, lhs=D(chain.lhs.of, by))
                    chains.append(chain)
                else:
                    way = Way.UNWRITTEN
                written, worked = self._passed_back(user, chain, way)
                if taken is not None:
                    worked = summed(product(worked, taken), whole(apart))
                found.append((written if letters else worked, worked))
        return chains, found

    def _gradient(self, name: str, entry: Any, pulled: list[Pulled]) -> Chain:
        recursion = name in self.graph.recursive or any(
            u in self.graph.recursive for u in self.graph.users(name)
        )
        reason = "recursion" if recursion or self.graph.starts(name) else "chain rule"
        steps = Steps(terms.entry_of(self.gradient_name(name), terms.indices_of(entry)))
        steps.add(total(*(written for written, _ in pulled)), reason)
        steps.add(total(*(worked for _, worked in pulled)), "substitution")
        self._finish(steps)
        inserted = self._with_sparse_gradients(steps.last)
        if inserted != steps.last:
            further = Steps(steps.last)
            further.add(inserted, "substitution")
            self._finish(further)
            if length(further.last) <= length(steps.last):
                steps.steps += further.steps
        return steps.chain()

    def _finish(self, steps: Steps) -> None:
        finish(steps, self.named)
        indices = self.graph.setting.indices
        ends = {self.gradient_name(n): indices[n] for n in self.graph.recursive}
        steps.add(without_implied(steps.last, self.graph.setting, ends), "algebra")

    def _with_sparse_gradients(self, expr: Any) -> Any:
        """Gradients by intermediates that are 0 but at a δ, inserted: their sums then vanish."""
        sparse = {
            self.gradient_name(name): chain
            for name, chain in self.results.items()
            if chain.result.has(KroneckerDelta)
        }

        def inserted(entry: Any) -> Any:
            chain = sparse.get(terms.name_of(entry))
            if chain is None:
                return entry
            at = zip(terms.indices_of(chain.lhs), terms.indices_of(entry), strict=True)
            return renamed(chain.result, dict(at))

        return with_entries(expr, inserted) if sparse else expr


def _at_time(definition: terms.Definition, time: Any) -> terms.Definition:
    """A definition at another place along its first axis."""
    new = {definition.indices[0]: time}
    return replace(definition, lhs=renamed(definition.lhs, new), rhs=renamed(definition.rhs, new))


def _same_letters(outside: Any, by: Any, own: tuple[Any, ...]) -> tuple[Any, ...]:
    """The letters of `by` if the value beyond the end is just its tensor, read with `own`."""
    same = isinstance(outside, Indexed) and terms.name_of(outside) == terms.name_of(by)
    return terms.indices_of(by) if same and terms.indices_of(outside) == own else ()
