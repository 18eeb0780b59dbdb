"""Gradient checkers that ours is measured against, each behind the same small interface.

Each takes a layer to its run, which says what is wrong in the words of the checker, or nothing.
Packages are imported when a checker is built, and one whose package is missing never is.
"""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from peer_turns import Calls, Checker, Run
from workloads import Layer

from gradcheck.checks.gradient.function import pair


def _says(check: Callable[[], Any]) -> Run:
    """A run of a checker that raises: the text of what it raises."""

    def run() -> str:
        try:
            check()
        except Exception as error:  # each has its own class, and some raise AssertionError
            return str(error) or type(error).__name__
        return ""

    return run


def limit(layer: Layer) -> tuple[Run, Calls]:
    """The least that any check needs: two points in one forward call, and one backward call."""
    calls = Calls(layer)
    inputs = [*layer.inputs.values()]
    rng = np.random.default_rng(1)
    cotangent = rng.normal(size=calls.forward(*inputs).shape)
    directions = [rng.normal(size=a.shape) for a in inputs]
    step = 1e-5

    def run() -> str:
        points = [
            np.stack((a + step * u, a - step * u)) for a, u in zip(inputs, directions, strict=True)
        ]
        above, below = calls.forward(*points)
        slope = ((above - below) * cotangent).sum() / (2 * step)
        gradients = calls.backward(cotangent, *inputs)
        product = sum((g * u).sum() for g, u in zip(gradients, directions, strict=True))
        return "" if abs(slope - product) < 1e-4 * (1 + abs(slope)) else f"{slope} {product}"

    return run, calls


def ours(layer: Layer, seed: int = 0, full: bool = False) -> tuple[Run, Calls]:
    """What gradcheck does by default; in full, it compares whole Jacobians too."""
    from gradcheck.checks.gradient.check import check_function

    calls = Calls(layer)

    def forward(**inputs: Any) -> Any:
        return calls.forward(*inputs.values())

    def backward(cotangent: Any, **inputs: Any) -> Any:
        return calls.backward(cotangent, *inputs.values())

    def run() -> str:
        checked = check_function(pair(forward, backward, layer.inputs), seed=seed, full=full)
        wrong = [f for f in checked.findings if not f.ok]
        return "\n".join(f"{f.message} [{f.code}]" for f in wrong)

    return run, calls


def torch_gradcheck(layer: Layer, fast: bool = False) -> tuple[Run, Calls]:
    import torch

    torch.set_num_threads(1)
    calls = Calls(layer, torch)

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *inputs: Any) -> Any:
            ctx.save_for_backward(*inputs)
            return calls.forward(*inputs)

        @staticmethod
        def backward(ctx: Any, cotangent: Any) -> Any:
            return calls.backward(cotangent, *ctx.saved_tensors)

    inputs = [torch.tensor(a, requires_grad=True) for a in layer.inputs.values()]
    check = torch.autograd.gradcheck
    return _says(lambda: check(Wrapped.apply, inputs, fast_mode=fast)), calls


def torch_verdict(layer: Layer) -> tuple[Run, Calls]:
    """Fast mode without its text: a failure would compute the whole Jacobians for it."""
    gradcheck: Any = importlib.import_module("torch.autograd.gradcheck")
    gradcheck._run_slow_mode_and_get_error = lambda *a, **k: ""
    return torch_gradcheck(layer, fast=True)


def jax_check_grads(layer: Layer, compiled: bool = False) -> tuple[Run, Calls]:
    import jax
    import jax.numpy
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    calls = Calls(layer, jax.numpy, jax.jit if compiled else lambda function: function)

    @jax.custom_vjp
    def wrapped(*inputs: Any) -> Any:
        return calls.forward(*inputs)

    wrapped.defvjp(
        lambda *inputs: (calls.forward(*inputs), inputs),
        lambda inputs, cotangent: tuple(calls.backward(cotangent, *inputs)),
    )
    inputs = tuple(jax.numpy.asarray(a) for a in layer.inputs.values())
    return _says(lambda: check_grads(wrapped, inputs, order=1, modes=["rev"])), calls


def autograd_check_grads(layer: Layer) -> tuple[Run, Calls]:
    from autograd.extend import defvjp_argnums, primitive
    from autograd.test_util import check_grads

    calls = Calls(layer)
    wrapped = primitive(calls.forward)

    def pull_back(argnums: Any, output: Any, inputs: Any, options: Any) -> Any:
        def back(cotangent: Any) -> Any:
            gradients = calls.backward(cotangent, *inputs)
            return [gradients[i] for i in argnums]

        return back

    defvjp_argnums(wrapped, pull_back)
    inputs = [*layer.inputs.values()]
    every = tuple(range(len(inputs)))  # by default it would look at the first only
    return _says(lambda: check_grads(wrapped, argnum=every, modes=["rev"], order=1)(*inputs)), calls


