"""What an argument may be, by its name: shapes of arrays, and values of hyperparameters.

The likeliest comes first. The sizes fit together: a batch of 4, 3 features in, 5 out, images of
7 by 6, 6 time steps; nothing is guessed for anybody who gives shapes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcheck.checks.adapters.draw import Shape

N, D, M, T = 4, 3, 5, 6
H, W = 7, 6
GATES = 4 * M  # an LSTM has the weights of its four gates side by side
FEW = 2  # images


class Window(int):
    """The height or width of a kernel, which no other array has."""


K2, K3 = Window(2), Window(3)

BATCH, IMAGES, PICTURES, SEQUENCES = (N, D), (FEW, D, H, W), (FEW, H, W, D), (N, T, D)
INDICES = Shape.of((N, T), "int3")

# What an argument is, by its whole name in lower case without underscores: the first that fits.
ROLES = {
    "readout": r"wya|why|wy|who",
    "shift": r"by",
    "indices": r"idx|ind|index|indices|ids|tokens?|tokenids|words?",
    "targets": r"labels?|targets?|ytrue|truth|onehot|classes",
    "answers": r"y|ys|yb|ybatch|ytrain",
    "mask": r"mask",
    "state": r"(prev)?[hc]t?|[hc](prev|0|t1)|prev[hc]t?|a0|hidden|state|hiddenstate",
    "recurrent": r"wh|whh|waa|uh?|wrec|wrecurrent|hiddenweights?",
    "weight": r"w|weights?|kernels?|filters?|theta|wx|wih|wxh|wax|w[1-9]|win|embeddings?|table",
    "scale": r"gamma|beta|gain|scale|shift|g",
    "bias": r"b|bias|biases|b[1-9h]|ba|bx|bih|bhh|offset|intercept",
}

# Shapes that fit together, by role. What a layout does not say is as in the first.
LAYOUTS: Sequence[Mapping[str, tuple[int, ...]]] = (
    {  # x @ w + b
        "data": BATCH, "state": (N, M), "recurrent": (M, M), "weight": (D, M), "scale": (D,),
        "bias": (M,), "readout": (M, FEW), "shift": (FEW,),
        "indices": Shape.of((N,), "int3"), "targets": Shape.of((N,), "int3"),
        "mask": Shape.of(BATCH, "int2"), "answers": BATCH,
    },
    {"targets": Shape.of(BATCH, "onehot"), "answers": BATCH},
    {"weight": (M, D)},  # x @ w.T + b
    {"weight": (D,), "bias": (D,)},  # x * w + b
    {"weight": BATCH, "bias": BATCH},
    {"data": (D, N), "state": (M, N), "weight": (M, D), "scale": (D, 1), "bias": (M, 1),
     "readout": (FEW, M), "shift": (FEW, 1)},
    {"data": (D,), "state": (M,), "weight": (M, D)},
    {"data": IMAGES, "weight": (M, D, K3, K2), "mask": Shape.of(IMAGES, "int2")},
    {"data": IMAGES, "weight": (M, D, K3, K3), "scale": (1, D, 1, 1), "bias": (M, 1)},
    {"data": IMAGES, "weight": (M, D, K3, K3), "bias": (1, M, 1, 1)},
    {"data": PICTURES, "weight": (K3, K2, D, M), "scale": (D,), "bias": (1, 1, 1, M)},
    {"data": PICTURES, "weight": (K2, K2, D, M), "bias": (1, 1, 1, M)},
    {"data": PICTURES, "weight": (K2, K2, D, M), "bias": (M,)},
    {"data": SEQUENCES, "answers": Shape.of((N, T), "int3"), "mask": Shape.of((N, T), "int2")},
    {"data": SEQUENCES, "weight": (M, D)},
    {"data": (T, N, D)},
    {"data": BATCH, "weight": (D, GATES), "recurrent": (M, GATES), "bias": (GATES,)},
    {"data": SEQUENCES, "weight": (D, GATES), "recurrent": (M, GATES), "bias": (GATES,)},
    {"data": BATCH, "weight": (GATES, D), "recurrent": (GATES, M), "bias": (GATES,)},
    {"data": SEQUENCES, "weight": (GATES, D), "recurrent": (GATES, M), "bias": (GATES,)},
    {"data": BATCH, "weight": (D, 3 * M), "recurrent": (M, 3 * M), "bias": (3 * M,)},
    {"answers": Shape.of((N,), "int3")},  # labels
    {"data": INDICES, "indices": INDICES},  # an embedding
    {"data": Shape.of((N,), "int3")},
    {"weight": (D,), "bias": (), "scale": ()},
    {"data": (D, N), "weight": (D, 1), "bias": (), "answers": (1, N)},  # logistic regression
)  # fmt: skip

# What else an argument may be, tried in all combinations when no layout fits.
OTHERS: Mapping[str, Sequence[tuple[int, ...]]] = {
    "data": (BATCH, (D, N), (D,), IMAGES, SEQUENCES, PICTURES, (), (H, W), (D, 1), (D, M)),
    "state": ((N, M), (M, N), (M,), (M, 1)),
    "recurrent": ((M, M), (D, M), (M, D)),
    "weight": ((D, M), (M, D), (D,), (D, 1), (M, D, 3, 2), (3, 2), BATCH, ()),
    "readout": ((M, FEW), (FEW, M)),
    "shift": ((FEW,), (FEW, 1), (1, FEW)),
    "scale": ((D,), (D, 1), (1, D), (1, D, 1, 1), (M,), (), BATCH),
    "bias": ((M,), (M, 1), (1, M), (D,), (), (D, 1), (1, D), BATCH),
    "indices": (Shape.of((N,), "int3"), INDICES, Shape.of((), "int3")),
    "targets": (
        Shape.of((N,), "int3"), Shape.of(BATCH, "onehot"), BATCH, (N, 1), Shape.of((N,), "signs"),
    ),
    "answers": (BATCH, (D, N), (D,), IMAGES, SEQUENCES, (), Shape.of((N,), "int3"), (N, 1)),
    "mask": tuple(Shape.of(shape, "int2") for shape in (BATCH, (D,), IMAGES, SEQUENCES)),
}  # fmt: skip

# Hyperparameters: strides and windows that leave a border and overlap first, for there things hide.
CONSTANTS: Sequence[tuple[str, Sequence[Any]]] = (
    (r"convparams?", ({"stride": 2, "pad": 1}, {"stride": 1, "pad": 1})),
    (
        r"poolparams?",
        (
            {"pool_height": 3, "pool_width": 2, "stride": 2},
            {"pool_height": 2, "pool_width": 2, "stride": 2},
        ),
    ),
    (r"(bn|ln|norm|batchnorm|layernorm)params?", ({"mode": "train"},)),
    (r"gnparams?", ({"eps": 1e-5},)),
    (r"dropoutparams?", ({"mode": "train", "p": 0.6, "seed": 0},)),
    (r"hparam(eter)?s?", ({"stride": 2, "pad": 1, "f": 2}, {"stride": 1, "pad": 1, "f": 2})),
    (r"strides?", (2, 1)),
    (r"pad(ding|s)?", (1, 0)),
    (r"kernelsize|poolsize|pool(h|w|height|width)|filtersize|windowsize|f|k|size", (3, 2)),
    (r"eps|epsilon", (1e-5,)),
    (r"axis|dim", (-1,)),
    (r"mode", ("train", "max", "average")),
    (r"train|training|istraining|trainflg", (True,)),
    (r"alpha|slope|negativeslope|lam|lambd|lambda|reg|temperature|tau|delta|power", (0.7,)),
    (r"keepprob|dropout(rate|prob)?|droprate|rate|prob|pdrop|pkeep", (0.6,)),
    (r"seed", (0,)),
    (r"momentum", (0.9,)),
    (r"activation|act|nonlinearity", ("relu", "sigmoid", "tanh")),
    (r"(num|n)?groups?", (1, 3)),
    (r"(num|n)?heads?|nhead", (1, 3)),
)


# Letters that are also arrays, such as the keys of an attention.
EITHER = {"k", "f"}


def guesses(
    names: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[Any, ...]]:
    """What the names may be, likeliest first: a `Shape`, or the value of a hyperparameter.

    Of names with a shape it is that one, and the sizes of the others go with it.
    """
    seen: set[str] = set()
    layouts: list[list[Sequence[Any]]] = [
        [_in_layout(name, shapes, layout, sizes) for name in names]
        for layout in LAYOUTS
        if (sizes := _sizes(layout, shapes)) is not None
    ]
    others: list[Sequence[Any]] = [
        [*_of_sizes(name, shapes), *candidates(name, shapes)] for name in names
    ]
    for choices in (*layouts, others):
        for guess in by_rank(choices):
            text = repr([(what, getattr(what, "kind", "")) for what in guess])
            if text not in seen:
                seen.add(text)
                yield guess


def _sizes(
    layout: Mapping[str, tuple[int, ...]], shapes: Mapping[str, tuple[int, ...]]
) -> dict[int, int] | None:
    """The size that is given for each of the layout's; None if the shapes do not go with it."""
    sizes = {1: 1}
    for name, given in shapes.items():
        usual = _of_role(name, layout)
        if len(usual) != len(given):
            if role_of(name) in ("answers", "targets"):  # labels or rows, whatever the rest is
                continue
            return None
        for size, wanted in zip(usual, given, strict=True):
            if not isinstance(size, Window) and sizes.setdefault(size, wanted) != wanted:
                return None
    for gates in (4, 3):
        if M in sizes:
            sizes.setdefault(gates * M, gates * sizes[M])
        elif gates * M in sizes:
            sizes[M] = sizes[gates * M] // gates
    return sizes


