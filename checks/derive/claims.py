"""Deciding claims, and naming the mistake in those that do not hold."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from gradcheck.checks.derive.result import ClaimResult, Link
from gradcheck.checks.derive.truth import truth
from gradcheck.checks.steps import mistake
from gradcheck.checks.verdict import Mistake
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.mistakes.layout import Line, usual_layout
from gradcheck.derivations.calculus.mistakes.remarks import remarks
from gradcheck.derivations.calculus.mistakes.repair import Repair
from gradcheck.derivations.reading import Claim, Problem, Turned


def decided_claims(problem: Problem, comparer: Comparer) -> tuple[ClaimResult, ...]:
    """A verdict on every link of every claim, and the mistake in the first that is refuted."""
    results = [_decided(comparer, claim) for claim in problem.claims]
    lines = [
        (link.left, link.right, None)
        for result in results
        for link in result.links[:1]
        if link.verdict.holds
    ]
    return tuple(_explained(problem, comparer, result, lines) for result in results)


def _decided(comparer: Comparer, claim: Claim) -> ClaimResult:
    links = []
    for left, right in pairwise(claim.sides):
        verdict = comparer.compare(left, right)
        noted = () if claim.mistake else remarks(comparer.setting, left, right)
        links.append(Link(left, right, verdict, remarks=noted))
    return ClaimResult(claim, tuple(links))


def _explained(
    problem: Problem, comparer: Comparer, result: ClaimResult, lines: list[Line]
) -> ClaimResult:
    """What follows a wrong link has been written to agree with it: only that one is explained."""
    links = [*result.links]
    for place, link in enumerate(links):
        if link.verdict.status is Status.REFUTED:
            found = _mistake(problem, comparer, result.claim, place, link)
            if any(repair.code == "layout" for repair in found.repairs):
                found = replace(found, layout=usual_layout(comparer, link.left, lines))
            links[place] = replace(link, mistake=found)
            break
    return replace(result, links=tuple(links))


def _mistake(problem: Problem, comparer: Comparer, claim: Claim, place: int, link: Link) -> Mistake:
    """What is wrong with a link; if its indices do not fit, in any way of reading them."""
    for turned in claim.turned:
        sides = turned.sides[place : place + 2]
        if all(comparer.compare(a, b).holds for a, b in pairwise(turned.sides[: place + 2])):
            return Mistake((_transposed(turned, sides[1], link.right),))
    readings = [(link.left, link.right)]
    if claim.otherwise:
        readings.append((claim.otherwise[place], claim.otherwise[place + 1]))
    tried = []
    for left, right in readings:
        known = truth(problem, comparer, left)
        for value in [known] if known is None else [known, None]:  # None: by the rules alone
            tried.append(mistake(comparer, left, right, truth=value))
            if tried[-1].repairs:
                return tried[-1]
    return tried[0]


def _transposed(turned: Turned, mended: Any, wrong: Any) -> Repair:
    return Repair(1.0, "transposed-entry", turned.was, turned.becomes, mended, wrong)
