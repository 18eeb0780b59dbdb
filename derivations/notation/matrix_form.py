"""The matrix notation of an index expression: Σ_s dY[s,i] X[s,j] is dYᵀ X.

The expression is taken as its author factored it. Every sub-expression must depend on at most two
indices; it becomes a matrix, a column, or a number. What has no such form (three axes, windows,
triangles, lookups) is said to have none. Nothing here proves the form right: one entry of it,
`Matrix.entry`, is to be compared with the expression.
"""

from collections.abc import Callable
from typing import Any

from sympy import (
    Add,
    Function,
    Idx,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Number,
    Pow,
    Sum,
    sympify,
)

from gradcheck.derivations.calculus.terms import (
    Setting,
    free_indices,
    indices_of,
    name_of,
    size_of,
)
from gradcheck.derivations.notation.formula import ElementwiseFunction, Formula, NotationError
from gradcheck.derivations.notation.formula import Sum as Total
from gradcheck.derivations.notation.matrix import Matrix
from gradcheck.derivations.notation.matrix_graph import (
    Labelled,
    Labels,
    NoMatrixForm,
    broadcast,
    multiplied,
    oriented,
)
from gradcheck.derivations.notation.tensor import Tensor


def matrix_form(lhs: Any, rhs: Any, setting: Setting, slices: bool = False) -> Matrix | None:
    """A matrix expression whose entries are `rhs`, or None if none is found.

    `lhs` is the entry that it is the value of: its indices are the rows and columns. With one
    index the form is a column. A left side of three axes has no form, unless `slices` asks for
    that of the slice at fixed values of its leading indices: dx[t] = dz[t] W.
    """
    indices = indices_of(lhs)
    sliced = indices[:-2]
    if (sliced and not slices) or not all(isinstance(i, Idx) for i in indices):
        return None
    rhs = sympify(rhs)
    held = {*sliced, *_leading(rhs)}
    wanted = indices[len(sliced) :]
    if held & {*wanted}:
        return None
    rows_and_columns = (*wanted, None, None)[:2]
    try:
        found = _Finder(setting, frozenset(held), rows_and_columns).form(rhs)
        if not isinstance(found, Labelled):
            return Matrix("number", (found,), rows_and_columns, lambda i, j: found)
        return oriented(broadcast(found, rows_and_columns), rows_and_columns).matrix
    except (NoMatrixForm, NotationError):
        return None


