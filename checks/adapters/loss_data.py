"""What a loss is tried with: predictions and targets of the kinds that losses are made for.

The names in the code tell which kinds are tried first; the first that the loss works with is
taken. Whether the gradient is right has no say in it: wrong code would choose the data that hides
its mistake.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.adapters.draw import Shape, draw
from gradcheck.checks.adapters.request import Request
from gradcheck.checks.gradient.function import Array

SHAPES = ((4, 3), (5,), (5, 1), (1, 5), (2, 3, 4), (3,), ())  # of a prediction
COLUMN = (5, 1)

WORDS = {
    "real": "real numbers",
    "positive": "positive numbers",
    "unit": "numbers between 0 and 1",
    "rows": "rows of probabilities",
    "labels": "class labels",
    "onehot": "one-hot rows",
    "bits": "0 or 1",
    "signs": "-1 or 1",
}

OPTIONS = {kind: f":{kind}" for kind in WORDS} | {
    "real": "",
    "bits": ":int2",
}

# What the prediction is, and what the target.
REAL = ("real", "real")
BITS, LOGIT_BITS = ("unit", "bits"), ("real", "bits")
ROWS_ONEHOT, ROWS_LABELS = ("rows", "onehot"), ("rows", "labels")
LOGITS_ONEHOT, LOGITS_LABELS = ("real", "onehot"), ("real", "labels")
SIGNS, DISTRIBUTIONS, POSITIVE = ("real", "signs"), ("rows", "rows"), ("positive", "positive")
EVERY = (
    REAL, ROWS_ONEHOT, ROWS_LABELS, LOGITS_LABELS, LOGITS_ONEHOT, BITS, LOGIT_BITS, SIGNS,
    DISTRIBUTIONS, POSITIVE,
)  # fmt: skip

BINARY = {BITS, LOGIT_BITS, SIGNS}

# The first row that fits goes first. What is searched: the names in the loss and its own name.
HINTS = (
    (r"hinge|svm|perceptron|margin", (SIGNS, LOGITS_LABELS, LOGITS_ONEHOT)),
    (r"kl_|_kl\b|\bkl|kullback|jensen|divergence", (DISTRIBUTIONS,)),
    (r"poisson", (POSITIVE,)),
    (r"(bce|binary|logistic|sigmoid).*(logit|sigmoid|\bexp|logaddexp|log1p|softplus)",
     (LOGIT_BITS, SIGNS)),
    (r"bce|binary|log_?loss|logistic", (BITS, LOGIT_BITS, SIGNS)),
    (r"logit|softmax|logsumexp|\bexp\b", (LOGITS_LABELS, LOGITS_ONEHOT, REAL)),
    (r"cosh", (REAL,)),
    (r"entropy|nll|likelihood|\bce\b|\bxent\b|\blog\b|\blog2\b",
     (ROWS_ONEHOT, ROWS_LABELS, BITS)),
)  # fmt: skip


@dataclass(frozen=True)
class Data:
    """A prediction and a target, and what they are in words; empty for what the user gave."""

    values: Mapping[str, Any]
    note: str = ""


def candidates(request: Request, prediction: str, target: str, words: str) -> Iterator[Data]:
    """Predictions and targets to try, the likeliest first."""
    given = request.inputs
    if prediction in given and target in given:
        yield Data({name: given[name] for name in (prediction, target)})
        return
    hinted = _hinted(words)
    shapes: tuple[tuple[int, ...], ...] = SHAPES
    if hinted and set(hinted) <= BINARY:  # one output for each sample is what they are for
        shapes = (COLUMN, *SHAPES)
    if prediction in given:
        shapes = (np.shape(given[prediction]),)
    elif prediction in request.shapes:
        shapes = (request.shapes[prediction],)
    seed = int(request.rng.integers(2**32))
    for shape in shapes:
        for kinds in dict.fromkeys((*hinted, *EVERY)):
            data = _of_kind(request, (prediction, target), shape, kinds, seed)
            if data is not None:
                yield data


def _hinted(words: str) -> tuple[tuple[str, str], ...]:
    return next((kinds for pattern, kinds in HINTS if re.search(pattern, words)), ())


def _of_kind(
    request: Request,
    names: tuple[str, str],
    shape: tuple[int, ...],
    kinds: tuple[str, str],
    seed: int,
) -> Data | None:
    """Data of two kinds, with what the user gave in its place; None if they do not go together."""
    rng = np.random.default_rng(seed)
    values: dict[str, Any] = {}
    for name, kind in zip(names, kinds, strict=True):
        if name in request.inputs:
            values[name] = request.inputs[name]
            continue
        wanted = request.shapes.get(name)
        chosen: str = getattr(wanted, "kind", "")
        if wanted is not None and chosen:
            drawn: Array | None = draw(wanted, rng)  # the kind belongs to the shape
        else:
            drawn = _drawn(rng, kind, shape)
        if drawn is None or (wanted is not None and tuple(wanted) != drawn.shape):
            return None
        values[name] = drawn
    return Data(values, _note(request, names, kinds, values))


def _drawn(rng: np.random.Generator, kind: str, shape: tuple[int, ...]) -> Array | None:
    if kind == "labels":
        labels = (shape[:-1], rng, f"int{shape[-1]}") if len(shape) > 1 else None
        return draw(*labels) if labels and shape[-1] > 1 else None
    if kind in ("rows", "onehot") and (not shape or shape[-1] < 2):
        return None  # a row of one entry is 1 whatever happens
    if kind == "bits":
        return draw(tuple(shape), rng, "int2").astype(float)
    return draw(Shape.of(tuple(shape)), rng, kind)


def _note(
    request: Request, names: tuple[str, str], kinds: tuple[str, str], values: Mapping[str, Any]
) -> str:
    drawn = {
        name: (kind, np.shape(values[name]))
        for name, kind in zip(names, kinds, strict=True)
        if name not in request.inputs and not getattr(request.shapes.get(name), "kind", "")
    }
    if not drawn:
        return ""
    words = ", ".join(f"{name} of shape {s}: {WORDS[kind]}" for name, (kind, s) in drawn.items())
    options = " ".join(
        f"--shape {name}={','.join(map(str, shape))}{_option(kind, values[name])}"
        for name, (kind, shape) in drawn.items()
    )
    return f"drawn: {words}; choose others with {options}"


def _option(kind: str, values: Array) -> str:
    return f":int{int(np.max(values)) + 1}" if kind == "labels" else OPTIONS[kind]
