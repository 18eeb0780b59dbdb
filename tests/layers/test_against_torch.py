"""Layers beside PyTorch's: outputs and gradients, also at kinks and ties; only if it is there."""

import numpy as np
import pytest
from layers import (
    torch_activations,
    torch_blocks,
    torch_convolutions,
    torch_losses,
    torch_norms,
    torch_recurrent,
    torch_shapes,
    torch_windows,
)

pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")

TABLES = (
    torch_activations,
    torch_blocks,
    torch_convolutions,
    torch_losses,
    torch_norms,
    torch_recurrent,
    torch_shapes,
    torch_windows,
)
ROWS = [pytest.param(list(row.values), id=row.id) for table in TABLES for row in table.ROWS]
CLOSE = 1e-10  # float64 on both sides


def flat(results):
    """All numbers of one side."""
    results = results if isinstance(results, tuple | list) else (results,)
    return np.concatenate([np.asarray(result, float).ravel() for result in results])


@pytest.mark.parametrize("sides", ROWS)
@pytest.mark.filterwarnings("ignore::UserWarning")  # torch advises another reduction
def test_a_layer_is_that_of_torch(sides):
    ours, theirs = sides[0]() if len(sides) == 1 else (side() for side in sides)
    assert flat(ours) == pytest.approx(flat(theirs), rel=CLOSE, abs=CLOSE)
