"""What a person reads when something is wrong: a whole sentence, then where, then how to repeat."""

import re
from dataclasses import replace

import numpy as np
import pytest
from layers import planting
from layers.tables import row

from gradcheck.checks.gradient.careful import SAFETY
from gradcheck.checks.points import Case
from gradcheck.checks.report.formulas import written_steps
from gradcheck.checks.report.style import Style
from gradcheck.checks.report.text import as_text
from gradcheck.checks.verdict import LayerReport, Report, Tolerance, judge
from gradcheck.derivations.calculus.compare import Status, Verdict
from gradcheck.derivations.calculus.normal.prove import Proof

ROUNDING = re.compile(r"\d(?:\.\d+)?e[-+]\d+")  # how large a rounding error is differs by machine

TRANSPOSED = planting.with_gradient("linear.rows", "W", lambda v: v.dW.T)
NEGATED = planting.with_gradient("linear.rows", "b", lambda v: -v.db)
WRONG_AT_0 = planting.with_gradient("activation.relu", "X", lambda v: v.dY * (v.X >= 0))
OTHER_FUNCTION = planting.with_forward("softmax", lambda forward: lambda X: 2 * forward(X))
OTHER_SHAPE = planting.with_forward("softmax", lambda forward: lambda X: forward(X)[None])
WRONG_STEP = planting.with_steps("linear.rows", "b", 1, {2: lambda e: 2 * e})
RAISES = planting.with_backward("softmax", lambda backward: lambda *a: 1 / 0)
A_LIST = planting.with_backward("softmax", lambda backward: lambda *a: [*backward(*a)])
TOO_FEW = planting.with_backward("linear.rows", lambda backward: lambda *a: backward(*a)[:2])

IN_PLACE = planting.with_backward("softmax", lambda backward: lambda *a: spoilt(backward(*a), *a))
NEARLY = planting.with_gradient("rnn_cell", "b", lambda v: v.db * (1 + 1e-4))
IGNORED = planting.with_gradient("cross_entropy.logits", "X", lambda v: v.dX / v.dL)


def spoilt(gradients, cotangent, X):
    X += 1
    return gradients


MESSAGES = [
    row("a transposed gradient", TRANSPOSED, """
linear.rows  dL/dW: dW has shape (2, 3), and W has (3, 2)   [transposed]
  hint     the transpose of dW matches
  case     S=4 M=2 N=3   (fails in 3 of 3 cases)
  shape    expected N×M = (3, 2), got (2, 3)
  look at  numeric/linear.py, backward
  help     gradcheck --explain transposed
  again    gradcheck linear.rows --wrt W --seed 0
"""),
    row("a wrong sign", NEGATED, """
linear.rows  dL/db: the analytic gradient disagrees in 12 of 36 entries   [sign]
  hint     db with the opposite sign matches
  case     S=4 M=2 N=3   (fails in 3 of 3 cases)
"""),
    row("a gradient that is nearly right", NEARLY, """
rnn_cell  dL/db: the analytic gradient disagrees in 12 of 36 entries, by 1e-04 of its size   \
[factor]
  hint     db is 1.0001 times what it should be
"""),
    row("what does not show for a cotangent of 1", IGNORED, """
cross_entropy.logits  dL/dX: dX is wrong in 8 of 8 entries   [ignores-cotangent]
  hint     dX is the same whatever cotangent backward is given
  case     N=4 C=2   (fails in 3 of 3 cases)
  worst    dX[1,"""),
    row("another convention at the kink", WRONG_AT_0, """
activation.relu  dL/dX: the analytic gradient breaks the convention at the kink (relu′(0) = 0, \
as in PyTorch (any value in [0, 1] is a subgradient)) in 4 of 64 entries   [kink]
  case     S=4 M=2 at the kink   (fails in 1 of 4 cases)
  worst    ∂Y[0,0]/∂X[0,0]   symbolic 0   analytic 1   allowed 1e-10
  look at  numeric/activation.py, backward
  help     gradcheck --explain kink
  again    gradcheck activation.relu --wrt X --seed 0
"""),
    row("another function", OTHER_FUNCTION, """
softmax: the forward formula and numeric/softmax.py compute different functions: 8 of 8 \
values differ   [forward]
  case     N=4 C=2   (fails in 3 of 3 cases)
"""),
    row("no gradients are compared then", OTHER_FUNCTION, """
  note     gradients were not compared: differences would be those of another function
  help     gradcheck --explain forward
  again    gradcheck softmax --seed 0
"""),
    row("an output of another shape", OTHER_SHAPE, """
softmax: the output has shape (1, 4, 2), expected N×C = (4, 2)   [shape]
  case     N=4 C=2   (fails in 3 of 3 cases)
  shape    expected N×C = (4, 2), got (1, 4, 2)
  note     gradients were not compared: differences would be those of another function
  look at  numeric/softmax.py, forward
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
softmax: backward raised ZeroDivisionError: division by zero at """),
    row("a backward pass that works in place", IN_PLACE, """
softmax: backward changes X in place   [mutates-input]
  hint     the caller's array is spoilt: work on a copy of it
  case     N=4 C=2   (fails in 3 of 3 cases)
  look at  numeric/softmax.py, backward
  help     gradcheck --explain mutates-input
  again    gradcheck softmax --seed 0
"""),
    row("a list instead of a tuple", A_LIST, """
softmax: backward should return a tuple with dX, and returned a value of type list
  case     N=4 C=2   (fails in 3 of 3 cases)
  look at  numeric/softmax.py, backward
  again    gradcheck softmax --seed 0
"""),
    row("too few gradients", TOO_FEW, """
linear.rows: backward returned 2 gradients for 3 inputs (X, W, b)"""),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "message"), MESSAGES)
def test_a_failure_is_told(layer, message):
    assert message.strip("\n") in as_text(Report((planting.report(layer),)), Style())


# A layer, and the rows of its table.
TABLES = [
    row("what could not be compared has no difference", RAISES,
        ["softmax  dX          N×C      15 PROVED  –             disagrees"]),
    row("what is wrong with a pass has a row of its own", IN_PLACE,
        ["softmax  backward                        –             disagrees",
         "softmax  dX          N×C      15 PROVED  1e-12         agrees"]),
    row("an approximate gradient", NEARLY,
        ["rnn_cell  db          H        9 PROVED  2e-06         approximate"]),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "rows"), TABLES)
def test_the_table_has_a_row_for_what_was_compared(layer, rows):
    text = as_text(Report((planting.report(layer),)), Style())
    table = text.partition("\n\n")[0].splitlines()[2:]
    assert {ROUNDING.sub("1e-12", line) for line in rows} <= {
        ROUNDING.sub("1e-12", line) for line in table
    }


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
    assert (finding.verdict.value, finding.odd) == ("inconclusive", "")
    assert finding.message.startswith("dX cannot be compared: forward jumps at this point")
    report = LayerReport("activation.tanh", "", findings=(finding,), symbolic=jump.symbolic)
    assert as_text(Report((report,)), Style(), quiet=True).endswith(
        "UNDECIDED: 1 of 1 layer (activation.tanh), seed 0"
    )


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
    finding = judge("x", "W", Case({}, 0), arrays, np.array([[error / SAFETY]]), Tolerance())
    assert finding.message.startswith(says)
