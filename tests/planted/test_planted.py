"""Every planted error is caught and its input named; nothing right is accused."""

import pytest
from planted.everything import RIGHT, WRONG
from planted.judged import of_right, of_wrong

SEEDS = (0, 1)

FLOAT16 = "the rounding of float16 hides the slopes of a few entries"
PLATEAUS = "the plateaus of a quantised forward are taken for its slope"

# what the check does not manage yet, and why
KNOWN = {
    ("softmax: float16", 0): FLOAT16,
    ("softmax: float16", 1): FLOAT16,
    ("tanh: float16", 0): FLOAT16,
    ("tanh: float16", 1): FLOAT16,
    ("tanh: float16 inside", 0): FLOAT16,
    ("tanh: float16 inside", 1): FLOAT16,
    ("tanh, float16: not differentiated", 0): FLOAT16,
    ("tanh, float16: not differentiated", 1): FLOAT16,
    ("square: quantised to 1e-6", 0): PLATEAUS,
    ("square: quantised to 1e-6", 1): PLATEAUS,
}


def rows(entries):
    """An entry at a seed; it fails for a stated reason, until that is mended."""
    for entry in entries:
        for seed in SEEDS:
            bug = KNOWN.get((entry.sentence, seed))
            marks = [pytest.mark.xfail(reason=bug, strict=True)] if bug else []
            yield pytest.param(entry, seed, id=f"{entry.sentence}, seed {seed}", marks=marks)


@pytest.mark.parametrize(("entry", "seed"), list(rows(WRONG)))
def test_a_planted_error_is_caught_where_it_is(entry, seed):
    found = of_wrong(entry, seed)
    assert (found.caught, found.named, found.innocent) == (True, True, ()), found.said


@pytest.mark.parametrize(("entry", "seed"), list(rows(RIGHT)))
def test_what_is_right_is_not_accused(entry, seed):
    accused, left_open, said = of_right(entry, seed)
    assert not accused, said
    assert not left_open or entry.inconclusive, said
