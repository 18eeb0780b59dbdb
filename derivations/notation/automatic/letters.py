"""Letters for the entry that is differentiated by: dW[i,j], never a letter that a formula uses."""

from collections.abc import Collection, Iterable
from typing import Any

from sympy import Basic, Idx

from gradcheck.derivations.calculus import terms

ORDER = "ijklpqrstuvwabcfghmnxyz"  # no d, which is a differential, no e and no o
TIME = "uvwrsijklpqabcfghmnxyz"  # for an axis that is counted from 1


def letters_in(expressions: Iterable[Any]) -> dict[Any, None]:
    """All indices that occur in some expressions, summed ones too, in order."""
    found: dict[Any, None] = {}
    for expr in expressions:
        if isinstance(expr, Basic):
            found |= dict.fromkeys(sorted(expr.atoms(Idx), key=str))
    return found


def entry_letters(
    indices: tuple[Any, ...], spare: Iterable[Any], taken: Collection[str]
) -> tuple[Any, ...]:
    """An index for each axis, with letters that are not taken.

    spare  letters that the author declared for an axis and used in no formula: they come first
    """
    unused = list(spare)
    chosen: list[Any] = []
    for index in indices:
        mine = [i for i in unused if (i.lower, i.upper) == (index.lower, index.upper)]
        free = [i for i in mine if i not in chosen and str(i) not in map(str, chosen)]
        chosen.append(free[0] if free else _next(index, {*taken, *map(str, chosen)}))
    return tuple(chosen)


def name_from(candidates: Iterable[str], taken: Iterable[str]) -> str:
    """The first name that is not taken; if all are, the first with a prime."""
    options, used = list(candidates), set(taken)
    while True:
        for option in options:
            if option not in used:
                return option
        options = [f"{option}′" for option in options]


def _next(index: Any, taken: set[str]) -> Any:
    alphabet = TIME if index.lower == 1 else ORDER
    letter = name_from(alphabet, taken)
    return terms.fresh(Idx(letter, (index.lower, index.upper)), ())
