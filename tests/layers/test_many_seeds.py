"""A right layer is never accused, whatever the sizes and values: a false alarm costs a day."""

import os

import pytest
from layers.planting import drawn, judged
from layers.which import looked_at

from gradcheck.checks import layers

SEEDS = range(200) if os.environ.get("GRADCHECK_LONG") else range(10)


@pytest.mark.parametrize("name", looked_at())
def test_no_seed_accuses(name):
    layer = layers.load(name)
    findings = [(seed, f) for seed in SEEDS for f in judged(layer, drawn(name, seed))]
    assert findings
    assert [f"seed {seed}, {f.input}: {f.message}" for seed, f in findings if not f.ok] == []
