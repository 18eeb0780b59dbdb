"""Claims as they are typed: wrong ones are refuted and explained, right ones proved."""

import pytest
from typed.right_claims import RIGHT
from typed.wrong_claims import WRONG

import gradcheck
from gradcheck.derivations.calculus.compare import Status

RAW = ("Sum(", "KroneckerDelta", "Indexed", "Idx(", "**(-")  # SymPy's own spelling


@pytest.mark.parametrize(("formulas", "facts", "claim", "words"), WRONG)
def test_a_wrong_claim_is_refuted_and_explained(formulas, facts, claim, words):
    derived = gradcheck.derive(formulas, wrt=(), facts=facts, claims=claim)
    assert derived.claims[0].status is Status.REFUTED
    said = str(derived).split("claims\n")[1]
    assert words in said
    assert not [raw for raw in RAW if raw in said]


@pytest.mark.parametrize(("formulas", "facts", "claim"), RIGHT)
def test_a_claim_in_an_unusual_form_is_proved(formulas, facts, claim):
    derived = gradcheck.derive(formulas, wrt=(), facts=facts, claims=claim)
    assert derived.claims[0].status is Status.PROVED, str(derived)
