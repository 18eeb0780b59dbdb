"""`--as LAYER`: the forward pass of someone's code beside ours, on the same arrays.

A gradient check cannot see a wrong forward: the right gradient of the wrong function passes.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from gradcheck.checks.gradient.calls import Caller, CodeError, copies
from gradcheck.checks.gradient.finding import Finding, Outcome, Worst
from gradcheck.checks.gradient.function import Array, Function
from gradcheck.checks.gradient.localise import first_largest
from gradcheck.checks.layers import Layer, LayerError, UsageError, load, select
from gradcheck.derivations.calculus.terms import spanned
from gradcheck.derivations.notation import Option

RTOL = 1e-9  # of the largest entry: two right formulas differ by rounding alone
COARSE = {2: 1e-2, 4: 1e-4}  # the same, for outputs of fewer bytes
NEARLY = 1e-2  # relative: a constant such as epsilon differs, and hardly a formula
MOST = 6  # inputs: all orders of them are tried
MOST_OPTIONS = 100  # combinations of their values
SMALL = (1e-5, 1e-6, 1e-7, 1e-8, 1e-12, 0.0)  # what people take for epsilon


@dataclass(frozen=True)
class Match:
    """Which of someone's inputs each input of ours is, and our options that are no defaults."""

    layer: Layer
    inputs: Mapping[str, str]
    likeness: int
    options: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        pairs = ", ".join(f"{ours} is {theirs}" for ours, theirs in self.inputs.items())
        options = " ".join(f"{name}={value:g}" for name, value in self.options.items())
        return f"{self.layer.name} ({pairs})" + (f" with {options}" if options else "")


