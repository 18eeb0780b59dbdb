"""A right layer is never accused, whatever the sizes and values: a false alarm costs a day."""

import os

import pytest

from gradcheck.checks import layers, run

SEEDS = range(200) if os.environ.get("GRADCHECK_LONG") else range(10)


@pytest.mark.parametrize("name", layers.names())
def test_no_seed_accuses(name):
    findings = [(seed, f) for seed in SEEDS for f in run.check(name, seed=seed).findings]
    assert findings
    assert [f"seed {seed}, {f.input}: {f.message}" for seed, f in findings if not f.ok] == []
