"""Values for the arguments of an operation: those of `a * b` are of one shape.

Where operands broadcast, a guess of different shapes would ask something of a backward pass that
nobody wrote it for.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcheck.checks.adapters.draw import draw
from gradcheck.checks.adapters.inputs import complete, quietly
from gradcheck.checks.adapters.request import Request

SHAPE = (4, 3)
ALIKE = re.compile(r"[a-fuvxyz]\d?|lhs|rhs|left|right|other|self|input\d?|tensor\d?|t[12]")

Works = Callable[[dict[str, Any]], bool]


def values_of(
    request: Request, names: Sequence[str], works: Works, defaults: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A value for each of the names, and notes on what was guessed."""
    known = {**defaults, **request.keywords, **request.inputs}
    missing = [name for name in names if name not in known]
    if _are_operands(missing) and not set(missing) & set(request.shapes):
        drawn = {name: draw(SHAPE, request.rng) for name in missing}
        values = {name: {**known, **drawn}[name] for name in names}
        if _does(works, values):
            sizes = ",".join(map(str, SHAPE))
            options = " ".join(f"--shape {name}={sizes}" for name in missing)
            what = f"guessed {' and '.join(missing)} of one shape {SHAPE}"
            return values, (f"{what}; to choose yourself: {options}",)
    return complete(request, names, works, defaults)


def _are_operands(names: Sequence[str]) -> bool:
    """Whether the names are those of operands. Beside an x, b is a bias and not an operand."""
    return (
        len(names) > 1
        and all(ALIKE.fullmatch(name.lower()) for name in names)
        and ("b" not in names or "a" in names)
    )


def _does(works: Works, values: dict[str, Any]) -> bool:
    try:
        with quietly():
            return works(values)
    except Exception:  # then they are no operands
        return False
