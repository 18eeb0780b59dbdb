"""A layer and the derivation of its gradients, as data.

A layer is its inputs and a list of definitions, the last of which is its output. A derivation
belongs to one input and is made of chains: a left side, and steps that each give an equal
expression and the reason why it is equal.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.functions import KINKS
from gradcheck.derivations.notation.formula import Formula, NotationError, Sum, unwrap
from gradcheck.derivations.notation.matrix import Matrix

REASONS = {
    "definition": "insert the forward formula",
    "linearity": "a sum is differentiated term by term; what does not depend on it drops out",
    "product rule": "(a b)′ = a′ b + a b′",
    "quotient rule": "(a / b)′ = (a′ b − a b′) / b²",
    "chain rule": "sum over everything that lies in between",
    "function derivative": "the derivative of the elementwise function times that of its argument",
    "independent entries": "∂W_nm/∂W_ij = δ_ni δ_mj: an entry depends on itself alone",
    "delta contraction": "a sum with δ_ij keeps the one term in which i = j",
    "substitution": "insert a result derived before",
    "named intermediate": "write a recurring expression by its name",
    "algebra": "multiply out, cancel or collect terms",
    "case": "δ is 1 or 0 in this case",
    "recursion": "a state reaches the loss directly and through the next state alone",
}


@dataclass(frozen=True)
class Step:
    """An expression equal to the one before it, and why."""

    expr: Any
    reason: str


@dataclass(frozen=True)
class Chain:
    """lhs = step = step = ...; `where` restricts it to a case such as i = j."""

    lhs: Any
    steps: tuple[Step, ...]
    where: Any = None

    @property
    def indices(self) -> tuple[Any, ...]:
        """The free indices of the left side: every side of the chain has one value for each."""
        return tuple(terms.free_indices(self.lhs))

    @property
    def result(self) -> Any:
        """The last expression."""
        return self.steps[-1].expr


@dataclass(frozen=True)
class Derivation:
    """The derivation of the gradient by one input, `wrt` being the entry differentiated by."""

    wrt: Any
    chains: tuple[Chain, ...]
    matrix: Matrix | None = None

    @property
    def input(self) -> str:
        return terms.name_of(self.wrt)

    @property
    def sliced_by(self) -> tuple[Any, ...]:
        """The leading indices that the matrix form holds fixed: t, where it gives dx[t]."""
        if self.matrix is None:
            return ()
        axes = sum(own is not None for own in self.matrix.shape)
        indices = terms.indices_of(self.wrt)
        return indices[: len(indices) - axes]

    @property
    def matrix_entry(self) -> Any:
        """One entry of the matrix form, with the letters of `wrt`; None if there is no form."""
        if self.matrix is None:
            return None
        return self.matrix.entry(*terms.indices_of(self.wrt)[len(self.sliced_by) :]).expr


def define(lhs: Any, rhs: Any, outside: Any = None) -> terms.Definition:
    """A named tensor: `define(Y[s, n], ...)`.

    The right side may use the tensor itself one step earlier (or later) along its first axis;
    `outside` is its value beyond the end of that axis: the initial state.
    Raises NotationError if the right side has an index that the left side lacks.
    """
    left, right = unwrap(lhs), unwrap(rhs)
    allowed = terms.free_indices(left)
    extra = [str(i) for i in terms.free_indices(right) if i not in allowed]
    if extra:
        raise NotationError(
            f"{left} is defined with {', '.join(extra)} free on the right side only"
        )
    return terms.Definition(left, right, None if outside is None else unwrap(outside))


def chain(lhs: Any, *steps: tuple[Any, str], where: Any = None) -> Chain:
    """`chain(D(Y[s, n], W[i, j]), (expression, "reason"), (expression, "reason"), ...)`.

    Raises NotationError for a reason that is not one of REASONS, or a chain without steps.
    """
    if not steps:
        raise NotationError(f"the chain of {unwrap(lhs)} has no steps")
    for _, reason in steps:
        if reason not in REASONS:
            near = difflib.get_close_matches(reason, REASONS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(REASONS)}"
            raise NotationError(f"no reason {reason!r}; {hint}")
    return Chain(unwrap(lhs), tuple(Step(unwrap(e), reason) for e, reason in steps), where)


def derivation(wrt: Any, *chains: Chain, matrix: Matrix | None = None) -> Derivation:
    """The derivation by the entry `wrt`; its last chain must end in the gradient."""
    return Derivation(unwrap(wrt), chains, matrix)


@dataclass(frozen=True)
class Layer:
    """A layer in index notation.

    inputs       its tensors, in the order in which the NumPy side takes them
    forward      definitions: named intermediates first, the output last
    derivations  how the gradient by each input is derived
    adjoints     definitions that only the derivations use, such as the adjoint of a recursion
    lemmas       chains that several derivations use
    functions    the meaning, in numeric checks, of functions left undefined: {f: tanh}
    cases        sizes to try besides the automatic ones, e.g. ({"T": 1},)
    facts        what else is known of the inputs, such as targets that sum to one
    """

    inputs: tuple[Any, ...]
    forward: tuple[terms.Definition, ...]
    derivations: tuple[Derivation, ...]
    adjoints: tuple[terms.Definition, ...] = ()
    lemmas: tuple[Chain, ...] = ()
    functions: Mapping[Any, Any] = field(default_factory=dict)
    cases: tuple[Mapping[str, int], ...] = ()
    facts: tuple[terms.Fact, ...] = ()

    def __post_init__(self) -> None:
        derived = [d.input for d in self.derivations]
        wanted = [t.name for t in self.differentiable]
        if derived != wanted:
            raise NotationError(
                f"derivations are given by {', '.join(derived) or 'nothing'}, "
                f"but the inputs are {', '.join(wanted)}, in this order"
            )
        both = sorted({*self.setting.indices} & {*self.setting.sizes})
        if both:
            raise NotationError(f"{', '.join(both)} names both a tensor and the size of an axis")

    @property
    def differentiable(self) -> tuple[Any, ...]:
        """The inputs that have a gradient: all but integer ones."""
        return tuple(t for t in self.inputs if t.integer is None)

    @property
    def output(self) -> terms.Definition:
        return self.forward[-1]

    def derivation_by(self, name: str) -> Derivation:
        """The derivation by the input of this name. Raises KeyError if there is none."""
        return {d.input: d for d in self.derivations}[name]

    @cached_property
    def setting(self) -> terms.Setting:
        """What the names in this layer's formulas mean; `dW` is the gradient by W."""
        given = {t.name: t for t in self.inputs}
        definitions = {d.name: d for d in (*self.forward, *self.adjoints)}
        for entry in self.differentiable:
            gradient = _gradient(self.output, entry)
            definitions[gradient.name] = gradient
        indices = {name: t.indices for name, t in given.items()}
        indices |= {name: d.indices for name, d in definitions.items()}
        indices[f"d{self.output.name}"] = self.output.indices
        return terms.Setting(
            indices=indices,
            definitions=definitions,
            positive=frozenset(n for n, t in given.items() if t.positive),
            integer={n: t.integer for n, t in given.items() if t.integer is not None},
            functions={f.symbol: g.symbol for f, g in self.functions.items()},
            padded=frozenset(n for n, t in given.items() if t.padded),
            facts=self.facts,
        )

    @cached_property
    def kinks(self) -> tuple[tuple[Any, float, str], ...]:
        """Arguments of functions that are not smooth, the place of the kink, the convention."""
        calls = (c for d in self.forward for c in d.rhs.atoms(sympy.Function) if c.func in KINKS)
        return tuple((call.args[0], *KINKS[call.func]) for call in calls)


def _gradient(output: terms.Definition, of: Any) -> terms.Definition:
    """dW[i,j] = Σ dY[s,n] ∂Y[s,n]/∂W[i,j], with letters kept apart."""
    letters = terms.fresh_letters(of.indices, output.indices)
    cotangent = terms.entry_of(f"d{output.name}", output.indices)
    body = Formula(cotangent) * Formula(terms.D(output.lhs, terms.entry_of(of.name, letters)))
    total = Sum(body, *output.indices) if output.indices else body
    return define(Formula(terms.entry_of(f"d{of.name}", letters)), total)
