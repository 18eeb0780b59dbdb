"""What a person reads when something is wrong: a whole sentence, then where, then how to repeat."""

from dataclasses import replace

import numpy as np
import pytest
from layers import planting
from layers.tables import row

from gradcheck.checks.points import Case
from gradcheck.checks.report.formulas import written_steps
from gradcheck.checks.report.text import Style, as_text
from gradcheck.checks.verdict import LayerReport, Report, Tolerance, judge
from gradcheck.derivations.calculus.compare import Status, Verdict
from gradcheck.derivations.calculus.normal.prove import Proof

TRANSPOSED = planting.with_gradient("linear.rows", "W", lambda v: v.dW.T)
NEGATED = planting.with_gradient("linear.rows", "b", lambda v: -v.db)
WRONG_AT_0 = planting.with_gradient("activation.relu", "X", lambda v: v.dY * (v.X >= 0))
OTHER_FUNCTION = planting.with_forward("softmax", lambda forward: lambda X: 2 * forward(X))
WRONG_STEP = planting.with_steps("linear.rows", "b", 1, {2: lambda e: 2 * e})
RAISES = planting.with_backward("softmax", lambda backward: lambda *a: 1 / 0)
A_LIST = planting.with_backward("softmax", lambda backward: lambda *a: [*backward(*a)])
TOO_FEW = planting.with_backward("linear.rows", lambda backward: lambda *a: backward(*a)[:2])

MESSAGES = [
    row("a transposed gradient", TRANSPOSED, """
linear.rows  dL/dW: dW has shape 2×3, expected N×M = 3×2; the transpose of the analytic gradient \
matches   [transposed]
  case     S=4 M=2 N=3   (fails in 3 of 3 cases)
  shape    expected N×M = 3×2, got 2×3
  look at  numeric/linear.py, backward
  again    gradcheck linear.rows --wrt W --seed 0
"""),
    row("a wrong sign", NEGATED, """
linear.rows  dL/db: the analytic gradient disagrees in 12 of 36 entries; the analytic gradient \
with the opposite sign matches   [sign]
  case     S=4 M=2 N=3   (fails in 3 of 3 cases)
"""),
    row("another convention at the kink", WRONG_AT_0, """
activation.relu  dL/dX: the analytic gradient breaks the convention at the kink (relu′(0) = 0, \
as in PyTorch (any value in [0, 1] is a subgradient)) in 4 of 64 entries
  case     S=4 M=2 at the kink   (fails in 1 of 4 cases)
  worst    ∂Y[0,0]/∂X[0,0]   symbolic 0   analytic 1   allowed 1e-10
  look at  numeric/activation.py, backward
  again    gradcheck activation.relu --wrt X --seed 0
"""),
    row("another function", OTHER_FUNCTION, """
softmax  forward: the forward formula and numeric/softmax.py compute different functions: 8 of 8 \
values differ
  case     N=4 C=2   (fails in 3 of 3 cases)
"""),
    row("no gradients are compared then", OTHER_FUNCTION, """
  note     gradients were not compared: differences of another function
  again    gradcheck softmax --seed 0
"""),
    row("a wrong step", WRONG_STEP, """
linear.rows  the derivation by b: step 2 of chain 1 (independent entries) does not hold
  from     ∂b[n]/∂b[i]
  to       2 δ_ni
  because  at n = 0, i = 0 the left side is 1, the right 2 (sizes S = 3, M = 4, N = 2)
  mistake  the factor 2 should not be there   [factor]
  look at  derivations/linear.py
  again    gradcheck linear.rows --wrt b --seed 0 --steps
"""),
    row("a backward pass that raises", RAISES, """
softmax  dL/dX: backward raised ZeroDivisionError: division by zero
"""),
    row("a list instead of a tuple", A_LIST, """
softmax  dL/dX: backward should return a tuple with dX, and returned a value of type list
"""),
    row("too few gradients", TOO_FEW, """
linear.rows  dL/dX: backward should return a tuple with dX, dW, db, and returned 2 of them
"""),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "message"), MESSAGES)
def test_a_failure_is_told(layer, message):
    assert message.strip("\n") in as_text(Report((planting.report(layer),)), Style())


def test_what_could_not_be_compared_has_no_difference():
    (line,) = [
        line
        for line in as_text(Report((planting.report(RAISES),)), Style()).splitlines()
        if line.startswith("softmax  dX")
    ]
    assert line.split() == ["softmax", "dX", "N×C", "15", "PROVED", "–", "error"]


