"""The catalogue is right: by crude differences, and by comparison with the right gradients."""

import numpy as np
import pytest
from planted import crude
from planted.everything import LAYERS, RIGHT, WRONG

SEEDS = (0, 1)
# the study of wrong ones draws as many; of large ones a few tell as much
DRAWN = {False: range(20), True: range(2)}
SHOWN = [entry for entry in WRONG if entry.shown and "raises" not in entry.codes]
SMOOTH = [entry for entry in RIGHT if entry.step]


def rows(entries):
    return [pytest.param(entry, id=entry.sentence) for entry in entries]


def differing(entry, seed):
    """The inputs whose gradients differ from the right ones, for a small or a large cotangent."""
    wrong, right = entry.make(seed), entry.layer.function(seed)
    names = set()
    for size in (1, 100):  # what is clipped shows at a large one
        cotangent = crude.cotangent_for(right, seed, size)
        expected, got = crude.gradients(right, cotangent), crude.gradients(wrong, cotangent)
        names |= {n for n in expected if n not in got or crude.differs(got[n], expected[n])}
        names |= {"(extra)"} if len(got) > len(expected) else set()
    return names


@pytest.fixture(autouse=True)
def _quiet():
    """Overflow and the like are part of the entries."""
    with np.errstate(all="ignore"):
        yield


def test_the_catalogue_is_as_large_as_it_claims():
    assert len({layer.name for layer in LAYERS}) >= 24
    assert len(WRONG) >= 130
    assert sum(bool(entry.codes) for entry in WRONG) >= 100
    assert sum(entry.large for entry in WRONG) >= 20
    assert len(RIGHT) - len(LAYERS) >= 70
    assert sum(bool(entry.inconclusive) for entry in RIGHT) <= 8


def test_every_sentence_is_there_once():
    sentences = [entry.sentence for entry in [*WRONG, *RIGHT]]
    assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entry", rows(SMOOTH))
def test_a_right_backward_agrees_with_crude_differences(entry, seed):
    assert crude.worst(entry.make(seed), seed, entry.step) < entry.close


@pytest.mark.parametrize("entry", rows([e for e in SHOWN if e.inputs]))
def test_exactly_the_stated_gradients_are_wrong(entry):
    found = [differing(entry, seed) for seed in DRAWN[entry.large]]
    assert all(names == set(entry.inputs) for names in found), found


@pytest.mark.parametrize("entry", rows([e for e in SHOWN if not e.inputs]))
def test_something_returned_is_wrong(entry):
    assert all(differing(entry, seed) for seed in DRAWN[entry.large])
