"""The cheap check: two points, a random direction through each, and three backward passes.

It is all done in one session, in an order that upsets code whose results depend on earlier calls:

    forward A, backward        the gradients, and their shapes
    forward A ± h, A ± 2h      the slope along a random direction
    forward A, backward        as before? (random numbers, sums that are never cleared)
    forward B, backward        another point, a cotangent with entries large and small
    forward B ± h              (stale caches, passes that are not linear in the cotangent)

What agrees here is right but for a coincidence whose probability `line.random_steps` states. What
does not agree, or is too small to be seen beside the rest, is left to the closer look.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradcheck.checks.gradient import contract
from gradcheck.checks.gradient.calls import Caller, copies, precise, working
from gradcheck.checks.gradient.finding import Finding, Outcome
from gradcheck.checks.gradient.function import Array, Arrays, Function
from gradcheck.checks.gradient.line import (
    STEP,
    STEPS,
    Slope,
    measure,
    measure_again,
    moved,
    projected,
    random_steps,
    signed,
)

SAFETY = 5  # times the error that the differences estimate for themselves
# Of a gradient, in units of its dtype's: sums of thousands of terms, but fewer in float16, where
# more would leave nothing to compare.
GRADIENT_ROUNDING = {2: 8, 4: 200, 8: 200}
NEGLIGIBLE = 5e-10  # of a gradient: nobody's formula differs by less, but for rounding
RESOLUTION = 1e-5  # of an input's gradient: what is seen less sharply is looked at more closely
SAME = 1e-12  # relative: sums may be added in another order, random numbers differ by more
LARGE = 1000.0  # the second cotangent's entries, or its inverse: what is clipped or cut off shows


@dataclass
class Screened:
    """What the cheap check came to.

    gradients  those of a sound shape and dtype, in double precision, at the first point
    doubts     the inputs that need a closer look, and at which point: "first" or "second"
    tried      the directions that raised the doubts, and by how much they did; 0 where nothing
               was refuted, and the slope only too blunt
    size       by how much the gradients and the slope differ, relative
    errors     by input, what its gradient was compared to within, relative
    """

    output: Array
    cotangent: Array
    gradients: dict[str, Array]
    dtype: np.dtype[Any]
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)
    tried: "Tried" = field(default_factory=lambda: Tried({}, 0.0))
    size: float = 0.0
    errors: dict[str, float] = field(default_factory=dict)
    second: "Second | None" = None

    def agreement(self, name: str) -> Finding:
        """The finding about an input that has raised no doubt."""
        error = self.errors.get(name, 0.0)
        return Finding(name, Outcome.AGREES, size=self.size, error=error)


@dataclass(frozen=True)
class Tried:
    """Directions, one for each input, and how far the gradients were from the slope along all."""

    directions: Mapping[str, Array]
    apart: float


@dataclass(frozen=True)
class Second:
    """The second point, its cotangent, and the gradients that the long session gave there.

    inputs  in the dtypes that the code is called with
    """

    inputs: Arrays
    cotangent: Array
    gradients: Mapping[str, Array]


@dataclass(frozen=True)
class Comparison:
    """What gradients state along a step, and what the differences measure."""

    stated: float
    measured: float
    allowed: float
    weights: Mapping[str, float]  # by input, what an entry of typical size contributes

    @property
    def agrees(self) -> bool:
        return abs(self.stated - self.measured) <= self.allowed  # never with what is not finite

    @property
    def size(self) -> float:
        """How far apart they are, relative to what is compared."""
        size = max(abs(self.stated), abs(self.measured))
        return abs(self.stated - self.measured) / size if size else 0.0

    def resolution(self, name: str) -> float:
        """The share of an input's gradient that would go unnoticed in one entry of it."""
        weight = self.weights[name]
        return self.allowed / weight if weight else np.inf


def screen(caller: Caller, rng: np.random.Generator, wrt: tuple[str, ...]) -> Screened:
    """The cheap check of the gradients by some inputs.

    Raises CodeError if the code raises or returns no numbers.
    """
    function = caller.function
    at = precise(function.inputs)
    found = _first_look(caller, rng, wrt)
    if not np.isfinite(found.output).all():
        return found
    chosen = {name: at[name] for name, gradient in found.gradients.items() if gradient.size}
    slope = _first_slope(caller, found, at, chosen, rng)
    _again(caller, found)
    _second_point(caller, found, chosen, slope, rng)
    return found