USING = Proof("normal form", facts=("Σ_k T[n,k] = 1",), assumptions=("x is not 0",))

# A verdict on a step, what stands behind the step, and what is explained once below.
CERTAINTIES = [
    row("proved", Verdict(Status.PROVED, proof=Proof("normal form")), "PROVED",
        "PROVED: equal for all sizes and values"),
    row("proved with a fact", Verdict(Status.PROVED, proof=USING),
        "PROVED, using Σ_k T[n,k] = 1, if x is not 0", "PROVED: equal for all sizes and values"),
    row("tested", Verdict(Status.TESTED, trials=3, reason="too large"),
        "TESTED at 3 random sizes, not proved: too large",
        "TESTED: equal at 3 random points of different sizes, as 2 of 10,093 wrong lines were"),
    row("refuted", Verdict(Status.REFUTED, reason="1 is not 2"), "REFUTED: 1 is not 2", ""),
]  # fmt: skip


@pytest.mark.parametrize(("verdict", "says", "legend"), CERTAINTIES)
def test_a_step_says_how_sure_it_is(verdict, says, legend):
    layer = planting.report(planting.load("linear.rows"))
    step = replace(layer.steps[0], verdict=verdict)
    *steps, below = written_steps(replace(layer, steps=(step,)), Style()).splitlines()
    assert [line.endswith(f"  linearity            {says}") for line in steps].count(True) == 1
    assert below == legend


def test_a_layer_that_cannot_be_loaded_is_told():
    report = Report((LayerReport("half", "", error="numeric/half.py is not written yet"),))
    assert (
        "half  numeric/half.py is not written yet\n  again    gradcheck half --seed 0"
        in as_text(report, Style(), quiet=True)
    )


COMMANDS = [
    row("the seed", {"seed": 3}, "--seed 3"),
    row("given sizes", {"sizes": {"N": 4, "M": 7}}, "--seed 0 --shape N=4,M=7"),
    row("a folder", {"path": "mine"}, "--seed 0 --path mine"),
    row("tolerances", {"tolerance": Tolerance(1e-3, 0)}, "--seed 0 --rtol 0.001 --atol 0"),
]


@pytest.mark.parametrize(("asked", "options"), COMMANDS)
def test_the_command_repeats_what_was_asked(asked, options):
    assert Report((), **asked).command("linear", "W") == f"gradcheck linear --wrt W {options}"


def test_differences_that_cannot_tell_are_inconclusive():
    point, *_ = planting.points("activation.tanh")
    at = point.arrays["X"]
    jump = planting.with_forward(
        "activation.tanh", lambda forward: lambda X: forward(X) + np.greater(X, at)
    )
    (finding,) = planting.accused(jump, (point,))
    assert (finding.outcome.value, finding.odd) == ("inconclusive", "")
    assert finding.message.startswith("finite differences cannot tell here: they may be off by")


# The symbolic, analytic and numerical value of one entry, the error of the last, what is said.
CLOSE_CALLS = [
    row("too close for differences", 1, 1 + 1e-7, 1, 1e-6,
        "the symbolic and the analytic gradient disagree, too little for the numerical one to "
        "tell who is right, in 1 of 1 entries"),
    row("one between two others", 1, 1 + 3e-8, 1 + 1.5e-8, 1e-8,
        "the symbolic and the analytic gradient disagree, too little"),
    row("noise does not hide it", 1, 2, 1.5, 1.0,
        "the symbolic and the analytic gradient disagree, too little"),
    row("all apart", 1, 2, 3, 1e-6, "no two of the three gradients agree in 1 of 1 entries"),
    row("one apart", 1, 2, 1, 1e-6, "the analytic gradient disagrees in 1 of 1 entries"),
]  # fmt: skip


@pytest.mark.parametrize(("symbolic", "analytic", "numerical", "error", "says"), CLOSE_CALLS)
def test_who_disagrees_with_whom(symbolic, analytic, numerical, error, says):
    values = {"symbolic": symbolic, "analytic": analytic, "numerical": numerical}
    arrays = {name: np.array([[float(value)]]) for name, value in values.items()}
    finding = judge("x", "W", Case({}, 0), arrays, np.array([[error]]), Tolerance(), 1)
    assert finding.message.startswith(says)
