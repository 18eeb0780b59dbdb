"""What an argument may be, by its name: shapes of arrays, and values of hyperparameters.

The likeliest comes first. The sizes fit together: a batch of 4, 3 features in, 5 out, images of
7 by 6, 6 time steps; nothing is guessed for anybody who gives shapes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcheck.checks.adapters.draw import Shape

N, D, M, T, H, W = 4, 3, 5, 6, 7, 6
GATES = 4 * M  # an LSTM has the weights of its four gates side by side
FEW = 2  # images

IMAGES, PICTURES, SEQUENCES = (FEW, D, H, W), (FEW, H, W, D), (N, T, D)

BATCH = ((N, D), (D, N), (D,), IMAGES, SEQUENCES, PICTURES, (), (H, W), (D, 1))
STATE = ((N, M), (M, N), (M,), (M, 1))
WEIGHT = (
    (D, M), (M, D), (M, D, 3, 2), (D,), (D, GATES), (GATES, D), (M, D, 3, 3), (3, 3, D, M), (3, 2),
)  # fmt: skip
RECURRENT = ((M, M), (M, GATES), (GATES, M), (D, M), (M, D))
BIAS = ((M,), (M, 1), (1, M), (GATES,), (D,), (), (D, 1), (1, 1, 1, M), (N, D))
SCALE = ((D,), (D, 1), (1, D), (1, D, 1, 1), (M,), (), (N, D))
INDICES = tuple(Shape.of(shape, "int3") for shape in ((N,), (N, T), ()))
TARGETS = (*INDICES, (N, D), Shape.of((N, D), "onehot"), (N, 1), Shape.of((N,), "signs"))
MASK = tuple(Shape.of(shape, "int2") for shape in ((N, D), (D,), IMAGES, SEQUENCES))

# The first that matches the whole name, in lower case and without underscores.
ROLES: Sequence[tuple[str, Sequence[Any]]] = (
    (r"idx|ind|index|indices|ids|tokens?|tokenids|words?", INDICES),
    (r"labels?|targets?|ytrue|truth|onehot|classes", TARGETS),
    (r"mask", MASK),
    (r"(prev)?[hc]|[hc](prev|0|t1)|prev[hc]t?|a0|hidden|state|hprev.*|hiddenstate", STATE),
    (r"wh|whh|waa|uh?|wrec|wrecurrent|hiddenweights?", RECURRENT),
    (r"w|weights?|kernels?|filters?|theta|wx|wih|wxh|wax|w[1-9]|win|embeddings?|table", WEIGHT),
    (r"gamma|beta|gain|scale|shift|g", SCALE),
    (r"b|bias|biases|b[1-9h]|ba|bx|bih|bhh|offset|intercept", BIAS),
    (r"convparams?", ({"stride": 2, "pad": 1}, {"stride": 1, "pad": 1})),
    (
        r"poolparams?",
        (
            {"pool_height": 3, "pool_width": 2, "stride": 2},
            {"pool_height": 2, "pool_width": 2, "stride": 2},
        ),
    ),
    (r"(bn|ln|norm|batchnorm)params?", ({"mode": "train"},)),
    (r"gnparams?", ({"eps": 1e-5},)),
    (r"dropoutparams?", ({"mode": "train", "p": 0.6, "seed": 0},)),
    (r"hparam(eter)?s?", ({"stride": 2, "pad": 1, "f": 2}, {"stride": 1, "pad": 1, "f": 2})),
    (r"strides?", (2, 1)),
    (r"pad(ding|s)?", (1, 0)),
    (r"kernelsize|poolsize|pool(h|w|height|width)|filtersize|windowsize|f|k|size", (2, 3)),
    (r"eps|epsilon", (1e-5,)),
    (r"axis|dim", (-1,)),
    (r"mode", ("train", "max", "average")),
    (r"train|training|istraining|trainflg", (True,)),
    (r"alpha|slope|negativeslope|lam|lambd|lambda|reg|temperature|tau|delta|power", (0.7,)),
    (r"keepprob|dropout(rate|prob)?|droprate|rate|prob|pdrop|pkeep", (0.6,)),
    (r"seed", (0,)),
    (r"momentum", (0.9,)),
    (r"activation|act|nonlinearity", ("relu", "sigmoid", "tanh")),
    (r"groups?|numgroups", (1, 3)),
)


def candidates(name: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[Any, ...]:
    """What `name` may be: a given shape alone, or by its role; shapes are `Shape`s."""
    if name in shapes:
        given = shapes[name]
        return (given if isinstance(given, Shape) else Shape.of(given),)
    key = name.lower().replace("_", "")
    found = next((choices for role, choices in ROLES if re.fullmatch(role, key)), BATCH)
    return tuple(Shape.of(c) if type(c) is tuple else c for c in found)


def by_rank(choices: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """All combinations, those first that take early choices."""
    highest = sum(len(each) - 1 for each in choices)
    for rank in range(highest + 1):
        yield from _of_rank(choices, rank)


def _of_rank(choices: Sequence[Sequence[Any]], rank: int) -> Iterator[tuple[Any, ...]]:
    if not choices:
        if rank == 0:
            yield ()
        return
    first, *rest = choices
    for place in range(min(rank, len(first) - 1) + 1):
        for tail in _of_rank(rest, rank - place):
            yield (first[place], *tail)
