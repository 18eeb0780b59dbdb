"""Derivatives of index expressions by one entry, for symbolic sizes.

Every entry is an independent variable, so ∂W[n,m]/∂W[i,j] = δ_ni δ_mj; the rest is linearity,
the product, power and chain rules. Named intermediates stay folded: their own derivative is taken
once, with template letters, and renamed wherever it is used. The derivative of a recursive
definition is a recursion of the same kind, so it stays a `D` and `recursion_step` gives its body.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from sympy import Add, Function, Idx, Indexed, Integer, KroneckerDelta, Mul, Pow, Sum, Symbol, log

from gradcheck.derivations.calculus.contract import collect, contract
from gradcheck.derivations.calculus.fold import folder, unfoldings
from gradcheck.derivations.calculus.terms import (
    Bracket,
    D,
    Definition,
    Setting,
    entry_of,
    free_indices,
    fresh,
    fresh_letters,
    indices_of,
    name_of,
    outermost,
    plain,
    rename,
    tensors_in,
)


class Differentiator:
    """Derivatives in the light of some definitions; what was derived once is remembered."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.definitions = setting.definitions
        self._templates: dict[tuple[str, Any], tuple[Any, Any]] = {}
        self._known: dict[tuple[Any, Any], Any] = {}
        self._dependent: dict[str, set[str]] = {}
        self._fold = folder(setting.definitions)

    def derivative(self, expr: Any, by: Any) -> Any:
        """∂expr/∂by as an index expression with deltas contracted.

        Raises NotImplementedError for a kind of expression that has no rule here.
        """
        if (expr, by) not in self._known:
            raw = contract(self._of(plain(expr), by), free_indices(by))
            self._known[expr, by] = collect(self._fold(raw))
        return self._known[expr, by]

    def take(self, expr: Any) -> Any:
        """The expression with every `D` in it taken, except derivatives of a recursion."""
        if isinstance(expr, D):
            return self.resolve(expr)
        if isinstance(expr, Sum):
            return Sum(self.take(expr.function), *expr.limits)
        if isinstance(expr, (Idx, Indexed, Symbol)) or not expr.args:
            return expr
        return expr.func(*map(self.take, expr.args))

    def resolve(self, expr: Any) -> Any:
        """The derivative that a `D` stands for; the `D` itself if that is a recursion."""
        if expr.held is None:
            return self.derivative(self.take(expr.of), expr.by)
        return self.immediate(self.definitions[expr.held], indices_of(expr.of), expr.by)

    def immediate(self, definition: Definition, at: tuple[Any, ...], by: Any) -> Any:
        """The derivative of one step of a recursion, with the state before it held fixed."""
        others = {n: d for n, d in self.definitions.items() if n != definition.name}
        inner = Differentiator(replace(self.setting, definitions=others))
        raw = inner.derivative_of_body(definition, at, by)
        return contract(raw, free_indices(by))

    def recursion_step(self, definition: Definition, by: Any) -> Any:
        """Body of the recursion that D(definition.lhs, by) obeys within the axis."""
        return contract(
            self.derivative_of_body(definition, definition.indices, by), free_indices(by)
        )

    def depends(self, name: str, on: str) -> bool:
        """Whether the tensor `name` is, or is defined through, the tensor `on`."""
        if on not in self._dependent:
            self._dependent[on] = self._all_dependent(on)
        return name in self._dependent[on]

    def recursive(self, name: str) -> bool:
        """Whether a tensor is defined through itself, directly or through others."""
        definition = self.definitions.get(name)
        return definition is not None and any(
            self.depends(used, name) for used in tensors_in(definition.rhs)
        )

    def _all_dependent(self, on: str) -> set[str]:
        """`on` and every tensor defined through it, directly or not."""
        used = {
            name: tensors_in(d.rhs) | tensors_in(d.outside or Integer(0))
            for name, d in self.definitions.items()
        }
        found = more = {on}
        while more:
            more = {name for name, names in used.items() if names & found} - found
            found = found | more
        return found

    def _of(self, expr: Any, by: Any) -> Any:
        if isinstance(expr, D):
            raise NotImplementedError("the derivative of a derivative of a recursion")
        if isinstance(expr, (Idx, KroneckerDelta, Bracket)) or not (expr.args or _is_entry(expr)):
            return Integer(0)
        if _is_entry(expr):
            return self._of_entry(expr, by)
        if not any(self.depends(n, name_of(by)) for n in tensors_in(expr)):
            return Integer(0)
        if isinstance(expr, Add):
            return Add(*(self._of(a, by) for a in expr.args))
        if isinstance(expr, Mul):
            return self._of_product(expr.args, by)
        if isinstance(expr, Pow):
            return self._of_power(expr, by)
        if isinstance(expr, Sum):
            return self._of_sum(expr, by)
        if isinstance(expr, Function) and len(expr.args) == 1:
            return Mul(expr.fdiff(1), self._of(expr.args[0], by))
        raise NotImplementedError(f"no derivative rule for {type(expr).__name__}: {expr}")

    def _of_product(self, factors: tuple[Any, ...], by: Any) -> Any:
        terms = []
        for k, factor in enumerate(factors):
            inner = self._of(factor, by)
            if inner != 0:
                terms.append(Mul(*factors[:k], inner, *factors[k + 1 :]))
        return Add(*terms)

    def _of_power(self, expr: Any, by: Any) -> Any:
        base, exponent = expr.args
        change = Mul(exponent, Pow(base, exponent - 1), self._of(base, by))
        if tensors_in(exponent):
            change += Mul(expr, log(base), self._of(exponent, by))
        return change

    def _of_sum(self, expr: Any, by: Any) -> Any:
        """Differentiate under the sum, after moving its letter away from those of `by`."""
        body, (index, *bounds) = outermost(expr)
        taken = free_indices(by)
        if index in taken:
            aside = fresh(index, {*taken, *free_indices(body)})
            body, index = rename(body, {index: aside}), aside
        return Sum(self._of(body, by), (index, *bounds))

    def _of_entry(self, entry: Any, by: Any) -> Any:
        name = name_of(entry)
        if name == name_of(by):
            return self._of_own_entry(entry, by)
        definition = self.definitions.get(name)
        if definition is None or not self.depends(name, name_of(by)):
            return Integer(0)
        if self.recursive(name):
            return D(entry, by)
        template, template_by = self._template(definition, by)
        pairs = zip(indices_of(definition.lhs), indices_of(entry), strict=True)
        by_pairs = zip(indices_of(template_by), indices_of(by), strict=True)
        return rename(template, {**dict(pairs), **dict(by_pairs)})

    def _of_own_entry(self, entry: Any, by: Any) -> Any:
        """∂h[t,i]/∂h[r,j]: deltas, unless h is a recursion looked at across time."""
        definition = self.definitions.get(name_of(entry))
        if definition is not None and self.recursive(definition.name):
            lag = indices_of(entry)[0] - indices_of(by)[0]
            if not lag.is_Integer:
                return D(entry, by)
            if lag > 0:
                return self.derivative_of_body(definition, indices_of(entry), by)
        pairs = zip(indices_of(entry), indices_of(by), strict=True)
        return Mul(*(KroneckerDelta(a, b) for a, b in pairs))

    def _template(self, definition: Definition, by: Any) -> tuple[Any, Any]:
        """The derivative of a definition with letters of its own, and those letters."""
        key = (definition.name, name_of(by))
        if key not in self._templates:
            taken = {*definition.indices, *free_indices(definition.rhs)}
            letters = fresh_letters(self.setting.indices[name_of(by)], taken)
            template_by = entry_of(name_of(by), letters)
            body = self.derivative_of_body(definition, definition.indices, template_by)
            body = self._fold(contract(body, letters))
            self._templates[key] = (body, template_by)
        return self._templates[key]

    def derivative_of_body(self, definition: Definition, at: tuple[Any, ...], by: Any) -> Any:
        """The derivative of a definition's right side, written with its left side: 1 - Y²."""
        letters = dict(zip(definition.indices, at, strict=True))
        body = rename(plain(definition.rhs), letters)
        own = {rename(f, letters): rename(e, letters) for f, e in unfoldings(definition)}
        return rename(self._of(body, by), own)


@lru_cache(maxsize=64)
def differentiator(setting: Setting) -> Differentiator:
    """The differentiator of a setting, always the same one: what it derived it remembers."""
    return Differentiator(setting)


def _is_entry(expr: Any) -> bool:
    return isinstance(expr, Indexed) or (isinstance(expr, Symbol) and not isinstance(expr, Idx))
