"""The check of one function at one point: the cheap check first, the closer look where it fails."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradcheck.checks.gradient.bench import Bench, steady
from gradcheck.checks.gradient.budget import Budget
from gradcheck.checks.gradient.calls import (
    Caller,
    CodeError,
    Price,
    Stopped,
    precise,
    working,
)
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array, Arrays, Function
from gradcheck.checks.gradient.look import look
from gradcheck.checks.gradient.screen import Screened, Second, Tried, alike, screen
from gradcheck.checks.gradient.subject import Subject
from gradcheck.checks.gradient.whole import Passes, whole

# Bytes that are asked for and given back before a check: from then on glibc keeps freed arrays of
# that size instead of returning them page by page, which halves the time of a large check.
BALLAST = 1 << 21


NOTHING = Finding(
    "", Outcome.INCONCLUSIVE, "", "there is no gradient to check: no input asked for is of floats"
)


@dataclass(frozen=True)
class Tolerance:
    """What someone is content with: a difference up to atol, or up to rtol of the largest entry."""

    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True)
class Checked:
    """What was found out about a function.

    findings  one for every differentiable input, and others about the function as a whole, whose
              `input` is empty
    notes     what is worth knowing and no mistake
    """

    function: Function
    findings: tuple[Finding, ...]
    price: Price
    seed: int
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)


def check_function(
    function: Function,
    *,
    seed: int = 0,
    wrt: Iterable[str] = (),
    sizes: Mapping[str, int] | None = None,
    tolerance: Tolerance | None = None,
    full: bool = False,
    time_limit: float | None = None,
) -> Checked:
    """Whether the gradients of a function are right at its point, and what is wrong if not.

    seed        of all directions and cotangents
    wrt         only the gradients by these inputs
    sizes       names of the lengths of axes, such as {"N": 4}, for sentences about factors
    tolerance   what is as close as this agrees; by default what the differences can resolve
    full        compare whole Jacobians, entry by entry
    time_limit  in seconds; what has not been decided by then is inconclusive

    What the code raises becomes a finding.
    """
    started = time.perf_counter()
    np.empty(BALLAST)  # freed at once
    price = Price(deadline=started + time_limit if time_limit else np.inf)
    notes, wanted = list(function.notes), tuple(wrt)
    try:
        asked = tuple(name for name in function.differentiable if not wanted or name in wanted)
        findings = [NOTHING]
        if asked:
            findings = _findings(function, price, seed, asked, sizes or {}, full, notes)
        findings = [_tolerated(finding, tolerance) for finding in findings]
    except CodeError as error:
        where = f" at {error.place}" if error.place else ""
        findings = [Finding("", Outcome.DISAGREES, error.code, f"{error}{where}")]
    except Stopped:
        message = f"not decided within {time_limit:g} s: give more time, or smaller shapes"
        findings = [Finding("", Outcome.INCONCLUSIVE, "", message)]
    price.seconds = time.perf_counter() - started
    return Checked(function, tuple(findings), price, seed, tuple(dict.fromkeys(notes)))


def _findings(
    function: Function,
    price: Price,
    seed: int,
    wrt: tuple[str, ...],
    sizes: Mapping[str, int],
    full: bool,
    notes: list[str],
) -> list[Finding]:
    rng = np.random.default_rng(seed)
    caller = Caller(function, price)
    found = screen(caller, rng, wrt)
    notes += found.notes
    if not np.isfinite(found.output).all():
        message = "the output is not finite at this point: give inputs at which it is"
        return [Finding("", Outcome.INCONCLUSIVE, "not-finite", message)]
    unsteady = [f for f in found.findings if f.code == "nondeterministic" and not f.input]
    misshapen = [f.input for f in found.findings if f.got_shape]
    if not (found.doubts or unsteady or misshapen or full):
        return _together(found, {})
    before = np.random.get_state()  # noqa: NPY002  people's layers draw from the global generator
    try:
        bench = steady(function, price)
        if bench is None:
            return found.findings + [_unsteady(name) for name in found.gradients]
        if bench.note:  # then differing results are no mistake
            notes.append(bench.note)
            found.findings = [f for f in found.findings if f.code != "nondeterministic"]
            found.second = None
            found.doubts |= dict.fromkeys(found.gradients, "first")
        found.doubts |= dict.fromkeys(misshapen, "first")
        findings = _closer(bench, found, rng, sizes)
        return _in_full(bench, found, rng, findings) if full else findings
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _unsteady(name: str) -> Finding:
    message = f"d{name} cannot be compared: forward gives another result at every call"
    return Finding(name, Outcome.INCONCLUSIVE, "nondeterministic", message)


def _closer(
    bench: Bench, found: Screened, rng: np.random.Generator, sizes: Mapping[str, int]
) -> list[Finding]:
    """The findings where the cheap check could not settle everything."""
    budget = Budget()
    told = {}
    if "first" in found.doubts.values():
        subject = _subject(
            bench, bench.function.inputs, found.cotangent, rng, sizes, budget, found.tried
        )
        told = look(subject, [name for name, at in found.doubts.items() if at == "first"])
    if found.second is not None and all(finding.ok for finding in told.values()):
        second = found.second
        subject = _subject(bench, second.inputs, second.cotangent, rng, sizes, budget, found.tried)
        stale = {
            name: _stale(name, "is not what a new session gives there")
            for name, kept in second.gradients.items()
            if not alike(kept, working(np.asarray(subject.gradients[name])))
        }
        doubted = [n for n, at in found.doubts.items() if at == "second" and n not in stale]
        wrong = {name: _elsewhere(f) for name, f in look(subject, doubted).items()}
        told |= stale | _of_the_first(bench, second, subject, wrong)
    return _together(found, told)


def _of_the_first(
    bench: Bench, second: Second, subject: Subject, told: Mapping[str, Finding]
) -> dict[str, Finding]:
    """Findings at the second point; of what the first point gives there, that is said."""
    wrong = [name for name, finding in told.items() if not finding.ok]
    first = bench.gradients(bench.function.inputs, second.cotangent) if wrong else {}
    return dict(told) | {
        name: _stale(name, "is the gradient at the first point")
        for name in wrong
        if alike(np.asarray(first.get(name)), np.asarray(subject.gradients[name]))
    }


def _together(found: Screened, told: Mapping[str, Finding]) -> list[Finding]:
    """Every input once: its faults, else what the closer look tells, else that it agrees.

    Of a gradient of a wrong shape the closer look tells more.
    """
    kept = [f for f in found.findings if not (f.got_shape and f.input in told)]
    known = {f.input for f in kept}
    closer = [f for name, f in told.items() if name not in known]
    known |= {*told}
    agreed = [found.agreement(name) for name in found.gradients if name not in known]
    return [*kept, *closer, *agreed]


def _in_full(
    bench: Bench, found: Screened, rng: np.random.Generator, findings: list[Finding]
) -> list[Finding]:
    """Whole Jacobians for the gradients that are right along random directions."""
    given = bench.function.inputs
    subject = _subject(bench, given, found.cotangent, rng, {}, Budget(), found.tried)
    passes: Passes = {}
    return [
        whole(subject, f, passes) if f.ok and f.input and not f.notes and given[f.input].size else f
        for f in findings
    ]


def _tolerated(finding: Finding, tolerance: Tolerance | None) -> Finding:
    """A finding about values, as seen by someone who named a tolerance."""
    if finding.ok or tolerance is None or not finding.difference or finding.got_shape:
        return finding
    if finding.difference > tolerance.atol and finding.size > tolerance.rtol:
        return finding
    note = f"{finding.message}: within the tolerance that was given"
    return replace(finding, verdict=Outcome.AGREES, code="", message="", notes=(note,))


def _subject(
    bench: Bench,
    given: Arrays,
    cotangent: Array,
    rng: np.random.Generator,
    sizes: Mapping[str, int],
    budget: Budget,
    tried: Tried,
) -> Subject:
    gradients = bench.gradients(given, cotangent)
    return Subject(bench, precise(given), given, cotangent, gradients, rng, tried, sizes, budget)


def _stale(name: str, what: str) -> Finding:
    message = f"d{name} at a second point {what}: something is remembered from the first one"
    return Finding(name, Outcome.DISAGREES, "stale-cache", message)


def _elsewhere(finding: Finding) -> Finding:
    """Said of a finding at the second point: the first one was right."""
    if finding.ok:
        return finding
    note = "the gradient is right at the point that was given, and wrong at one close to it"
    return replace(finding, notes=(*finding.notes, note))