class _Finder:
    """Finds the forms of the sub-expressions of one expression.

    held    indices that tensors of three axes are sliced by; to a matrix they are numbers
    wanted  rows and columns of the whole
    """

    def __init__(self, setting: Setting, held: frozenset[Any], wanted: Labels) -> None:
        self.setting = setting
        self.held = held
        self.wanted = wanted

    def form(self, expr: Any) -> Labelled | Formula:
        """A labelled matrix, or a formula for a number. Raises NoMatrixForm."""
        if not self._varies(expr):
            return Formula(expr)
        if isinstance(expr, Add):
            return self._terms(expr)
        if isinstance(expr, (Mul, Sum)):
            return self._product(expr)
        if isinstance(expr, Indexed):
            return self._entry(expr)
        if isinstance(expr, KroneckerDelta):
            return self._product(expr)
        if isinstance(expr, Pow) and not self._varies(expr.exp):
            return self._applied(expr.base, lambda base: base**expr.exp)
        if isinstance(expr, Function) and len(expr.args) == 1:
            return self._applied(expr.args[0], ElementwiseFunction(expr.func))
        raise NoMatrixForm(f"{type(expr).__name__} has no matrix notation: {expr}")

    def _varies(self, expr: Any) -> bool:
        """Whether an expression is more than a number to a matrix."""
        return not expr.atoms(Idx) <= self.held

    def _applied(self, argument: Any, function: Callable[[Any], Any]) -> Labelled | Formula:
        """A function entry by entry."""
        found = self.form(argument)
        if isinstance(found, Labelled):
            return Labelled(function(found.matrix), found.labels)
        number: Formula = function(found)
        return number

    def _entry(self, entry: Any) -> Labelled:
        """A whole tensor, or a slice of it at fixed places of its first axes."""
        name, subscripts = name_of(entry), indices_of(entry)
        letters = [i for i in subscripts if isinstance(i, Idx) and i not in self.held]
        fixed = subscripts[: len(subscripts) - len(letters)]
        own = self.setting.indices.get(name)
        if own is None or name in self.setting.integer or len({*letters}) < len(letters):
            raise NoMatrixForm(f"{entry} is no entry of a matrix")
        if any(map(self._varies, fixed)) or not 1 <= len(letters) <= 2:
            raise NoMatrixForm(f"{entry} is no entry of a matrix")
        tensor = Tensor(name, own)
        if any(
            isinstance(i, Idx) and i.args[1] != o.args[1]
            for i, o in zip(subscripts, own, strict=True)
        ):
            raise NoMatrixForm(f"{entry} is a part of a matrix")
        matrix = tensor[tuple(map(Formula, fixed))] if fixed else tensor.matrix()
        return Labelled(matrix, (*letters, None)[:2])

    def _terms(self, expr: Any) -> Labelled | Formula:
        """A sum of terms, each of them brought to the axes of all."""
        parts = [(_sign(term), self.form(_without_sign(term))) for term in expr.args]
        labels = tuple(
            dict.fromkeys(i for _, p in parts if isinstance(p, Labelled) for i in p.letters)
        )
        if len(labels) > 2:
            raise NoMatrixForm(f"a sum that depends on {', '.join(map(str, labels))}")
        order = _order(labels, [p for _, p in parts if isinstance(p, Labelled)], self.wanted)
        total: Any = None
        for sign, part in parts:
            operand: Any = part
            if isinstance(part, Labelled):
                operand = oriented(broadcast(part, order), order).matrix
            total = _added(total, sign, operand)
        return Labelled(total, order) if isinstance(total, Matrix) else Formula(total.expr)

    def _product(self, expr: Any) -> Labelled | Formula:
        """Factors under sums over whole axes."""
        letters: list[Any] = []
        while isinstance(expr, Sum):
            limits: list[Any] = [*expr.limits]
            for index, low, high in reversed(limits):
                if (low, high) != (index.lower, index.upper):
                    raise NoMatrixForm("a sum over part of an axis")
                if index in letters:
                    raise NoMatrixForm(f"{index} is summed within a sum over {index}")
                letters.append(index)
            expr = expr.function
        return self._multiplied(self._opened(_factors(expr)), letters)

    def _opened(self, factors: list[Any]) -> list[Any]:
        """The factors, some of them multiplied out where that saves columns of ones.

        P (dP − u) with a column u is P ⊙ dP − diag(u) P, and v (δ − w) is diag(v) − v wᵀ.
        """
        for k, factor in enumerate(factors):
            into = self._goes_into(k, factors) if isinstance(factor, Add) else []
            if into:
                before = [factors[place] for place in into if place < k]
                after = [factors[place] for place in into if place > k]
                terms = (Mul(*before, term, *after, evaluate=False) for term in factor.args)
                opened = self.form(Add(*terms, evaluate=False))
                return [
                    opened if place == k else other
                    for place, other in enumerate(factors)
                    if place not in into
                ]
        return factors

    def _goes_into(self, k: int, factors: list[Any]) -> list[int]:
        """Places of the factors that a sum of unlike terms is multiplied by, term by term."""
        terms, letters = factors[k].args, self._letters(factors[k])
        others = [(p, f) for p, f in enumerate(factors) if p != k and self._varies(f)]
        if len(letters) == 2 and any(term.has(KroneckerDelta) for term in terms):
            return [place for place, f in others if self._letters(f) <= letters]
        mixed = any(self._letters(t) < letters and self._varies(t) for t in terms)
        whole = [place for place, f in others if self._letters(f) == letters]
        return whole[:1] if mixed and len(letters) == 2 else []

    def _letters(self, expr: Any) -> set[Any]:
        return {*free_indices(expr)} - self.held

    def _multiplied(self, factors: list[Any], letters: list[Any]) -> Labelled | Formula:
        over = [i for i in letters if i in self.held]
        if over:
            return self._of_slices(factors, [i for i in letters if i not in over], over)
        numbers, matrices, deltas = [], [], []
        for factor in factors:
            if isinstance(factor, KroneckerDelta):
                deltas.append(_pair(factor))
                continue
            found = factor if isinstance(factor, (Labelled, Formula)) else self.form(factor)
            if isinstance(found, Labelled):
                matrices.append(found)
            else:
                numbers.append(found.expr)
        occurring = {i for m in matrices for i in m.letters} | {i for pair in deltas for i in pair}
        numbers += [size_of(i) for i in letters if i not in occurring]
        if not matrices and not deltas:
            return Formula(_times(numbers))
        summed = [i for i in letters if i in occurring]
        product = multiplied(matrices, deltas, summed, self.wanted)
        if product is None:
            return Formula(_times(numbers))
        return Labelled(_scaled(numbers, product.matrix), product.labels)

    def _of_slices(
        self, factors: list[Any], letters: list[Any], over: list[Any]
    ) -> Labelled | Formula:
        """Σ over the slices of tensors of three axes: Σ_t dz[t]ᵀ x[t]."""
        inner = self._multiplied(factors, letters)
        if isinstance(inner, Labelled):
            return Labelled(inner.matrix.summed(*over), inner.labels)
        number: Formula = Total(inner, *over)
        return number


