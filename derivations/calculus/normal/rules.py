"""The rules that bring one product into normal form, in the order in which they are tried.

Each rule takes coefficient · Σ over binders of Π factors and answers with the terms that replace
it, in normal form, or with None if it does not apply. Every rule is an identity for all sizes.
"""

from gradcheck.derivations.calculus.normal.algebra import RULES
from gradcheck.derivations.calculus.normal.poly import Apply, Base, Bracket, Delta, Entry
from gradcheck.derivations.calculus.normal.rules_deltas import (
    combine,
    contract,
    lift,
    offsets_inside,
    one_letter,
)
from gradcheck.derivations.calculus.normal.rules_powers import (
    idempotent,
    multiply_out,
    sine_squared,
    sum_meets_base,
)
from gradcheck.derivations.calculus.normal.rules_ranges import (
    decided_by_ranges,
    freed,
    implied,
    narrow,
    settled_inside,
    single_value,
    tighten,
    unused,
)

# the name of each rule, the atoms of which a product must have one for it to be tried, the rule
EITHER = (Bracket, Delta)
RULES[:] = [
    ("powers multiplied out", (Base,), multiply_out),
    ("a condition is 0 or 1", (Apply,), idempotent),
    ("sin² = 1 - cos²", (Apply,), sine_squared),
    ("range", EITHER, decided_by_ranges),
    ("delta contraction", (Delta,), contract),
    ("delta combination", (Delta,), combine),
    ("equal letters", (Delta,), one_letter),
    ("offset as a delta", (Entry,), lift),
    ("equal letters", (Delta,), offsets_inside),
    ("range", (Bracket,), narrow),
    ("conditions on free letters", (Bracket,), freed),
    ("conditions that follow from others", (Bracket,), implied),
    ("range", EITHER, tighten),
    ("conditions that follow from others", (Apply, Base), settled_inside),
    ("one value", (), single_value),
    ("a sum that is a base", (Base,), sum_meets_base),
    ("unused index", (), unused),
]
