"""Layout: whether an equation is right as it stands, or with the axes of its left side exchanged.

A Jacobian with the axes of the output first is in numerator layout, with those of the input first
in denominator layout. A gradient that has the shape of its variable is in denominator layout, its
transpose in numerator layout. Both are right; mixing them is not.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sympy import Idx, Indexed

from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.mistakes.edits import same_range
from gradcheck.derivations.calculus.terms import D, Setting, entry_of, indices_of, name_of

NUMERATOR, DENOMINATOR = "numerator", "denominator"
EITHER = "either"  # symmetric: both layouts say the same

Line = tuple[Any, Any, Any]  # left side, right side, the case or None


def layout(comparer: Comparer, left: Any, right: Any, where: Any = None) -> str:
    """The layout in which `left = right` is right: numerator, denominator, either, or "".

    Empty if it is right in neither, or if exchanging the axes of the left side has no meaning.
    """
    other = exchanged(comparer.setting, left)
    if other is None:
        return ""
    here, there = layout_names(left)
    found = {
        name
        for name, side in ((here, left), (there, other))
        if comparer.compare(side, right, where).holds
    }
    return EITHER if len(found) == 2 else "".join(found)


def usual_layout(comparer: Comparer, like: Any, lines: Iterable[Line]) -> str:
    """The layout of most of the lines whose left side is of the kind of `like`; "" if of none.

    Jacobians and gradients are kinds of their own. Lines that are symmetric say nothing.
    """
    kind = isinstance(like, D)
    found = Counter(layout(comparer, *line) for line in lines if isinstance(line[0], D) is kind)
    decided = [(found[name], name) for name in (NUMERATOR, DENOMINATOR) if found[name]]
    return max(decided)[1] if decided else ""


def layout_names(left: Any) -> tuple[str, str]:
    """The layout that a left side is written in, and the other one."""
    names = (NUMERATOR, DENOMINATOR)
    return names if isinstance(left, D) else names[::-1]


def exchanged(setting: Setting, left: Any) -> Any:
    """The left side with its axes exchanged; None if that is no entry, or the same.

    Of a Jacobian the axes of output and input, of a gradient with two axes those two. What comes
    out has to fit the axes of its tensors; what went in need not.
    """
    if isinstance(left, D) and left.held is None:
        outer, inner = indices_of(left.of), indices_of(left.by)
        if not isinstance(left.of, Indexed) or len(outer) != len(inner):
            return None
        of, by = entry_of(name_of(left.of), inner), entry_of(name_of(left.by), outer)
        fits = _fits(setting, of) and _fits(setting, by)
        return D(of, by) if fits and outer != inner else None
    if isinstance(left, Indexed) and len(left.indices) == 2 and name_of(left).startswith("d"):
        turned = entry_of(name_of(left), left.indices[::-1])
        return turned if _fits(setting, turned) and turned != left else None
    return None


def _fits(setting: Setting, entry: Any) -> bool:
    axes = setting.indices.get(name_of(entry), ())
    return len(axes) == len(indices_of(entry)) and all(
        isinstance(i, Idx) and same_range(i, own)
        for i, own in zip(indices_of(entry), axes, strict=True)
    )
