"""Gradients by hand of layers beyond our own: proved, and what dual numbers say at small sizes."""

import random

import mpmath
import pytest
import sympy
from calculus.normal_layers import CASES
from layers.duals import Duals
from layers.tables import row

from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.evaluate import Evaluator
from gradcheck.derivations.calculus.terms import free_indices, indices_of

DIGITS = 30
GRADIENTS = [row(f"{case.name}, {name}", case, name) for case in CASES for name in case.gradients]


@pytest.mark.parametrize(("case", "name"), GRADIENTS)
def test_a_gradient_written_by_hand_is_proved(case, name):
    entry, gradient = case.gradients[name]
    verdict = Comparer(case.layer.setting).compare(entry, gradient)
    assert (verdict.status, verdict.reason) == (Status.PROVED, "")


@pytest.mark.parametrize(("case", "name"), GRADIENTS)
@pytest.mark.parametrize("factor", [2, -1])
def test_a_wrong_gradient_is_refuted(case, name, factor):
    entry, gradient = case.gradients[name]
    verdict = Comparer(case.layer.setting).compare(entry, factor * gradient)
    assert verdict.status is Status.REFUTED


@pytest.mark.parametrize("case", [row(case.name, case) for case in CASES])
def test_gradients_are_those_of_dual_numbers(case):
    point = SmallPoint(case.layer, random.Random(0))
    for name, (entry, gradient) in case.gradients.items():
        found = point.of(gradient, indices_of(entry))
        wanted = point.gradient(name.removeprefix("d"))
        assert len(found) == len(wanted) > 0
        assert max(abs(f - w) for f, w in zip(found, wanted, strict=True)) < 10 ** (5 - DIGITS)


class SmallPoint:
    """Exact random entries at small sizes, for the index calculus and for dual numbers.

    The sizes are powers of 2, of which Python's inverses and roots of 4 are exact.
    """

    def __init__(self, layer, rng):
        self.layer, self.setting = layer, layer.setting
        self.sizes = {name: 2 + 2 * (k % 2) for k, name in enumerate(self.setting.sizes)}
        shapes = Evaluator(self.setting, self.sizes, {})
        self.tensors = {
            name: {
                place: sympy.Rational(rng.randint(1, 30), 20) for place in shapes.places(indices)
            }
            for name in self.setting.given
            for indices in [self.setting.indices[name]]
        }
        for name, target in self.setting.integer.items():
            values = [value for (value,) in shapes.places((target,))]
            self.tensors[name] = {place: rng.choice(values) for place in self.tensors[name]}
        for fact in self.setting.facts:
            self.tensors[fact.tensor] = summing_to_one(self.tensors[fact.tensor])

    def of(self, expr, indices):
        """The values of an index expression by the evaluator, in many digits."""
        with mpmath.workdps(DIGITS):
            meant = {sympy.exp: mpmath.exp, sympy.log: mpmath.log, sympy.tanh: mpmath.tanh}
            assert {*free_indices(expr)} <= {*indices}
            return Evaluator(self.setting, self.sizes, self.numbers(), meant).flat(expr, indices)

    def gradient(self, by):
        """Σ dY · ∂Y/∂x for every entry of x, in dual numbers of as many digits."""
        output = self.layer.output.name
        with mpmath.workdps(DIGITS):
            numbers = self.numbers()
            duals = Duals(self.setting, self.sizes, numbers, mpmath.mpf)
            columns = len(duals.places(by))
            slopes = duals.jacobian(output, by)
            rows = [slopes[k : k + columns] for k in range(0, len(slopes), columns)]
            cotangents = [*numbers[f"d{output}"].values()]
            return [
                mpmath.fsum(c * s for c, s in zip(cotangents, column, strict=True))
                for column in zip(*rows, strict=True)
            ]

    def numbers(self):
        """The entries in many digits, whole ones as they are."""
        return {
            name: {p: mpmath.mpf(v.p) / v.q for p, v in entries.items()}
            if name not in self.setting.integer
            else entries
            for name, entries in self.tensors.items()
        }


def summing_to_one(entries):
    """The entries divided by the sum of their row."""
    rows = {place[0]: 0 for place in entries}
    for place, value in entries.items():
        rows[place[0]] += value
    return {place: value / rows[place[0]] for place, value in entries.items()}
