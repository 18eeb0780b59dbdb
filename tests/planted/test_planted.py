"""Every planted error is caught and its input named; nothing right is accused."""

import pytest
from planted.everything import RIGHT, WRONG
from planted.judged import of_right, of_wrong

SEEDS = (0, 1)


def rows(entries):
    """Every entry at every seed."""
    for entry in entries:
        for seed in SEEDS:
            yield pytest.param(entry, seed, id=f"{entry.sentence}, seed {seed}")


@pytest.mark.parametrize(("entry", "seed"), list(rows(WRONG)))
def test_a_planted_error_is_caught_where_it_is(entry, seed):
    found = of_wrong(entry, seed)
    assert (found.caught, found.named, found.innocent) == (True, True, ()), found.said


@pytest.mark.parametrize(("entry", "seed"), list(rows(RIGHT)))
def test_what_is_right_is_not_accused(entry, seed):
    accused, left_open, said = of_right(entry, seed)
    assert not accused, said
    assert not left_open or entry.inconclusive, said