def scipy_check_grad(layer: Layer, direction: str = "random") -> tuple[Run, Calls]:
    """SciPy gives the norm of the difference and no verdict; the bound on it is ours."""
    from scipy.optimize import check_grad

    calls = Calls(layer)
    flat, parts = _flattened(layer)
    cotangent = np.random.default_rng(1).normal(size=calls.forward(*parts(flat)).shape)

    def value(point: Any) -> float:
        return float((calls.forward(*parts(point)) * cotangent).sum())

    def gradient(point: Any) -> Any:
        return np.concatenate([g.ravel() for g in calls.backward(cotangent, *parts(point))])

    def run() -> str:
        rng = np.random.default_rng(0)
        error = check_grad(value, gradient, flat, direction=direction, rng=rng)
        return str(error) if error > 1e-2 else ""

    return run, calls


def _flattened(layer: Layer) -> tuple[Any, Callable[[Any], list[Any]]]:
    """All inputs in one vector, and the way back."""
    shapes = [a.shape for a in layer.inputs.values()]
    cuts = np.cumsum([a.size for a in layer.inputs.values()])[:-1]

    def parts(flat: Any) -> list[Any]:
        return [p.reshape(s) for p, s in zip(np.split(flat, cuts), shapes, strict=True)]

    return np.concatenate([a.ravel() for a in layer.inputs.values()]), parts


def naive_loop(layer: Layer) -> tuple[Run, Calls]:
    """As courses teach it: every entry moved to both sides, against a random cotangent."""
    calls = Calls(layer)
    cotangent = np.random.default_rng(1).normal(
        size=layer.forward(np, *layer.inputs.values()).shape
    )

    def run() -> str:
        inputs = [a.copy() for a in layer.inputs.values()]
        gradients = calls.backward(cotangent, *inputs)
        worst = 0.0
        for gradient, slopes in zip(gradients, _slopes(calls, inputs, cotangent), strict=True):
            scale = np.maximum(1e-8, np.abs(slopes) + np.abs(gradient))
            worst = max(worst, float((np.abs(slopes - gradient) / scale).max()))
        return f"relative error {worst}" if worst > 1e-1 else ""

    return run, calls


def naive_jacobian(layer: Layer) -> tuple[Run, Calls]:
    """Whole Jacobians: every entry moved to both sides, and one backward pass per output entry."""
    calls = Calls(layer)

    def run() -> str:
        inputs = [a.copy() for a in layer.inputs.values()]
        numerical = [np.stack([*_columns(calls, inputs, a)]) for a in inputs]
        shape = calls.forward(*inputs).shape
        rows = (calls.backward(unit, *inputs) for unit in _units(shape))
        for row, gradients in enumerate(rows):
            for columns, gradient in zip(numerical, gradients, strict=True):
                columns[:, row] -= gradient.ravel()
        worst = max(float(np.abs(difference).max()) for difference in numerical)
        return f"error {worst}" if worst > 1e-4 else ""

    return run, calls


def _slopes(calls: Calls, inputs: list[Any], cotangent: Any) -> Iterator[Any]:
    for a in inputs:
        columns = _columns(calls, inputs, a)
        yield np.array([column @ cotangent.ravel() for column in columns]).reshape(a.shape)


def _columns(calls: Calls, inputs: list[Any], moved: Any, step: float = 1e-5) -> Iterator[Any]:
    """The slopes of all outputs along every entry of one input."""
    flat = moved.reshape(-1)
    for i, value in enumerate(flat.copy()):
        flat[i] = value + step
        above = calls.forward(*inputs)
        flat[i] = value - step
        below = calls.forward(*inputs)
        flat[i] = value
        yield ((above - below) / (2 * step)).ravel()


def _units(shape: tuple[int, ...]) -> Iterator[Any]:
    """Cotangents that are 1 at one entry of the output."""
    for index in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[index] = 1.0
        yield unit


LIMIT = Checker("limit (2 forwards, 1 backward)", limit)
OURS = Checker("gradcheck", ours)
OURS_FULL = Checker("gradcheck, full", partial(ours, full=True))
TORCH = Checker("torch gradcheck", torch_gradcheck, "torch", passing=4, failing=4)
TORCH_FAST = Checker(
    "torch gradcheck, fast", partial(torch_gradcheck, fast=True), "torch", failing=4
)
TORCH_VERDICT = Checker("torch gradcheck, fast", torch_verdict, "torch")
JAX = Checker("jax check_grads", jax_check_grads, "jax")
JAX_JIT = Checker("jax check_grads, jit", partial(jax_check_grads, compiled=True), "jax")
AUTOGRAD = Checker("autograd check_grads", autograd_check_grads, "autograd")
SCIPY = Checker("scipy check_grad, random", scipy_check_grad, "scipy")
SCIPY_ALL = Checker("scipy check_grad, all", partial(scipy_check_grad, direction="all"), "scipy")
NAIVE = Checker("naive loop", naive_loop)
NAIVE_JACOBIAN = Checker("naive loop", naive_jacobian, passing=1, failing=1)
