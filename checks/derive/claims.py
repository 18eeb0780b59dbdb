"""Deciding claims, and naming the mistake in those that do not hold."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from gradcheck.checks.derive.result import ClaimResult, Link
from gradcheck.checks.steps import mistake
from gradcheck.checks.verdict import Mistake
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.mistakes.layout import Line, usual_layout
from gradcheck.derivations.calculus.mistakes.remarks import remarks
from gradcheck.derivations.reading import Claim


def decided_claims(comparer: Comparer, claims: Iterable[Claim]) -> tuple[ClaimResult, ...]:
    """A verdict on every link of every claim, and the mistake in the first that is refuted."""
    results = [_decided(comparer, claim) for claim in claims]
    lines = [
        (link.left, link.right, None)
        for result in results
        for link in result.links[:1]
        if link.verdict.holds
    ]
    return tuple(_explained(comparer, result, lines) for result in results)


def _decided(comparer: Comparer, claim: Claim) -> ClaimResult:
    links = []
    for left, right in pairwise(claim.sides):
        verdict = comparer.compare(left, right)
        noted = () if claim.mistake else remarks(comparer.setting, left, right)
        links.append(Link(left, right, verdict, remarks=noted))
    return ClaimResult(claim, tuple(links))


def _explained(comparer: Comparer, result: ClaimResult, lines: list[Line]) -> ClaimResult:
    """What follows a wrong link has been written to agree with it: only that one is explained."""
    links = [*result.links]
    for place, link in enumerate(links):
        if link.verdict.status is Status.REFUTED:
            found = _mistake(comparer, result.claim, place, link)
            if any(repair.code == "layout" for repair in found.repairs):
                found = replace(found, layout=usual_layout(comparer, link.left, lines))
            links[place] = replace(link, mistake=found)
            break
    return replace(result, links=tuple(links))


def _mistake(comparer: Comparer, claim: Claim, place: int, link: Link) -> Mistake:
    """What is wrong with a link; if its indices do not fit, in either way of reading them."""
    found = mistake(comparer, link.left, link.right)
    if claim.otherwise and not found.repairs:
        left, right = claim.otherwise[place : place + 2]
        turned = mistake(comparer, left, right)
        return turned if turned.repairs else found
    return found
