"""Layers into which an error was planted, and what the code behind `run.check` finds in them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from gradcheck.checks import one_layer
from gradcheck.checks.gradient.finding import Outcome
from gradcheck.checks.layers import Layer, load
from gradcheck.checks.points import Point, cases, draw
from gradcheck.checks.verdict import LayerFinding, LayerReport, Tolerance
from gradcheck.derivations.notation import Chain

Pass = Callable[..., Any]  # a forward or a backward pass
Changes = Mapping[int, Callable[[Any], Any]]  # by number of the step, counted from 1


def drawn(name: str, seed: int = 0, **sizes: int) -> tuple[Point, ...]:
    """The points where a layer is tried."""
    layer = load(name)
    return tuple(draw(layer, case) for case in cases(layer, seed, sizes))


points = cache(drawn)


def gradients(layer: Layer) -> tuple[str, ...]:
    """The names of the inputs that have a gradient."""
    return tuple(t.name for t in layer.symbolic.differentiable)


def judged(
    layer: Layer, at: tuple[Point, ...], tolerance: Tolerance | None = None
) -> list[LayerFinding]:
    """What is found at some points, whatever the layer does to its arguments."""
    kept = [replace(p, cotangent=p.cotangent.copy()) for p in at]
    allowed = tolerance or Tolerance()
    return [f for p in kept for f in one_layer.check_case(layer, p, gradients(layer), allowed)]


def accused(layer: Layer, at: tuple[Point, ...]) -> list[LayerFinding]:
    """Of what is found at some points, what is not right."""
    return [f for f in judged(layer, at) if not f.ok]


def found(finding: LayerFinding) -> str:
    """What was found, in the words of a table: `shape transposed`, `value`, `inconclusive`."""
    if finding.code in ("forward", "raises", "shape", "dtype"):
        return finding.code
    if finding.verdict is Outcome.INCONCLUSIVE:
        return "inconclusive"
    return " ".join(filter(None, ("shape" if finding.got_shape else "value", finding.code)))


def report(layer: Layer) -> LayerReport:
    """All findings about a layer, its written steps among them."""
    return one_layer.check_layer(layer, gradients(layer), 0, {}, Tolerance())


def with_gradient(name: str, wrt: str, wrong: Callable[[Any], Any]) -> Layer:
    """A layer whose backward pass gives `wrong(values)` for the gradient by one input.

    `values` has the cotangent, the inputs and the right gradients by name: v.dY, v.X, v.dX.
    """
    layer = load(name)
    names = [f"d{layer.symbolic.output.name}", *(t.name for t in layer.symbolic.inputs)]
    wanted = [f"d{n}" for n in gradients(layer)]

    def backward(*args: Any, **options: Any) -> tuple[Any, ...]:
        right = dict(zip(wanted, layer.backward(*args, **options), strict=True))
        values = SimpleNamespace(**dict(zip(names, args, strict=True)), **right)
        return tuple({**right, f"d{wrt}": wrong(values)}.values())

    return replace(layer, backward=backward)


def with_backward(name: str, wrong: Callable[[Pass], Pass]) -> Layer:
    """A layer with the backward pass that `wrong` makes of the right one."""
    layer = load(name)
    return replace(layer, backward=wrong(layer.backward))


def with_forward(name: str, wrong: Callable[[Pass], Pass]) -> Layer:
    """A layer with the forward pass that `wrong` makes of the right one."""
    layer = load(name)
    return replace(layer, forward=wrong(layer.forward))


def with_formula(name: str, **changes: Any) -> Layer:
    """A layer whose symbolic side differs: `with_formula("softmax", forward=...)`."""
    layer = load(name)
    return replace(layer, symbolic=replace(layer.symbolic, **changes))


def with_derivation(name: str, wrt: str, change: Callable[[Any], Any]) -> Layer:
    """A layer with the derivation by one input that `change` makes of the right one."""
    derivations = {d.input: d for d in load(name).symbolic.derivations}
    derivations[wrt] = change(derivations[wrt])
    return with_formula(name, derivations=tuple(derivations.values()))


def with_steps(name: str, wrt: str, number: int, wrong: Changes) -> Layer:
    """A layer with wrong steps in one chain, whose number counts from 1, as in a report."""

    def change(derivation: Any) -> Any:
        chains = list(derivation.chains)
        chains[number - 1] = _with_steps(chains[number - 1], wrong)
        return replace(derivation, chains=tuple(chains))

    return with_derivation(name, wrt, change)


def _with_steps(chain: Chain, wrong: Changes) -> Chain:
    steps = list(chain.steps)
    for place, change in wrong.items():
        steps[place - 1] = replace(steps[place - 1], expr=change(steps[place - 1].expr))
    return replace(chain, steps=tuple(steps))
