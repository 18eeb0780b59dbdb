"""What was found: one finding for each comparison, and the report that holds them all.

Renderers take these records and compute nothing. `judge` compares three Jacobians and names the
odd one out; the word is "disagrees", because a majority of two may still be wrong together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.checks.gradient.blame import APPROXIMATE
from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.gradient.check import Checked
from gradcheck.checks.gradient.finding import Finding, Outcome, Worst
from gradcheck.checks.gradient.function import Array
from gradcheck.checks.gradient.localise import first_largest

if TYPE_CHECKING:  # they need SymPy, which a check of other people's code does without
    from gradcheck.checks.points import Case
    from gradcheck.derivations.calculus.compare import Verdict
    from gradcheck.derivations.calculus.mistakes.remarks import Remark
    from gradcheck.derivations.calculus.mistakes.repair import Repair
    from gradcheck.derivations.notation import Layer as SymbolicLayer

RTOL = 1e-8  # exact formulas agree to rounding; this leaves room for cancellation
ATOL = 1e-10
TOO_NOISY = 1e-3  # an estimated error beyond this, relative, cannot acquit or convict anyone


@dataclass(frozen=True)
class Tolerance:
    """How far apart two values may lie: atol + rtol |value|, beside what the differences add."""

    rtol: float = RTOL
    atol: float = ATOL


@dataclass(frozen=True)
class LayerFinding(Finding):
    """One comparison of the witnesses of a layer at one case.

    input       the input differentiated by; empty for the comparison of forward values, and for
                what is said of one of the two passes as a whole
    case        the sizes and the seed
    odd         the witness that disagrees with the two others: symbolic, analytic, numerical;
                empty if all agree or no two do
    difference  the largest difference between any two witnesses
    error       what the differences may be off by at most, absolute as `difference` is
    """

    layer: str = ""
    case: Case = field(kw_only=True)
    odd: str = ""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a step.

    repairs   single edits that mend it, the likeliest first; none if no single edit does
    expected  what the left side is equal to, where there are none
    layout    the layout of the other lines, numerator or denominator, if that is the mistake
    """

    repairs: tuple[Repair, ...] = ()
    expected: Any = None
    layout: str = ""


@dataclass(frozen=True)
class StepCheck:
    """One step of a written derivation, and whether it follows from the one before.

    input   the input whose gradient is derived; empty for a lemma that several derivations use
    chain   which chain of that derivation, and `step` which step in it, both from 1;
            the matrix form, if there is one, is the last chain
    mistake what is wrong with it, for the first wrong step of a chain
    remarks what is suspicious about the way it is written, whether it holds or not
    """

    input: str
    chain: int
    step: int
    left: Any
    right: Any
    reason: str
    where: Any
    verdict: Verdict
    mistake: Mistake | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class LayerReport:
    """All findings about one layer.

    shapes    of the gradients, in axis letters, by input
    symbolic  the symbolic side, for renderers that print its formulas
    error     why the layer could not be checked at all
    """

    name: str
    summary: str
    source: str = ""
    steps: tuple[StepCheck, ...] = ()
    findings: tuple[LayerFinding, ...] = ()
    shapes: Mapping[str, str] = field(default_factory=dict)
    symbolic: SymbolicLayer | None = field(default=None, repr=False)
    error: str = ""

    @property
    def ok(self) -> bool:
        steps = all(s.verdict.holds for s in self.steps)
        return not self.error and steps and all(f.ok for f in self.findings)


@dataclass(frozen=True)
class Report:
    """The findings about all that was asked for, and what was asked.

    layers     layers of ours, or of a folder of the user's
    functions  code of the user's
    path  a folder of the user's in which layers were looked for too
    """

    layers: tuple[LayerReport, ...] = ()
    functions: tuple[Checked, ...] = ()
    seed: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    tolerance: Tolerance = field(default_factory=Tolerance)
    path: str = ""

    @property
    def parts(self) -> tuple[LayerReport | Checked, ...]:
        """All that was checked."""
        return (*self.layers, *self.functions)

    @property
    def ok(self) -> bool:
        return all(part.ok for part in self.parts)

    @property
    def findings(self) -> tuple[Any, ...]:
        return tuple(finding for part in self.parts for finding in part.findings)

    def command(self, layer: str, wrt: str = "") -> str:
        """The command that repeats the check of one layer, or of one of its gradients."""
        words = ["gradcheck", layer]
        words += ["--wrt", wrt] if wrt else []
        words += ["--seed", str(self.seed)]
        shape = ",".join(f"{axis}={size}" for axis, size in self.sizes.items())
        words += ["--shape", shape] if shape else []
        words += ["--rtol", f"{self.tolerance.rtol:g}"] if self.tolerance.rtol != RTOL else []
        words += ["--atol", f"{self.tolerance.atol:g}"] if self.tolerance.atol != ATOL else []
        words += ["--path", self.path] if self.path else []
        return " ".join(words)


