"""What kind of mistake a wrong Jacobian looks like, and that nothing is said without a reason."""

import numpy as np
import pytest
from layers.tables import row

from gradcheck.checks.diagnosis import diagnose

SIZES = {"N": 4, "M": 3, "S": 5}
rng = np.random.default_rng(0)
J = rng.normal(size=(5, 4, 3))  # of an output (S) by an input (N, M)
SQUARE = rng.normal(size=(5, 3, 3))
CUBE = rng.normal(size=(2, 4, 3, 5))
VECTOR = rng.normal(size=(5, 4))
HALVES = [VECTOR / 4, VECTOR * 3 / 4]
ONES = np.ones((5, 4))
AT = (0, 0, 0)


def put(array, place, value):
    """The array with another value in one place."""
    array = array.copy()
    array[place] = value
    return array


# A wrong Jacobian, the right one, the code of the diagnosis ("" is none), and what it says.
DIAGNOSES = [
    row("the opposite sign", -J, J, "sign", "with the opposite sign matches"),
    row("zero", 0 * J, J, "zero", "is zero everywhere"),
    row("twice", 2 * J, J, "factor", "is 2 times what it should be"),
    row("half", J / 2, J, "factor", "is 1/2 times what it should be"),
    row("a sum for a mean over N", 4 * J, J, "factor", "is N times what it should be"),
    row("a mean for a sum over N", J / 4, J, "factor", "is 1/N times what it should be"),
    row("a mean for a sum over S", J / 5, J, "factor", "is 1/S times what it should be"),
    row("a factor with no name", 0.7 * J, J, "factor", "is 0.7 times what it should be"),
    row("minus twice", -2 * J, J, "factor", "is -2 times what it should be"),
    row("a transposed rectangle", J.swapaxes(1, 2), J, "transposed", "the transpose of the"),
    row("a transposed square", SQUARE.swapaxes(1, 2), SQUARE, "transposed", "the transpose of"),
    row("rotated axes", CUBE.transpose(0, 2, 3, 1), CUBE, "transposed", "transpose(2, 0, 1) of"),
    row("a sum forgotten", np.stack(HALVES, 1), VECTOR, "missing-sum", "sum over its axis 0"),
    row("the last sum forgotten", np.stack(HALVES, 2), VECTOR, "missing-sum", "over its axis 1"),
    row("an axis kept", VECTOR[:, None], VECTOR, "kept-axis", "without its axis 0 of length 1"),
    row("one entry wrong", put(J, AT, 1), J, "", ""),
    row("one entry with the wrong sign", put(J, AT, -J[AT]), J, "", ""),
    row("another Jacobian", rng.normal(size=J.shape), J, "", ""),
    row("another shape", rng.normal(size=(5, 7)), J, "", ""),
    row("one axis too few", J[..., 0], J, "", ""),
    row("the output axes exchanged", J.swapaxes(0, 1), J, "", ""),
    row("NaN", J * np.nan, J, "", ""),
    row("infinity", J + np.inf, J, "", ""),
    row("one NaN", put(-J, AT, np.nan), J, "", ""),
    row("twice, but for one entry", put(2 * J, AT, 0), J, "", ""),
    row("something where nothing should be", ONES, 0 * ONES, "", ""),
    row("one part in ten million", J * (1 + 1e-7), J, "factor", "1.0000001 times"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right", "code", "says"), DIAGNOSES)
def test_diagnosis(wrong, right, code, says):
    found = diagnose("analytic", wrong, right, 1, SIZES)
    assert (found.code if found else "") == code
    assert says in (found.sentence if found else "")


@pytest.mark.parametrize("odd", ["symbolic", "analytic", "numerical"])
def test_the_witness_is_named(odd):
    assert diagnose(odd, -J, J, 1, SIZES).sentence.startswith(f"the {odd} gradient ")


def test_output_axes_are_never_rearranged():
    assert diagnose("analytic", SQUARE.swapaxes(0, 1), SQUARE, 1, SIZES) is None
    assert diagnose("analytic", SQUARE.swapaxes(1, 2), SQUARE, 2, SIZES) is None


def test_a_factor_needs_two_entries_to_be_seen():
    assert diagnose("analytic", np.array([[3.0, 0]]), np.array([[1.0, 0]]), 1, SIZES) is None


def test_a_size_of_1_is_no_name_for_a_factor():
    assert "is N times" in diagnose("analytic", 4 * J, J, 1, {"M": 1, "N": 4}).sentence


def test_noise_of_finite_differences_is_no_obstacle():
    noisy = -2 * J + 1e-9 * rng.normal(size=J.shape)
    assert diagnose("numerical", noisy, J, 1, SIZES).code == "factor"