def _scaled(numbers: list[Any], matrix: Matrix) -> Matrix:
    """Numbers and sizes first, then scalar tensors: 2/N dL (Y − Z)."""
    lengths = [f for f in numbers if all(s.is_integer for s in f.free_symbols)]
    scalars = [f for f in numbers if f not in lengths]
    for factor in [*reversed(scalars), _times(lengths)]:
        matrix = matrix if factor == 1 else Formula(factor) * matrix
    return matrix


def _leading(expr: Any) -> set[Any]:
    """Indices that tensors of three axes or more are sliced by: all but the last two."""
    entries = [e for e in expr.atoms(Indexed) if len(e.indices) > 2]
    return {i for e in entries for subscript in e.indices[:-2] for i in subscript.atoms(Idx)}


def _added(total: Any, sign: int, operand: Any) -> Any:
    """total ± operand, where each may be a matrix or a number."""
    if total is None:
        return operand if sign > 0 else -operand
    if isinstance(operand, Matrix) and isinstance(total, Formula):
        return operand.__radd__(total) if sign > 0 else operand.__rsub__(total)
    return total + operand if sign > 0 else total - operand


def _order(labels: Labels, parts: list[Labelled], wanted: Labels) -> Labels:
    """Rows and columns for a sum: as wanted, or as its first whole term has them."""
    if len(labels) == 2 and {*labels} != {*wanted}:
        whole = [p.labels for p in parts if {*p.letters} == {*labels}]
        return whole[0] if whole else labels
    return wanted if {*labels} == {*wanted} else (*labels, None, None)[:2]


def _pair(delta: Any) -> tuple[Any, Any]:
    left, right = delta.args
    if not (isinstance(left, Idx) and isinstance(right, Idx)):
        raise NoMatrixForm(f"{delta} is no diagonal")
    return left, right


def _factors(expr: Any) -> list[Any]:
    return [f for a in expr.args for f in _factors(a)] if isinstance(expr, Mul) else [expr]


def _sign(term: Any) -> int:
    return -1 if Mul(*(f for f in _factors(term) if isinstance(f, Number))) < 0 else 1


def _without_sign(term: Any) -> Any:
    if _sign(term) > 0:
        return term
    factors = _factors(term)
    number = -Mul(*(f for f in factors if isinstance(f, Number)))
    rest = [f for f in factors if not isinstance(f, Number)]
    parts = [number, *rest] if number != 1 or not rest else rest
    return Mul(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def _times(numbers: list[Any]) -> Any:
    return Mul(*numbers, evaluate=False) if len(numbers) > 1 else (numbers or [Integer(1)])[0]
