"""Every claim of five hand-written notes has the verdict that the tables give it."""

import re
import sys
from collections import Counter

import pytest
from claims import errata
from claims.claim import DANGLING, SHAPE, UNDEFINED, VALUE, VERDICTS, refutation
from claims.notes import NOTES
from commands import run

CLAIMS = [claim for note in NOTES for claim in note.claims]

# prefix: the numbers of its claims; how many are true, convention, false, definition, missing
TABLE = {
    "S0": (range(1, 22), (5, 6, 7, 1, 2)),
    "S1": (range(1, 22), (14, 2, 5, 0, 0)),
    "S2": (range(13), (7, 2, 0, 3, 1)),
    "S3": (range(1, 21), (10, 5, 3, 2, 0)),
    "S4": (range(1, 23), (8, 10, 2, 2, 0)),
}

# What a claim has to come with.
NEEDS = {
    "true": [],
    "convention": ["reading", "why", "kind"],
    "false": ["fails", "why", "correct", "kind"],
    "definition": [],
    "missing": ["correct"],
}


def equations(kind):
    """A test case for each equation of every claim, `holds` or `fails`."""
    return [
        pytest.param(
            section,
            equation,
            id=f"{claim.id} {claim.verdict}: {section.title}, {claim.where} [{n}]",
        )
        for note in NOTES
        for section in note.sections
        for claim in section.claims
        for n, equation in enumerate(getattr(claim, kind), start=1)
    ]


def spoiled(side):
    """The same side, wrong: every entry is larger by 1, or the shape has another axis."""
    return f"{side}×K" if isinstance(side, str) else side + 1


def test_there_are_97_claims():
    assert len(CLAIMS) == 97


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.topic)
def test_claims_are_complete_and_verdicts_are_as_counted(note):
    numbers, counts = TABLE[note.prefix]
    assert [claim.id for claim in note.claims] == [f"{note.prefix}-{n:02}" for n in numbers]
    found = Counter(claim.verdict for claim in note.claims)
    assert tuple(found[verdict] for verdict in VERDICTS) == counts


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_comes_with_what_its_verdict_needs(claim):
    assert [name for name in NEEDS[claim.verdict] if not getattr(claim, name)] == []
    assert bool(claim.holds) != claim.prose, "there is an equation unless it is mere prose"


@pytest.mark.parametrize(("section", "equation"), equations("holds"))
def test_it_holds(section, equation):
    assert refutation(section.comparer, *equation) == ""


@pytest.mark.parametrize(("section", "equation"), equations("holds"))
def test_it_would_be_refuted_if_it_were_wrong(section, equation):
    left, right, *case = equation
    assert re.search(f"{VALUE}|{SHAPE}", refutation(section.comparer, left, spoiled(right), *case))


@pytest.mark.parametrize(("section", "equation"), equations("fails"))
def test_it_fails_in_the_way_that_is_stated(section, equation):
    left, right, how = equation
    assert re.search(how, refutation(section.comparer, left, right))


def test_every_way_to_fail_occurs():
    ways = {equation[2] for claim in CLAIMS for equation in claim.fails}
    assert ways == {VALUE, SHAPE, DANGLING, UNDEFINED}


def test_the_page_of_errata_is_up_to_date():
    assert errata.PAGE.read_text(encoding="utf-8") == errata.page(NOTES), (
        "docs/errata.md is not what the tables say; run python tests/claims/errata.py --write"
    )


def test_the_page_of_errata_can_be_printed_from_anywhere(tmp_path):
    assert run(sys.executable, errata.__file__, cwd=tmp_path) == errata.page(NOTES)


def test_every_formula_on_the_page_is_closed():
    assert [line for line in errata.page(NOTES).splitlines() if line.count("$") % 2] == []
