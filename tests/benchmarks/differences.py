"""How honest the errors of the careful differences are, how exact they are, and what they cost.

    python tests/benchmarks/differences.py [FUNCTIONS PER KIND] [SEED] [-q]

Random functions whose derivative is known in closed form, of twelve kinds, smooth and awkward.
Printed for each kind: how often the true error exceeds the estimated one and SAFETY times that,
the largest ratio, the median of both errors relative to the slope, the median of their ratio
(estimated error over true error or noise bound, whichever is larger), and evaluations. Then the
same functions by SciPy and numdifftools, where those are installed, at their default settings
(-q leaves these out), and whole Jacobians of a linear layer beside a plain loop over all entries.
gradcheck must be installed.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.checks.gradient.careful import SAFETY, slope
from gradcheck.checks.gradient.jacobian import gradient, jacobian
from gradcheck.checks.gradient.noise import measure

Kind = Callable[[np.random.Generator], tuple[Callable[[Any], Any], Any]]
FEW = 100  # functions of each kind that the other packages are asked about
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Result:
    """One slope: the right one, the estimate, its error, the bound by noise, evaluations."""

    right: float
    value: float
    error: float
    bound: float
    evaluations: int


def smooth(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A sum of a sine, an exponential and a hyperbolic tangent."""
    a, b, c, p, q, r = rng.normal(size=6)
    return (
        lambda t: a * np.sin(p + 2 * t) + b * np.exp(q * t) + c * np.tanh(r + t),
        2 * a * np.cos(p) + b * q + c / np.cosh(r) ** 2,
    )


