"""Options: numbers with a default, in formulas, in the lengths of axes, and as NumPy arguments."""

from types import SimpleNamespace

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.layers import Layer, LayerError
from gradcheck.checks.points import cases, draw
from gradcheck.checks.run import check_layer
from gradcheck.checks.verdict import Tolerance
from gradcheck.derivations.calculus.normal.affine import Affine, FromZero, nonnegative
from gradcheck.derivations.notation import Layer as SymbolicLayer
from gradcheck.derivations.notation import axis, define, log, option, size, tensor

(s,) = axis("L", "s")
(t,) = axis("T", "t")
X, Y = tensor("X", s, padded=True), tensor("Y", t)
stride = option("stride", 1, whole=(1, 3))
padding = option("padding", 0, whole=(0, 2))
slope = option("slope", 0.5, between=(0.1, 0.9))
P, Z = tensor("P", s, between=(0, 1)), tensor("Z", s)

SAMPLED = SymbolicLayer(
    (X,),
    (define(Y[t], slope * X[stride * t - padding]),),
    options=(stride, padding, slope),
    lengths={"T": (size(s) + 2 * padding - 1) // stride + 1},
)


def forward(X, stride=1, padding=0, slope=0.5):
    return slope * np.pad(X, padding)[::stride]


def backward(dY, X, stride=1, padding=0, slope=0.5):
    dX = np.zeros(len(X) + 2 * padding)
    dX[::stride] = slope * dY
    return (dX[padding : padding + len(X)],)


def deaf(dY, X, stride=1, padding=0, slope=0.5):
    """A backward pass that takes the default of one option whatever was given."""
    return backward(dY, X, stride, padding)


def layer(symbolic=SAMPLED, backward=backward):
    return Layer("sampled", "", "", symbolic, forward, backward)


def values(name):
    return [{**c.sizes, **c.options}[name] for c in cases(layer(), seed=0, fixed={})]


def test_every_step_is_proved_and_all_witnesses_agree():
    report = check_layer(layer(), ("X",), 0, {}, Tolerance())
    assert report.ok, [f.message for f in report.findings]
    assert {str(s.verdict) for s in report.steps} == {"PROVED for all sizes"}


def test_a_backward_pass_that_ignores_an_option_is_caught():
    report = check_layer(layer(backward=deaf), ("X",), 0, {}, Tolerance())
    assert [f.input for f in report.findings if not f.ok] == ["X", "X"]


def test_whole_options_take_all_their_values_in_turn():
    assert sorted(values("stride")) == [1, 2, 3]
    assert sorted(values("padding")) == [0, 1, 2]


def test_a_real_option_has_its_default_in_the_second_case_only():
    assert [value == slope.default for value in values("slope")] == [False, True, False]
    assert all(slope.between[0] <= value <= slope.between[1] for value in values("slope"))


def test_the_length_of_an_axis_follows_from_options():
    for case in cases(layer(), seed=0, fixed={}):
        padded = case.sizes["L"] + 2 * case.sizes["padding"]
        assert case.sizes["T"] == len(range(0, padded, case.sizes["stride"]))


def test_a_length_of_nothing_is_refused():
    short = SymbolicLayer(
        (X,), SAMPLED.forward, lengths={"T": size(s) - 3}, options=(stride, padding, slope)
    )
    shorter = SimpleNamespace(symbolic=short, name="short")
    with pytest.raises(LayerError, match=r"no sizes found with .*L=2"):
        cases(shorter, seed=0, fixed={"L": 2})


def test_entries_of_a_tensor_lie_in_its_range():
    chances = Layer("", "", "", SymbolicLayer((P,), (define(Z[s], log(P[s])),)), None, None)
    points = [draw(chances, case) for case in cases(chances, seed=0, fixed={})]
    assert all((p.arrays["P"] >= 0).all() and (p.arrays["P"] <= 1).all() for p in points)


@pytest.mark.parametrize(("name", "shift", "expected"), [
    row("a size is at least 1", "N", -1, True),
    row("a padding may be 0", FromZero("p"), -1, False),
    row("and is not less", FromZero("p"), 0, True),
])  # fmt: skip
def test_what_is_known_of_a_number(name, shift, expected):
    assert nonnegative(Affine.size(name) + shift) is expected