def judge(
    layer: str,
    wrt: str,
    case: Case,
    witnesses: Mapping[str, Array],
    error: Array | None,
    tolerance: Tolerance,
) -> LayerFinding:
    """Compare Jacobians of equal shape, by witness.

    error  what the numerical one estimates to be off by, entry by entry; None if it was not asked
    """
    entries = next(iter(witnesses.values())).size
    error = None if error is None else SAFETY * error
    largest_error = float(error.max(initial=0)) if error is not None else 0.0
    common: dict[str, Any] = {"layer": layer, "input": wrt, "case": case, "entries": entries}
    common |= {"error": largest_error, "difference": _largest_difference(witnesses)}
    noisy = error is not None and _too_noisy(error, witnesses)
    differ = {pair: ~_close(witnesses, pair, error, tolerance) for pair in _pairs(witnesses)}
    apart = [pair for pair, where in differ.items() if where.any()]
    if not apart and not noisy:
        return LayerFinding(**common, verdict=Outcome.AGREES)
    odd = _odd_one_out(witnesses, apart)
    if noisy and ("symbolic", "analytic") not in apart:
        message = f"finite differences cannot tell here: they may be off by {largest_error:.1e}"
        return LayerFinding(**common, verdict=Outcome.INCONCLUSIVE, code="noise", message=message)
    size = _size(witnesses, odd) if odd else 0.0
    nearly = odd in ("symbolic", "analytic") and size <= APPROXIMATE
    where = np.logical_or.reduce([differ[pair] for pair in apart])
    message = f"{_who(witnesses, apart, odd)} in {int(where.sum())} of {entries} entries"
    return LayerFinding(
        **common,
        verdict=Outcome.APPROXIMATE if nearly else Outcome.DISAGREES,
        odd=odd,
        message=message,
        size=size,
        differing=int(where.sum()),
        worst=_worst(witnesses, where, error, tolerance),
    )


def _pairs(witnesses: Mapping[str, Array]) -> list[tuple[str, str]]:
    names = list(witnesses)
    return [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]


def _close(
    witnesses: Mapping[str, Array], pair: tuple[str, str], error: Array | None, tol: Tolerance
) -> Array:
    """Where two witnesses agree; what is not finite agrees with nothing."""
    a, b = (witnesses[name] for name in pair)
    with np.errstate(invalid="ignore"):  # inf - inf
        close = np.abs(a - b) <= _allowed(b, error if "numerical" in pair else None, tol)
    agree: Array = close & np.isfinite(a) & np.isfinite(b)
    return agree


def _allowed(value: Array, error: Array | None, tol: Tolerance) -> Array:
    allowed: Array = tol.atol + tol.rtol * np.abs(value) + (0 if error is None else error)
    return allowed


def _too_noisy(error: Array, witnesses: Mapping[str, Array]) -> bool:
    scale = max(1.0, float(np.nanmax(np.abs(witnesses["numerical"]), initial=0)))
    return not bool(np.isfinite(error).all()) or float(error.max(initial=0)) > TOO_NOISY * scale


def _odd_one_out(witnesses: Mapping[str, Array], apart: list[tuple[str, str]]) -> str:
    """The witness that two others, agreeing with each other, contradict; if there is one."""
    if len(witnesses) < 3 or len(apart) != 2:
        return ""
    (odd,) = set(apart[0]) & set(apart[1])
    return odd


def _who(witnesses: Mapping[str, Array], apart: list[tuple[str, str]], odd: str) -> str:
    """Who disagrees with whom, in words."""
    if odd:
        return f"the {odd} gradient disagrees"
    if len(apart) == 3:
        return "no two of the three gradients agree"
    a, b = apart[0]
    others = [name for name in witnesses if name not in (a, b)]
    undecided = f", too little for the {others[0]} one to tell who is right," if others else ""
    return f"the {a} and the {b} gradient disagree{undecided}"


def _size(witnesses: Mapping[str, Array], odd: str) -> float:
    """How far off the odd one is, relative to the largest entry of an exact one of the others."""
    exact = next(array for name, array in witnesses.items() if name != odd)
    scale = float(np.abs(exact).max(initial=0))
    return float(np.abs(witnesses[odd] - exact).max(initial=0)) / scale if scale else np.inf


def _largest_difference(witnesses: Mapping[str, Array]) -> float:
    pairs = _pairs(witnesses)
    return max(float(np.abs(witnesses[a] - witnesses[b]).max(initial=0)) for a, b in pairs)


def _worst(
    witnesses: Mapping[str, Array], differing: Array, error: Array | None, tol: Tolerance
) -> Worst:
    """Of the differing entries, the one where the witnesses lie furthest apart."""
    stacked = np.stack(list(witnesses.values()))
    spread = np.where(differing, np.nan_to_num(np.ptp(stacked, axis=0), nan=np.inf), -1)
    index = first_largest(spread)
    values = {name: float(array[index]) for name, array in witnesses.items()}
    allowed = _allowed(stacked[0], error, tol)[index]
    return Worst(index, values, float(allowed))
