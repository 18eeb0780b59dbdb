"""How long the index calculus takes: gradients derived, hand-written gradients and steps proved.

    python tests/benchmarks/index_calculus.py [RUNS] [--json]

Every run makes new objects, which remember nothing of the one before; the least time of all runs
counts, in milliseconds. To derive a gradient is to find the body of every tensor on the way from
the output back to the input, in normal form. To prove one is to show that a formula written by hand
is equal to it for all sizes. For comparison, importing SymPy is timed in a process of its own.
gradcheck must be installed.
"""

import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # helpers of the tests

from calculus.normal_layers import CASES, Case, mlp
from calculus.normal_values import reader
from sympy import Idx

from gradcheck.checks import layers
from gradcheck.checks.steps import check_steps
from gradcheck.derivations.calculus.normal.poly import Entry, Poly, atoms_of
from gradcheck.derivations.calculus.normal.prove import Prover
from gradcheck.derivations.calculus.terms import Setting
from gradcheck.derivations.notation import Sum, axis, tensor
from gradcheck.derivations.notation.formula import Formula, unwrap

DEPTHS = (1, 2, 5, 10, 20)
TARGET_OF_THE_SLOWEST = ("layer norm", "attention", "attention, causal", "conv1d")


@dataclass(frozen=True)
class Time:
    """What was timed, the least time of some runs, and whether it was derived or proved at all."""

    group: str
    name: str
    milliseconds: float
    done: bool = True


def derived(setting: Setting, output: str, name: str) -> list[Poly]:
    """The gradient by one input: the bodies of all gradients that it is made of."""
    gradients = reader(setting)
    first = gradients.gradient(f"d{output}", output, name)
    found: dict[str, Poly] = {}
    more = [first.name]
    while more:
        tensor_name = more.pop()
        if tensor_name not in found and gradients.is_gradient(tensor_name):
            _, found[tensor_name] = gradients.body(tensor_name)
            entries = (a for a in atoms_of(found[tensor_name]) if isinstance(a, Entry))
            more += [e.tensor.name for e in entries]
    return [*found.values()]


def least(runs: int, action: Callable[[], Any]) -> tuple[float, Any]:
    """The least time in milliseconds, and what the action gave."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        result = action()
        times.append(1000 * (time.perf_counter() - started))
    return min(times), result


def gradients(runs: int) -> Iterator[Time]:
    """All gradients of all layers, our own and others."""
    for name in layers.names():
        symbolic = layers.load(name).symbolic
        yield from _gradients_of(runs, name, symbolic)
    for case in CASES:
        yield from _gradients_of(runs, case.name, case.layer)


def _gradients_of(runs: int, name: str, layer: Any) -> Iterator[Time]:
    for given in layer.differentiable:
        taken, found = least(runs, lambda g=given: _derived(layer, g.name))
        yield Time("gradient derived", f"{name}, d{given.name}", taken, found is not None)


def _derived(layer: Any, name: str) -> list[Poly] | None:
    try:
        return derived(layer.setting, layer.output.name, name)
    except (NotImplementedError, ArithmeticError):
        return None


def proofs(runs: int) -> Iterator[Time]:
    """Gradients written by hand."""
    for case in CASES:
        for name, (entry, written) in case.gradients.items():
            taken, proof = least(runs, lambda c=case, e=entry, w=written: _proof(c, e, w))
            yield Time("gradient proved", f"{case.name}, {name}", taken, proof is not None)


def _proof(case: Case, entry: Any, written: Any) -> Any:
    try:
        return Prover(case.layer.setting).prove(entry, written)
    except NotImplementedError:
        return None


def steps(runs: int) -> Iterator[Time]:
    """All written steps of every layer, as `gradcheck NAME --steps` checks them."""
    for name in layers.names():
        layer = layers.load(name)
        inputs = tuple(t.name for t in layer.symbolic.differentiable)
        taken, checks = least(runs, lambda la=layer, i=inputs: check_steps(la, i))
        proved = all(c.verdict.status.value == "PROVED" for c in checks)
        yield Time("steps checked", f"{name}, {len(checks)} steps", taken, proved)


def deep(runs: int) -> Iterator[Time]:
    """The gradient by the first weight of networks of growing depth."""
    for depth in DEPTHS:
        layer = mlp(depth).layer
        taken, _ = least(runs, lambda la=layer: derived(la.setting, la.output.name, "W1"))
        yield Time("depth", f"{depth}", taken)


def traces(runs: int) -> Iterator[Time]:
    """The trace of a power of a matrix, its factors and letters in another order."""
    i, j = axis("N", "i j")
    A = tensor("A", i, j)
    setting = Setting(indices={"A": (i, j)})
    for power in (2, 4, 8):
        letters = [Idx(f"l{k}", i.args[1]) for k in range(power)]
        one, other = (_trace(A, order) for order in (letters, [*letters[1::2], *letters[::2]]))
        taken, proof = least(runs, lambda a=one, b=other: Prover(setting).prove(a, b))
        yield Time("trace", f"tr A^{power}", taken, proof is not None)


def _trace(A: Any, letters: list[Any]) -> Any:
    pairs = zip(letters, [*letters[1:], letters[0]], strict=True)
    return unwrap(Sum(math.prod((A[p] for p in pairs), start=Formula(unwrap(1))), *letters))


def importing_sympy(runs: int) -> float:
    """Milliseconds that a process takes to import SymPy."""
    command = [sys.executable, "-c", "import sympy"]
    return least(runs, lambda: subprocess.run(command, check=True))[0]


def main(words: list[str]) -> None:
    """Print all times, or as JSON."""
    numbers = [int(w) for w in words if not w.startswith("-")]
    runs = numbers[0] if numbers else 5
    baseline = importing_sympy(runs)
    found = [t for part in (gradients, proofs, steps, deep, traces) for t in part(runs)]
    if "--json" in words:
        times = [vars(t) for t in found]
        print(json.dumps({"import sympy": baseline, "times": times}, ensure_ascii=False, indent=1))
        return
    print(f"importing SymPy: {baseline:.0f} ms; least of {runs} runs each")
    for t in found:
        failed = "" if t.done else "  FAILED"
        print(f"{t.group:17} {t.name:38} {t.milliseconds:8.2f} ms{failed}")
    _summary(found, baseline)


def _summary(found: list[Time], baseline: float) -> None:
    for group in ("gradient derived", "gradient proved", "steps checked"):
        times = {t.name: t.milliseconds for t in found if t.group == group and t.done}
        slowest = max(times, key=lambda name: times[name])
        print(
            f"{group}: {len(times)}, median {statistics.median(times.values()):.2f} ms, "
            f"slowest {times[slowest]:.1f} ms ({slowest}), "
            f"all {sum(times.values()) / baseline:.2f} times importing SymPy"
        )
    wanted = {
        t.name: t.milliseconds
        for t in found
        if t.group == "gradient derived"
        and t.done
        and t.name.rsplit(", ", 1)[0] in TARGET_OF_THE_SLOWEST
    }
    name = max(wanted, key=lambda n: wanted[n])
    print(f"slowest of layer norm, attention, conv1d: {wanted[name]:.1f} ms ({name})")
    depth = {int(t.name): t.milliseconds for t in found if t.group == "depth"}
    first, last = 5, max(depth)
    ratio = depth[last] / depth[first]
    print(f"an MLP {last // first} times as deep takes {ratio:.1f} times as long")


if __name__ == "__main__":
    main(sys.argv[1:])
