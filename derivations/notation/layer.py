"""A layer as data: its inputs and a list of definitions, the last of which is its output.

Its derivations are written out, or left out: then they are derived from the definitions when they
are first asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

import sympy

from gradcheck.derivations.calculus import terms
from gradcheck.derivations.calculus.functions import FIRST_WINS, KINKS
from gradcheck.derivations.notation.automatic.derive import Automatic, derive, extended
from gradcheck.derivations.notation.derivation import (
    REASONS,
    Chain,
    Derivation,
    Step,
    chain,
    derivation,
)
from gradcheck.derivations.notation.formula import Formula, NotationError, Sum, unwrap
from gradcheck.derivations.notation.matrix_form import matrix_form
from gradcheck.derivations.notation.tensor import Option

__all__ = ["REASONS", "Chain", "Derivation", "Layer", "Step", "chain", "define", "derivation"]

T = TypeVar("T")


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


class _Derived(Generic[T]):
    """A field of a layer that follows from its definitions if the derivations are left out.

    What was given and what follows are kept apart: nothing is derived until the field is read.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, layer: None, owner: type) -> None: ...
    @overload
    def __get__(self, layer: "Layer", owner: type) -> tuple[T, ...]: ...
    def __get__(self, layer: "Layer | None", owner: type) -> tuple[T, ...] | None:
        if layer is None:
            return None  # the default of the field
        given: tuple[T, ...] = layer.__dict__[self.name] or ()
        if layer.written:
            return given
        if self.name == "derivations":
            with_forms: tuple[T, ...] = layer.automatic_derivations
            return with_forms
        found: tuple[T, ...] = getattr(layer.automatic, self.name)
        return given + found

    def __set__(self, layer: "Layer", given: tuple[T, ...] | None) -> None:
        layer.__dict__[self.name] = given


@dataclass(frozen=True)
class Layer:
    """A layer in index notation.

    inputs       its tensors, in the order in which the NumPy side takes them
    forward      definitions: named intermediates first, the output last
    derivations  how the gradient by each input is derived; left out, it is found automatically
    adjoints     definitions that only the derivations use, such as the adjoint of a recursion
    lemmas       chains that several derivations use
    functions    the meaning, in numeric checks, of functions left undefined: {f: tanh}
    cases        sizes to try besides the automatic ones, e.g. ({"T": 1},)
    facts        what else is known of the inputs, such as targets that sum to one
    parameters   names of whole numbers that are the length of no axis, such as a padding
    options      numbers with a default and without a gradient, which the NumPy side takes by name
    lengths      sizes that follow from others, such as the length of an output: {"T": formula}
    """

    inputs: tuple[Any, ...]
    forward: tuple[terms.Definition, ...]
    derivations: _Derived[Derivation] = _Derived()
    adjoints: _Derived[terms.Definition] = _Derived()
    lemmas: _Derived[Chain] = _Derived()
    functions: Mapping[Any, Any] = field(default_factory=dict)
    cases: tuple[Mapping[str, int], ...] = ()
    facts: tuple[terms.Fact, ...] = ()
    parameters: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    lengths: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wanted = [t.name for t in self.differentiable]
        if self.written and (derived := [d.input for d in self.derivations]) != wanted:
            raise NotationError(
                f"derivations are given by {', '.join(derived) or 'nothing'}, "
                f"but the inputs are {', '.join(wanted)}, in this order"
            )
        both = sorted({*self._own_setting.indices} & {*self._own_setting.sizes})
        if both:
            raise NotationError(f"{', '.join(both)} names both a tensor and the size of an axis")

    @property
    def written(self) -> bool:
        """Whether the derivations were written out by the author of the layer."""
        return self.__dict__["derivations"] is not None

    @cached_property
    def automatic(self) -> Automatic:
        """What follows from the definitions alone."""
        smooth = (d for d in self.forward if not d.is_choice)
        return derive(self._own_setting, smooth, self.differentiable)

    @cached_property
    def automatic_derivations(self) -> tuple[Any, ...]:
        """The derivations that follow, each with its matrix form if there is one."""
        found = []
        for each in self.automatic.derivations:
            last = each.chains[-1]
            matrix = matrix_form(last.lhs, last.result, self.setting, slices=True)
            found.append(replace(each, matrix=matrix))
        return tuple(found)

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
        own = self._setting(self.adjoints)
        return own if self.written else extended(own, self.automatic.forward)

    @cached_property
    def _own_setting(self) -> terms.Setting:
        """The setting without what follows from the definitions."""
        return self._setting(self.__dict__["adjoints"] or ())

    def _setting(self, adjoints: tuple[terms.Definition, ...]) -> terms.Setting:
        given = {t.name: t for t in self.inputs}
        numbers = [o for o in self.options if not o.whole]
        ranges = {t.name: t.between for t in (*self.inputs, *self.options) if t.between}
        choices = {d.name: d for d in self.forward if d.is_choice}
        definitions = {d.name: d for d in (*self.forward, *adjoints) if not d.is_choice}
        for entry in self.differentiable:
            gradient = _gradient(self.output, entry)
            definitions[gradient.name] = gradient
        indices = {name: t.indices for name, t in given.items()}
        indices |= {o.name: () for o in numbers}
        indices |= {name: d.indices for name, d in (choices | definitions).items()}
        indices[f"d{self.output.name}"] = self.output.indices
        return terms.Setting(
            indices=indices,
            definitions=definitions,
            positive=frozenset(n for n, t in given.items() if t.positive)
            | {o.name for o in numbers if o.between[0] > 0},
            integer={n: t.integer for n, t in given.items() if t.integer is not None}
            | {n: d.rhs.chosen for n, d in choices.items()},
            functions={f.symbol: g.symbol for f, g in self.functions.items()},
            choices=choices,
            padded=frozenset(n for n, t in given.items() if t.padded is True),
            bottomless=frozenset(n for n, t in given.items() if t.padded == -sympy.oo),
            facts=self.facts,
            parameters=(*self.parameters, *(o.name for o in self.options if o.whole)),
            ranges=ranges,
            lengths={name: unwrap(length) for name, length in self.lengths.items()},
            options=frozenset(o.name for o in numbers),
        )

    @property
    def ties(self) -> tuple[tuple[terms.Definition, str], ...]:
        """Definitions that jump where values are equal, with the convention there."""
        return tuple((d, FIRST_WINS) for d in self.forward if d.is_choice)

    @cached_property
    def kinks(self) -> tuple[tuple[Any, float, str], ...]:
        """Arguments of functions that are not smooth, the place of the kink, the convention."""
        nodes = (node for d in self.forward for node in sympy.preorder_traversal(d.rhs))
        calls = dict.fromkeys(node for node in nodes if node.func in KINKS)
        return tuple((call.args[0], *KINKS[call.func]) for call in calls)


def _gradient(output: terms.Definition, of: Any) -> terms.Definition:
    """dW[i,j] = Σ dY[s,n] ∂Y[s,n]/∂W[i,j], with letters kept apart."""
    letters = terms.fresh_letters(of.indices, output.indices)
    cotangent = terms.entry_of(f"d{output.name}", output.indices)
    body = Formula(cotangent) * Formula(terms.D(output.lhs, terms.entry_of(of.name, letters)))
    total = Sum(body, *output.indices) if output.indices else body
    return define(Formula(terms.entry_of(f"d{of.name}", letters)), total)
