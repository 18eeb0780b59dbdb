"""The order in which a person would write what SymPy has sorted by its own rules.

`tidy(Sum(W[n,j]*dY[r,n]))` is Σ_n dY[r,n] W[n,j], `tidy(-Y**2 + 1)` is 1 − Y². The result is
equal and unevaluated, as if an author had written it. What an author did write needs none of this.
"""

from typing import Any

from sympy import Add, Function, Idx, Indexed, KroneckerDelta, Mul, Pow, Sum, Symbol

from gradcheck.derivations.calculus.terms import Bracket, D, free_indices, name_of
from gradcheck.derivations.forms.products import factors, reciprocal, signed

Letters = tuple[Any, ...]
ADJOINT = "λ"
SIZE_BELOW, DIVISOR = 5, 6  # kinds of what is divided by


def tidy(expr: Any, first: Letters = ()) -> Any:
    """The expression in a reader's order; deltas and factors begin with the letters of `first`.

    For a Jacobian, `first` is the indices of the output: δ_ni X[s,j], not δ_in X[s,j].
    """
    if isinstance(expr, Add):
        return _sum(expr, first)
    if isinstance(expr, Mul):
        return _product(expr, first)
    if isinstance(expr, Sum):
        return Sum(tidy(expr.function, first), *expr.limits)
    if isinstance(expr, Pow):
        return Pow(tidy(expr.base, first), expr.exp, evaluate=False)
    if isinstance(expr, KroneckerDelta):
        letters = sorted(expr.args, key=lambda a: (not isinstance(a, Indexed), _place(a, first)))
        return KroneckerDelta(*letters, evaluate=False)
    if isinstance(expr, D):
        return D(tidy(expr.of, first), expr.by, expr.held)
    if isinstance(expr, Function):
        return expr.func(*(tidy(a, first) for a in expr.args), evaluate=False)
    return expr


def _sum(expr: Add, first: Letters) -> Any:
    """Positive terms first, so that no sum begins with a minus sign that it can do without."""
    terms = [tidy(term, first) for term in expr.args]
    terms.sort(key=lambda term: (signed(term)[0] < 0, _kind_of_term(term), str(term)))
    return Add(*terms, evaluate=False)


def _product(expr: Mul, first: Letters) -> Any:
    parts = factors(expr)
    number = Mul(*(f for f in parts if f.is_Number))
    others = []
    for factor in (f for f in parts if not f.is_Number):
        if _better_negated(factor, number):
            number = -number
            factor = Add(*(-term for term in factor.args))
        others.append(tidy(factor, first))
    kinds = _kinds(others)
    others.sort(key=lambda f: (kinds[f], f.is_Add, _place(f, first), str(f)))
    args = [*([number] if number != 1 else []), *_by_letters(others, kinds, first)]
    return Mul(*args, evaluate=False) if len(args) > 1 else Mul(*args)


def _better_negated(factor: Any, number: Any) -> bool:
    """(−a − b) c is −(a + b) c, and −(a − b) c is (b − a) c; but −(1 − a) c stays."""
    if not isinstance(factor, Add):
        return False
    signs = [signed(term)[0] for term in factor.args]
    two_letters = len(signs) == 2 and not any(term.is_Number for term in factor.args)
    return sum(signs) == -len(signs) or bool(number < 0 and two_letters and sum(signs) == 0)


def _by_letters(ordered: list[Any], kinds: dict[Any, int], first: Letters) -> list[Any]:
    """Neighbours share letters: within a kind, what has a letter seen before and few new ones."""
    result: list[Any] = []
    seen: set[Any] = set()
    left = list(ordered)
    while left:
        rivals = [f for f in left if kinds[f] == kinds[left[0]]]
        chosen = min(rivals, key=lambda f: _strangeness(f, seen or {*first}))
        seen |= {*free_indices(chosen)}
        result.append(chosen)
        left.remove(chosen)
    return result


def _strangeness(factor: Any, seen: set[Any]) -> tuple[bool, int]:
    letters = {*free_indices(factor)}
    return bool(seen) and not letters & seen, len(letters - seen) if seen else 0


def _kinds(factors: list[Any]) -> dict[Any, int]:
    """The kind of each factor. With others to divide by, sizes are below the same line."""
    kinds = {factor: _kind(factor) for factor in factors}
    if DIVISOR in kinds.values():
        sizes = [f for f in factors if kinds[f] == 0 and reciprocal(f) is not None]
        kinds |= dict.fromkeys(sizes, SIZE_BELOW)
    return kinds


def _kind(factor: Any) -> int:
    """What a factor is, in the order in which kinds of factors stand in a product."""
    if not factor.has(Indexed, Idx, D, Function) and not _is_cotangent(factor):
        return 0  # sizes: 1/N
    if _is_cotangent(factor):
        return 1
    if isinstance(factor, (KroneckerDelta, Bracket)):
        return 2
    if isinstance(factor, Sum):
        return 8
    if isinstance(factor, D):
        return 7
    if isinstance(factor, Add) and factor.has(Sum, KroneckerDelta, Bracket, D):
        return 4
    if isinstance(factor, Pow) and factor.exp.is_Number and factor.exp < 0:
        return DIVISOR  # numerators, then what they are divided by
    return 3


def _kind_of_term(term: Any) -> int:
    """1 − Y², dh + Σ λ W, δ X + Σ W ∂h/∂W, but Σ W x + b."""
    parts = factors(term)
    if term.is_Number:
        return 0
    if term.has(Sum):
        return 3
    if any(isinstance(p, (KroneckerDelta, Bracket)) for p in parts):
        return 2
    return 1 if any(map(_is_cotangent, parts)) else 4


def _is_cotangent(factor: Any) -> bool:
    """dY[s,n] or the adjoint λ[t,n,i], by name."""
    if not isinstance(factor, (Indexed, Symbol)) or isinstance(factor, Idx):
        return False
    name = name_of(factor)
    return name == ADJOINT or (name.startswith("d") and len(name) > 1)


def _place(expr: Any, first: Letters) -> int:
    """Where the first of its letters stands in `first`; behind all if none does."""
    return min((first.index(i) for i in free_indices(expr) if i in first), default=len(first))
