"""The whole catalogue."""

from planted import (
    elementwise,
    hard,
    indexing,
    kinks,
    large,
    linear,
    losses,
    norms,
    numbers,
    pooling,
    purity,
    returned,
    scores,
    sequences,
    softmaxes,
    states,
    unusual,
    windows,
)
from planted.catalogue import Layer, Right, Wrong, right

ORDINARY = (
    *(linear, indexing, elementwise, softmaxes, losses, norms, windows, pooling, sequences),
    *(scores, returned, purity, unusual, hard),
)
LAYERS: list[Layer] = [layer for family in (*ORDINARY, large) for layer in family.LAYERS]
WRONG: list[Wrong] = [entry for family in (*ORDINARY, large) for entry in family.WRONG]
RIGHT: list[Right] = [
    *(right("as it should be", layer) for layer in LAYERS),
    *(entry for part in (kinks, numbers, unusual, states, large) for entry in part.RIGHT),
]
