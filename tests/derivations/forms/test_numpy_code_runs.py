"""The NumPy code of random expressions, run and compared with their values entry by entry."""

import numpy as np
import pytest
from calculus.expressions import (
    GIVEN,
    SETTING,
    SIZES,
    TENSORS,
    evaluator,
    simple,
    with_names,
)
from hypothesis import given, note
from sympy import IndexedBase, Symbol

from gradcheck.derivations.calculus.terms import free_indices
from gradcheck.derivations.forms.numpy_code import numpy_code

ARRAYS = {
    t.name: np.array([*TENSORS[t.name].values()]).reshape(
        [SIZES[str(i.upper - i.lower + 1)] for i in t.indices]
    )
    for t in GIVEN
}


def run(source):
    """The arrays after some statements."""
    arrays = {"np": np, **ARRAYS}
    exec(source, arrays)  # noqa: S102, it is our own
    return arrays


@pytest.mark.parametrize("formulas", [simple, with_names])
def test_random_formulas(formulas):
    @given(expr=formulas)
    def agrees(expr):
        letters = tuple(free_indices(expr))
        lhs = IndexedBase("result")[letters] if letters else Symbol("result")
        source = numpy_code(lhs, expr, SETTING, given=[*ARRAYS])
        note(source)
        expected = evaluator().flat(expr, letters)
        result = run(source)["result"]
        assert np.shape(result) == tuple(SIZES[str(i.upper - i.lower + 1)] for i in letters)
        np.testing.assert_allclose(np.ravel(result), expected, rtol=1e-9, atol=1e-9)

    agrees()