def _first_look(caller: Caller, rng: np.random.Generator, wrt: tuple[str, ...]) -> Screened:
    """The gradients at the point, and what is wrong with them before any number counts."""
    function = caller.function
    given = copies(function.inputs)
    output = caller.forward(given)
    dtype = caller.dtype
    cotangent = cotangent_for(function, output, dtype, rng)
    findings = []
    spoilt = contract.changed(given, function.inputs)
    if spoilt:
        findings.append(contract.mutation("forward", spoilt))
    handed = cotangent.astype(dtype if dtype.kind in "fc" else cotangent.dtype)
    kept = handed.copy()
    before = given if not spoilt else {}
    raw = caller.backward(handed)
    if not contract.same(handed, kept):
        findings.append(contract.mutation("backward", ["the cotangent"]))
    spoilt = contract.changed(before, function.inputs)
    if spoilt:
        findings.append(contract.mutation("backward", spoilt))
    looked_at = (
        contract.gradient_fault(name, raw.get(name), function.inputs[name], dtype) for name in wrt
    )
    faults = [fault for fault in looked_at if fault is not None]
    faulty = {fault.input for fault in faults}
    gradients = {name: working(np.array(raw[name])) for name in wrt if name not in faulty}
    notes = list(contract.shared(raw, given))
    return Screened(output, cotangent, gradients, dtype, findings + faults, notes)


def cotangent_for(
    function: Function, output: Array, dtype: np.dtype[Any], rng: np.random.Generator
) -> Array:
    """Random and signed, in numbers that the dtype of the output has; 1 for a loss without."""
    if not function.takes_cotangent:
        return np.ones_like(output)
    drawn = signed(output, rng)
    return working(drawn.astype(dtype)) if dtype.kind in "fc" else drawn


def _first_slope(
    caller: Caller, found: Screened, at: Arrays, chosen: Arrays, rng: np.random.Generator
) -> Slope | None:
    """All inputs moved at once; those that are drowned by others are left to the closer look."""
    if not chosen:
        return None
    step = STEPS.get(contract.precision(found.dtype), STEP)
    by = random_steps(chosen, step, rng)
    base = found.output
    if any(array.dtype != at[name].dtype for name, array in caller.function.inputs.items()):
        base = caller.forward(copies(at))  # at the same inputs, but in double precision
    slope = quiet(measure, lambda k: caller.forward_or_nan(moved(at, by, k), base), base)
    comparison = compare(found.gradients, by, slope, found.cotangent, caller.function)
    found.size = comparison.size
    for name in chosen:
        found.errors[name] = comparison.resolution(name)
        if not comparison.agrees or not found.errors[name] <= RESOLUTION:
            found.doubts[name] = "first"
    if found.doubts:
        found.tried = _tried(by, step, comparison)
    return slope


def _tried(by: Mapping[str, Array], step: float, comparison: Comparison) -> Tried:
    apart = 0.0 if comparison.agrees else (comparison.stated - comparison.measured) / step
    return Tried({name: move / step for name, move in by.items()}, apart)


def quiet(measurement: Any, *arguments: Any) -> Slope:
    """A measurement during which overflow and the like are no news: they show in the result."""
    with np.errstate(all="ignore"):
        slope: Slope = measurement(*arguments)
        return slope


def compare(
    gradients: Mapping[str, Array],
    by: Mapping[str, Array],
    slope: Slope,
    cotangent: Array,
    function: Function,
) -> Comparison:
    """Gradients against a measured slope, along a step."""
    measured, error = projected(slope.value, slope.error, cotangent)
    stated, squares, weights, rounding = 0.0, 0.0, {}, 0.0
    for name, step in by.items():
        product = (gradients[name].conj() * step).real
        square = float(np.vdot(product, product))
        stated += float(product.sum())
        squares += square
        weights[name] = float(np.sqrt(square / max(1, product.size)))
        rounded = gradient_rounding(function.inputs[name].dtype)
        rounding = max(rounding, rounded * float(np.sqrt(square)))
    allowed = SAFETY * error + rounding + NEGLIGIBLE * float(np.sqrt(squares))
    return Comparison(stated, measured, allowed, weights)


