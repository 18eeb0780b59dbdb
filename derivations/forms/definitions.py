"""What a definition says besides its right side."""

from typing import Any

from sympy import Indexed, sympify

from gradcheck.derivations.calculus.terms import Definition, name_of, rename


def boundary(definition: Definition) -> list[tuple[Any, Any]]:
    """Where a recursion starts, as an equation: H[0,n,i] = h0[n,i].

    A recursion that looks one step back starts before the first entry of its first axis, one
    that looks ahead after the last. Empty for a definition that is no recursion.
    """
    own = [e for e in definition.rhs.atoms(Indexed) if name_of(e) == definition.name]
    if definition.outside is None or not own:
        return []
    time = definition.indices[0]
    before = (own[0].indices[0] - time).is_negative
    start = {time: time.lower - 1 if before else time.upper + 1}
    return [(rename(definition.lhs, start), rename(sympify(definition.outside), start))]