def compare_forward(function: Function, word: str) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings and notes on the output, compared with that of the layer that a word names.

    Of a layer in several layouts or with options those are taken that agree, or come closest.
    """
    caller = Caller(function)
    try:
        got = caller.forward(copies(function.inputs))
    except CodeError as error:
        return (Finding("", Outcome.DISAGREES, error.code, str(error)),), ()
    matches = [with_options for m in _matches(function, word) for with_options in _options(m)]
    outputs = [(match, _ours(match, function)) for match in matches]
    compared = [(match, ours) for match, ours in outputs if ours is not None]
    if not compared:
        raise UsageError(f"--as {word}: the layer cannot be computed from these inputs")
    allowed = COARSE.get(caller.dtype.itemsize, RTOL)
    match, ours = min(compared, key=lambda pair: _distance(got, pair[1]))
    if _distance(got, ours) <= allowed:
        return (), (f"the output is that of {match}",)
    hint = _hint(got, ours, allowed) or _across(match, function, got, allowed)
    return (_finding(match, got, ours, allowed, hint),), ()


def _matches(function: Function, word: str) -> list[Match]:
    layers = []
    for name in select([word]):
        try:
            layers.append(load(name))
        except LayerError as error:
            raise UsageError(f"--as {word}: {error}") from error
    found = [match for layer in layers for match in _of_layer(layer, function)]
    if not found:
        raise UsageError(_unmatched(word, layers, function))
    best = max(match.likeness for match in found)
    return [match for match in found if match.likeness == best]


def _of_layer(layer: Layer, function: Function) -> Iterator[Match]:
    """All ways to match the inputs that fit shapes and kinds, names counted."""
    ours, theirs = _shapes(layer), list(function.inputs)
    if len(ours) != len(theirs) or len(ours) > MOST:
        return
    for order in itertools.permutations(theirs):
        arrays = [function.inputs[name] for name in order]
        if _fit(layer, ours, arrays):
            pairs = dict(zip(ours, order, strict=True))
            named = sum(a.lower() == b.lower() for a, b in pairs.items())
            in_order = sum(a == b for a, b in zip(order, theirs, strict=True))
            yield Match(layer, pairs, len(ours) * named + in_order)


def _options(match: Match) -> Iterator[Match]:
    """The match with values of our options that someone may have chosen, the defaults first."""
    options = match.layer.symbolic.options
    values = [[o.default, *(v for v in _usual(o) if v != o.default)] for o in options]
    for chosen in itertools.islice(itertools.product(*values), MOST_OPTIONS):
        pairs = zip(options, chosen, strict=True)
        yield replace(match, options={o.name: v for o, v in pairs if v != o.default})


def _usual(option: Option) -> Iterable[float]:
    low, high = option.between
    if option.whole:
        return range(int(low), int(high) + 1)
    return SMALL if option.default in SMALL else ()


def _shapes(layer: Layer) -> dict[str, tuple[str, ...]]:
    """Axis letters of our inputs, in the order in which forward takes them."""
    indices = layer.symbolic.setting.indices
    found = {t.name: spanned(indices[t.name]).split("×") for t in layer.symbolic.inputs}
    return {
        name: tuple(letters) if letters != ["scalar"] else () for name, letters in found.items()
    }


def _fit(layer: Layer, shapes: Mapping[str, tuple[str, ...]], arrays: list[Array]) -> bool:
    sizes: dict[str, int] = {}
    for (name, letters), array in zip(shapes.items(), arrays, strict=True):
        integer = name in layer.symbolic.setting.integer
        if len(letters) != array.ndim or integer != (array.dtype.kind in "iu"):
            return False
        for letter, size in zip(letters, array.shape, strict=True):
            known = int(letter) if letter.isdigit() else sizes.setdefault(letter, size)
            if letter.isalnum() and known != size:  # lengths such as L − K + 1 are not solved
                return False
    return True


def _ours(match: Match, function: Function, *, across: bool = False) -> Array | None:
    """The output of our NumPy forward pass; None if it cannot be computed.

    across  of transposed matrices
    """
    arrays = [function.inputs[theirs].copy() for theirs in match.inputs.values()]
    arrays = [array.T if across and array.ndim == 2 else array for array in arrays]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(match.layer.forward(*arrays, **match.options))
    except (ValueError, IndexError, TypeError):
        return None


def _distance(got: Array, ours: Array) -> float:
    """Relative to the largest entry; of outputs of different shapes infinite."""
    if got.shape != ours.shape or not np.isfinite(got).all():
        return np.inf
    scale = float(np.abs(ours).max(initial=0.0)) or 1.0
    return float(np.abs(got - ours).max(initial=0.0)) / scale


def _across(match: Match, function: Function, got: Array, allowed: float) -> str:
    """Whether yours works along the other axis of a matrix."""
    other = _ours(match, function, across=True) if got.ndim == 2 else None
    if other is None or other.ndim != 2 or _distance(got, other.T) > allowed:
        return ""
    return "yours does along axis 0 what ours does along axis 1, and the other way round"


def _finding(match: Match, got: Array, ours: Array, allowed: float, hint: str) -> Finding:
    if got.shape != ours.shape:
        message = f"forward returns another shape than {match}"
        message += f"; {hint}" if hint else ""
        return Finding(
            "",
            Outcome.DISAGREES,
            "forward",
            message,
            expected_shape=str(ours.shape),
            got_shape=str(got.shape),
        )
    scale = float(np.abs(ours).max(initial=0.0)) or 1.0
    off = np.abs(got - ours)
    differ = ~(off <= allowed * scale)
    index = first_largest(off)
    values = {"yours": float(np.real(got[index])), "ours": float(np.real(ours[index]))}
    nearly = _distance(got, ours) <= NEARLY
    message = (
        f"forward differs from {match} in {int(differ.sum())} of {differ.size} entries"
        + (f", by {_distance(got, ours):.0e} of its size" if nearly else "")
        + (f"; {hint}" if hint else "")
    )
    return Finding(
        "",
        Outcome.DISAGREES,
        "forward",
        message,
        differing=int(differ.sum()),
        entries=differ.size,
        difference=float(off.max(initial=0.0)),
        size=_distance(got, ours),
        worst=Worst(index, values, allowed * scale),
    )


def _hint(got: Array, ours: Array, allowed: float) -> str:
    """What change of the output would make the two agree."""
    if not np.isfinite(got).all():
        return "yours is not finite everywhere"
    if got.ndim > 1:
        for axes in itertools.permutations(range(got.ndim)):
            if _distance(got.transpose(axes), ours) <= allowed:
                what = "the transpose of" if got.ndim == 2 else f"transpose({axes}) of"
                return f"{what} yours agrees"
    if got.size == ours.size and got.shape != ours.shape:
        if _distance(got.reshape(ours.shape), ours) <= allowed:
            return "the values agree, and only the shape differs"
        return ""
    if got.shape != ours.shape:
        sums = {"sum": np.sum(got), "mean": np.mean(got)}
        agree = [w for w, v in sums.items() if not ours.shape and _distance(v, ours) <= allowed]
        return f"the {agree[0]} of yours agrees" if agree else ""
    return _affine(got, ours, allowed)


def _affine(got: Array, ours: Array, allowed: float) -> str:
    """Whether yours is a multiple of ours, or ours shifted."""
    square = float(np.vdot(ours, ours).real)
    factor = float(np.vdot(ours, got).real) / square if square else 0.0
    if factor and _distance(got / factor, ours) <= allowed:
        return f"yours is {factor:.6g} times ours"
    shift = float(np.mean(got - ours).real)
    if got.size > 1 and _distance(got - shift, ours) <= allowed:
        return f"yours is ours plus {shift:.6g} in every entry"
    if _distance(got, ours) <= NEARLY:
        return "the formula is nearly the same: compare constants such as epsilon, or n with n − 1"
    return ""


def _unmatched(word: str, layers: list[Layer], function: Function) -> str:
    needs = "; ".join(
        f"{layer.name} takes "
        + ", ".join(f"{n} {'×'.join(letters) or 'scalar'}" for n, letters in _shapes(layer).items())
        for layer in layers
    )
    has = ", ".join(
        f"{name} {'×'.join(map(str, array.shape)) or 'scalar'}{_kind(array)}"
        for name, array in function.inputs.items()
    )
    return f"--as {word}: the inputs do not fit: {function.name} takes {has}; {needs}"


def _kind(array: Array) -> str:
    return " (integers)" if array.dtype.kind in "iu" else ""