def polynomial(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A polynomial of degree 0 to 8."""
    c = rng.normal(size=rng.integers(1, 10))
    return lambda t: np.polyval(c[::-1], t), c[1] if c.size > 1 else 0.0


def stiff(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A hyperbolic tangent or logistic as steep as 1e5."""
    k, p = 10 ** rng.uniform(0, 5), rng.normal()
    return lambda t: np.tanh(p + k * t), k / np.cosh(p) ** 2


def oscillating(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A sine of a frequency up to 1e4 on a slow one, of an amplitude down to 1e-4."""
    k, p, a = 10 ** rng.uniform(0, 4), rng.uniform(0, 6), 10 ** rng.uniform(-4, 0)
    return lambda t: np.sin(1 + t) + a * np.sin(p + k * t), np.cos(1) + a * k * np.cos(p)


def offset(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A smooth function beside a large number, up to 1e8, which may be taken off again."""
    f, right = smooth(rng)
    large = 10 ** rng.uniform(3, 8)
    back = large * rng.integers(2)
    return lambda t: (f(t) + large) - back, right


def scaled(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A smooth function times 1e-8 to 1e8."""
    f, right = smooth(rng)
    scale = 10 ** rng.uniform(-8, 8)
    return lambda t: scale * f(t), scale * right


def pole(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A pole at a distance of 1e-4 to 1."""
    d, f = 10 ** rng.uniform(-4, 0) * rng.choice([-1, 1]), smooth(rng)
    return lambda t: 1 / (t + d) + f[0](t), -1 / d**2 + f[1]


def branch(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A logarithm or root whose argument reaches 0 at a distance of 1e-6 to 1."""
    d = 10 ** rng.uniform(-6, 0)
    if rng.integers(2):
        return lambda t: np.log(d + t), 1 / d
    return lambda t: np.sqrt(d + t), 0.5 / np.sqrt(d)


def kinked(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A smooth function with a kink at a distance of 1e-6 to 1."""
    f, right = smooth(rng)
    d, a = 10 ** rng.uniform(-6, 0) * rng.choice([-1, 1]), rng.normal()
    return lambda t: f(t) + a * abs(t - d), right - a * np.sign(d)


def single(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A smooth function computed in float32."""
    a, p, q = rng.normal(size=3)
    x = np.float32(p)
    return (
        lambda t: float(np.float32(a) * np.sin(np.float32(x + t)) + np.exp(np.float32(q * t))),
        np.float32(a) * np.cos(float(x)) + q,
    )


def half(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A hyperbolic tangent of numbers cast to float16."""
    p, a = rng.normal(), rng.uniform(0.5, 2)
    return lambda t: float(np.tanh(np.float16(p + a * t))), a / np.cosh(p) ** 2


def flat(rng: np.random.Generator) -> tuple[Callable[[Any], Any], Any]:
    """A saturated logistic: its slope is as small as 1e-17, its value nearly 0 or 1."""
    p = rng.uniform(5, 40) * rng.choice([-1, 1])
    e = np.exp(-abs(p))
    return lambda t: 1 / (1 + np.exp(-(p + t))), e / (1 + e) ** 2


KINDS: tuple[Kind, ...] = (
    smooth,
    polynomial,
    stiff,
    oscillating,
    offset,
    scaled,
    pole,
    branch,
    kinked,
    single,
    half,
    flat,
)


def results(kind: Kind, count: int, seed: int) -> Iterator[Result]:
    """The slopes of random functions of a kind."""
    for number in range(count):
        f, right = kind(np.random.default_rng([seed, KINDS.index(kind), number]))
        noise = measure(f)
        found = slope(f)
        bound = float((noise.level + EPS * abs(right)) / found.step)
        value, error = float(found.value), float(found.error)
        yield Result(float(right), value, error, bound, found.evaluations)


def table(count: int, seed: int) -> None:
    """Print a line for each kind of function."""
    print(f"{count} functions of each kind, seed {seed}, SAFETY {SAFETY:g}")
    print(f"{'kind':14}{'> error':>8}{'> SAFETY':>9}{'largest':>9}", end="")
    print(f"{'true':>10}{'estimate':>10}{'ratio':>7}{'calls':>6}")
    missed = 0
    for kind in KINDS:
        found = list(results(kind, count, seed))
        right, value, error, bound = np.array(
            [(r.right, r.value, r.error, r.bound) for r in found]
        ).T
        true = np.abs(value - right)
        excess = np.nan_to_num(true / np.maximum(error, 1e-300), nan=np.inf)
        excess = np.where(true <= 4 * EPS * np.abs(right), 0, excess)  # `right` is rounded too
        useful = error / np.maximum(np.maximum(true, bound), 1e-300)
        size = np.maximum(np.abs(right), 1e-300)
        missed += int((excess > SAFETY).sum())
        print(f"{kind.__name__:14}{(excess > 1).sum():8}{(excess > SAFETY).sum():9}", end="")
        print(f"{excess.max():9.2g}{np.median(true / size):10.1e}", end="")
        print(f"{np.median(error / size):10.1e}{np.median(useful):7.1f}", end="")
        print(f"{np.mean([r.evaluations for r in found]):6.0f}")
    print(f"{missed} of {count * len(KINDS)} errors exceed SAFETY times their estimate")


def others(seed: int) -> None:
    """Print the median and the worst error relative to the slope, beside other packages."""
    methods = {"gradcheck": _ours, **_scipy(), **_numdifftools()}
    print(f"\n{FEW} functions of each kind: median and largest relative error, calls")
    print(f"{'kind':14}" + "".join(f"{name:>30}" for name in methods))
    for kind in KINDS:
        print(f"{kind.__name__:14}", end="")
        for method in methods.values():
            errors, calls = zip(*(_judged(kind, seed, n, method) for n in range(FEW)), strict=True)
            print(f"{np.median(errors):12.1e}{np.max(errors):11.1e}{np.mean(calls):7.0f}", end="")
        print()


def jacobians() -> None:
    """Print seconds and calls for the Jacobians and gradients of a linear layer of 32x64x48."""
    rng = np.random.default_rng(0)
    inputs = {"X": rng.normal(size=(32, 64)), "W": rng.normal(size=(64, 48))}
    inputs["b"] = rng.normal(size=48)
    cotangent = rng.normal(size=(32, 48))

    def forward(arrays: dict[str, Any]) -> Any:
        return arrays["X"] @ arrays["W"] + arrays["b"]

    def looped(name: str, weigh: Callable[[Any], Any]) -> Any:
        array, h = inputs[name].copy(), 1e-6
        moved = {**inputs, name: array}
        found = np.empty((*np.shape(weigh(forward(inputs))), *array.shape))
        for place in np.ndindex(array.shape):
            still = array[place]
            array[place] = still + h
            above = weigh(forward(moved))
            array[place] = still - h
            below = weigh(forward(moved))
            array[place] = still
            found[(..., *place)] = (above - below) / (2 * h)
        return found

    def compare(title: str, ours: Callable[[str], Any], weigh: Callable[[Any], Any]) -> None:
        fast = min(_seconds(lambda: [ours(name) for name in inputs]) for _ in range(9))
        slow = min(_seconds(lambda: [looped(name, weigh) for name in inputs]) for _ in range(9))
        print(f"{title}: {fast:.4f}, plain loop {slow:.3f}, {slow / fast:.0f} times")

    print("\nlinear 32x64x48, all three inputs: seconds of the processor, the best of nine")
    compare("Jacobians", lambda name: jacobian(forward, inputs, name), lambda output: output)
    compare(
        "gradients",
        lambda name: gradient(forward, inputs, name, cotangent),
        lambda output: (cotangent * output).sum(),
    )


def _seconds(action: Callable[[], Any]) -> float:
    """Of the processor: other programs that are running count for less."""
    began = time.process_time()
    action()
    return time.process_time() - began


def _judged(kind: Kind, seed: int, number: int, method: Any) -> tuple[float, int]:
    f, right = kind(np.random.default_rng([seed, KINDS.index(kind), number]))
    calls = 0

    def counted(t: Any) -> Any:
        nonlocal calls
        calls += np.size(t)
        return np.vectorize(f, otypes=[float])(t) if np.ndim(t) else f(t)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        error = abs(float(method(counted)) - right) / max(abs(right), 1e-300)
    return (error if np.isfinite(error) else np.inf), calls


def _ours(f: Any) -> Any:
    return slope(f).value


def _scipy() -> dict[str, Any]:
    try:
        from scipy.differentiate import derivative
    except ImportError:
        return {}
    return {"scipy.differentiate": lambda f: derivative(f, np.array(0.0)).df}


def _numdifftools() -> dict[str, Any]:
    try:
        import numdifftools
    except ImportError:
        return {}
    return {"numdifftools": lambda f: numdifftools.Derivative(f)(0.0)}


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word != "-q"]
    count, seed = (*numbers, *(1000, 0)[len(numbers) :])
    began = time.perf_counter()
    table(count, seed)
    if "-q" not in sys.argv:
        others(seed)
    jacobians()
    print(f"\n{time.perf_counter() - began:.0f} s")