def gradient_rounding(dtype: np.dtype[Any]) -> float:
    """What rounding may do to a gradient that is computed in a dtype, relative."""
    if dtype.kind not in "fc":
        return 0.0
    return GRADIENT_ROUNDING[min(8, contract.precision(dtype))] * float(np.finfo(dtype).eps)


def _again(caller: Caller, found: Screened) -> None:
    """The same point and cotangent once more, with other calls in between."""
    output = caller.forward(copies(caller.function.inputs))
    if not alike(output, found.output):
        message = "forward gives another result when it is called again at the same point"
        found.findings.append(Finding("", Outcome.DISAGREES, "nondeterministic", message))
        return
    raw = caller.backward(found.cotangent.copy())
    for name, gradient in found.gradients.items():
        again = np.asarray(raw.get(name))
        if again.shape == gradient.shape and alike(again, gradient):
            continue
        code, what = _why_different(caller, found, name, again)
        message = f"d{name} differs when backward is called again at the same point: {what}"
        found.findings.append(Finding(name, Outcome.DISAGREES, code, message))


def _why_different(caller: Caller, found: Screened, name: str, again: Array) -> tuple[str, str]:
    """Whether a gradient adds up, depends on earlier calls in another way, or on chance."""
    gradient = found.gradients[name]
    if again.shape == gradient.shape and gradient.any():
        factor = float(np.vdot(gradient, again).real / np.vdot(gradient, gradient).real)
        if alike(again, factor * gradient):
            return "accumulates", f"it is {factor:.4g} times what it was, so it adds up"
    anew = Caller(caller.function, caller.price)
    anew.forward(copies(caller.function.inputs))
    if alike(np.asarray(anew.backward(found.cotangent.copy()).get(name)), gradient):
        return "stale-cache", "something is kept from earlier calls"
    return "nondeterministic", "it depends on chance"


def alike(a: Array, b: Array) -> bool:
    """Equal but for the order of additions."""
    if contract.same(a, b):
        return True
    if a.shape != b.shape or not np.isfinite(a).all():
        return False
    return bool(np.abs(a - b).max(initial=0.0) <= SAME * np.abs(b).max(initial=0.0))


def _second_point(
    caller: Caller,
    found: Screened,
    chosen: Arrays,
    slope: Slope | None,
    rng: np.random.Generator,
) -> None:
    function = caller.function
    given = {
        name: elsewhere(array, rng) if name in chosen else array
        for name, array in function.inputs.items()
    }
    output = caller.forward_or_nan(copies(given), found.output)
    if not np.isfinite(output).all():
        return  # this point is none of its domain
    cotangent = cotangent_for(function, output, caller.dtype, rng)
    if function.takes_cotangent:
        cotangent = cotangent * LARGE ** (2 * rng.random(output.shape) - 1)
    raw = caller.backward(cotangent.copy())
    gradients = {
        name: working(np.array(raw[name]))
        for name in chosen
        if np.asarray(raw.get(name)).shape == chosen[name].shape
    }
    found.second = Second(given, cotangent, gradients)
    if found.doubts or slope is None:
        return  # the closer look comes here too
    at = precise(given)
    step = STEPS.get(contract.precision(found.dtype), STEP)
    by = random_steps({name: at[name] for name in gradients}, step, rng)
    again = quiet(
        measure_again, lambda k: caller.forward_or_nan(moved(at, by, k), output), output, slope
    )
    comparison = compare(gradients, by, again, cotangent, function)
    if not comparison.agrees:
        found.doubts = dict.fromkeys(gradients, "second")
        found.tried = _tried(by, step, comparison)


def elsewhere(array: Array, rng: np.random.Generator) -> Array:
    """Another point: every entry changed by up to a quarter, its sign and every zero kept.

    What lies between 0 and 1 stays there. So probabilities stay probabilities, masks stay masks,
    and what code asserts mostly holds.
    """
    if not array.any():
        return signed(array, rng).astype(array.dtype)
    moves = (rng.random(array.shape) - 0.5) / 2
    size = array
    if array.dtype.kind == "f" and array.min() >= 0 and array.max() <= 1:
        size = np.minimum(array, 1 - array)
    return (array + moves * size).astype(array.dtype)
