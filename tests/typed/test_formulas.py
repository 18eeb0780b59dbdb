"""What people type: every gradient proved, and its code run against differences of the formula."""

import json

import numpy as np
import pytest
from typed.formulas import LAYERS
from typed.points import differences, point

import gradcheck
from gradcheck.checks.derive.machine import as_json
from gradcheck.derivations.calculus.compare import Status

WIDEST = 100  # columns of a line of code
RAW = ("Sum(", "KroneckerDelta", "Indexed", "Idx(", "Piecewise")  # SymPy's own spelling


@pytest.fixture(scope="module")
def derived():
    """Derives each formula once."""
    known = {}

    def derive(formulas, facts):
        if formulas not in known:
            known[formulas] = gradcheck.derive(formulas, facts=facts)
        return known[formulas]

    return derive


@pytest.mark.parametrize(("formulas", "facts"), LAYERS)
def test_everything_about_it_is_proved(derived, formulas, facts):
    found = derived(formulas, facts)
    steps = [*found.lemmas, *(s for each in found.gradients for s in each.steps)]
    equations = [e for each in found.gradients for e in (each.jacobian, each.result)]
    equations += found.intermediates
    verdicts = [s.verdict for s in steps] + [e.verdict for e in equations]
    verdicts += [e.agrees for e in equations if e.matrix is not None]
    assert {v.status for v in verdicts} == {Status.PROVED}, str(found)
    assert {g.input for g in found.gradients} == {
        t.name for t in found.problem.inputs if not t.integer
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("formulas", "facts"), LAYERS)
def test_its_backward_pass_agrees_with_differences(derived, formulas, facts, seed):
    found = derived(formulas, facts)
    at = point(found.problem, seed)
    space = {"np": np}
    exec(found.backward, space)  # noqa: S102, our own code
    pulled = space["backward"](at.cotangent, *at.arguments, *at.functions)
    for gradient, value in zip(found.gradients, pulled, strict=True):
        assert np.shape(value) == np.shape(at.arrays[gradient.input]), found.backward
        slope, direction = differences(found.problem, at, gradient.input)
        assert np.sum(value * direction) == pytest.approx(slope, rel=1e-5, abs=1e-6), found.backward


@pytest.mark.parametrize(("formulas", "facts"), LAYERS)
def test_its_report_is_for_readers_and_its_json_for_programs(derived, formulas, facts):
    found = derived(formulas, facts)
    written = as_json(found)
    assert json.loads(written)["backward"] == found.backward
    assert not [raw for raw in RAW if raw in written + str(found)]
    assert max(map(len, found.backward.split("\n"))) <= WIDEST
