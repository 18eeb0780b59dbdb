"""Kinks of shifted arguments: points sit on them exactly, and a broken convention there is told."""

from dataclasses import replace

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks import kinks, layers
from gradcheck.checks.one_layer import check_layer
from gradcheck.checks.points import cases, draw
from gradcheck.checks.verdict import Tolerance


def at_kink(name, seed):
    """The point of a layer that sits on its kinks."""
    layer = layers.load(name)
    (case,) = (c for c in cases(layer, seed, fixed={}) if c.at_kink)
    return layer, draw(layer, case)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", [
    "activation.relu", "activation.hardtanh", "activation.relu6", "activation.hardswish",
    "activation.softshrink", "activation.threshold", "l1_loss.mean", "huber_loss", "smooth_l1_loss",
    "hinge_loss.plain", "margin_ranking_loss", "hinge_embedding_loss", "elementwise.maximum",
])  # fmt: skip
def test_every_kink_of_an_input_is_met_exactly(name, seed):
    layer, point = at_kink(name, seed)
    for entry, value, _ in kinks.places(layer):
        wanted = np.array(point.evaluator.flat(value, entry.indices))
        assert (np.array(point.evaluator.flat(entry, entry.indices)) == wanted).any()


@pytest.mark.parametrize(("name", "backward"), [
    row("hardtanh is 1 at both ends", "activation.hardtanh",
        lambda dY, X, min_val, max_val: (dY * (min_val <= X) * (max_val >= X),)),
    row("hardtanh is 1 at the upper end", "activation.hardtanh",
        lambda dY, X, min_val, max_val: (dY * (min_val < X) * (max_val >= X),)),
    row("hardswish is 0 at 3", "activation.hardswish",
        lambda dY, X: (dY * np.where(abs(X) < 3, X / 3 + 0.5, X > 3),)),
    row("softshrink is 1 where it gets to 0", "activation.softshrink",
        lambda dY, X, lambd: (dY * (abs(X) >= lambd),)),
    row("no violation at the margin of a ranking", "margin_ranking_loss",
        lambda dL, A, B, T, margin: ranking(dL / A.size * (margin > T * (A - B)), A, B, T)),
    row("no violation at the margin of distances", "hinge_embedding_loss",
        lambda dL, X, y, margin: (dL / X.size * np.where(y > 0, 1, -1.0 * (margin > X)),)),
    row("1 where there is no error", "l1_loss.sum",
        lambda dL, X, T: (dL * np.where(X >= T, 1, -1), dL * np.where(X >= T, -1, 1))),
])  # fmt: skip
def test_a_broken_convention_is_told_and_nothing_else(name, backward):
    layer = replace(layers.load(name), backward=backward)
    wrt = tuple(t.name for t in layer.symbolic.differentiable)
    report = check_layer(layer, wrt, 0, {}, Tolerance())
    wrong = [f for f in report.findings if not f.ok]
    assert {f.code for f in wrong} == {"kink"}
    assert all(f.case.at_kink for f in wrong)


def ranking(slope, A, B, T):
    """The gradients of what is ranked, by the slope of each hinge."""
    return -slope * T, slope * T, slope * (B - A)