def _in_layout(
    name: str,
    shapes: Mapping[str, tuple[int, ...]],
    layout: Mapping[str, tuple[int, ...]],
    sizes: Mapping[int, int],
) -> Sequence[Any]:
    known = _known(name, shapes)
    shape = _of_role(name, layout)
    kind = shape.kind.replace(f"int{D}", f"int{sizes.get(D, D)}")
    fitting = (n if isinstance(n, Window) else sizes.get(n, n) for n in shape)
    usual = [Shape.of(tuple(map(int, fitting)), kind)]
    if name in EITHER and name not in shapes:
        return [*known, *usual]
    return known or usual


def _of_role(name: str, layout: Mapping[str, tuple[int, ...]]) -> Shape:
    role = role_of(name)
    return _shape(layout.get(role, LAYOUTS[0][role]))


def _of_sizes(name: str, shapes: Mapping[str, tuple[int, ...]]) -> list[Shape]:
    """For the last axes of what is given: what a bias or a scale may be if no layout fits."""
    if name in shapes or role_of(name) not in ("bias", "scale"):
        return []
    last = dict.fromkeys(n for shape in shapes.values() for n in reversed(shape))
    return [Shape.of(shape) for n in last for shape in ((n,), (1, n), (n, 1))]


def candidates(name: str, shapes: Mapping[str, tuple[int, ...]]) -> Sequence[Any]:
    """What a single name may be, whatever the others are."""
    return _known(name, shapes) or [_shape(shape) for shape in OTHERS[role_of(name)]]


def _known(name: str, shapes: Mapping[str, tuple[int, ...]]) -> Sequence[Any]:
    """The shape that was given, or the values of a hyperparameter."""
    if name in shapes:
        return [_shape(shapes[name])]
    key = "groups" if name == "G" else _key(name)  # a small g is a gain
    return next((values for pattern, values in CONSTANTS if re.fullmatch(pattern, key)), ())


def role_of(name: str) -> str:
    """What an argument of this name usually is, one of ROLES, or else data."""
    if name == "a_prev":  # of a recurrent cell; A_prev are the outputs of the layer before
        return "state"
    key = _key(name)
    return next((role for role, pattern in ROLES.items() if re.fullmatch(pattern, key)), "data")


def _key(name: str) -> str:
    return name.lower().replace("_", "")


def _shape(sizes: tuple[int, ...]) -> Shape:
    return sizes if isinstance(sizes, Shape) else Shape.of(sizes)


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
