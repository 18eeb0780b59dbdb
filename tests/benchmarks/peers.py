"""Our checker and others, side by side in one run: time, sensitivity, memory.

    python tests/benchmarks/peers.py                times of a passing check, six layers
    python tests/benchmarks/peers.py --failing      time until a wrong gradient is reported, and how
    python tests/benchmarks/peers.py --sensitivity  the smallest error that is noticed
    python tests/benchmarks/peers.py --blind        are gross errors noticed at any size?
    python tests/benchmarks/peers.py --memory       memory on the large layer
    python tests/benchmarks/peers.py --jacobian     whole Jacobians

With --json FILE the figures are written to a file, --only WORD takes the layers whose name has the
word, --quick repeats less. Everything is float64 on one thread. Times are processor seconds;
checkers take turns, so that a busy machine slows down all of them, and the median counts. The limit
is the least that any check needs: two points in one forward call, one backward call, and their
comparison. gradcheck must be installed; a checker whose package is not installed is left out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import peer_checkers as peers
from peer_turns import MOST_MEMORY, Checker, Taken, in_turns, peak, usable
from workloads import Layer, layer_norm, linear, one_entry, scaled, softmax, workloads

PASSING = [
    peers.LIMIT,
    peers.OURS,
    peers.TORCH,
    peers.TORCH_FAST,
    peers.JAX,
    peers.JAX_JIT,
    peers.AUTOGRAD,
    peers.SCIPY,
    peers.SCIPY_ALL,
    peers.NAIVE,
]
FAILING = [peers.OURS, peers.TORCH, peers.TORCH_FAST, peers.JAX_JIT, peers.AUTOGRAD]
NOTICING = [peers.OURS, peers.TORCH, peers.TORCH_VERDICT, peers.JAX, peers.AUTOGRAD]
QUICK_TO_RUN = [peers.OURS, peers.TORCH_VERDICT, peers.JAX, peers.AUTOGRAD]
WITH_MEMORY = [peers.OURS, peers.TORCH_FAST, peers.JAX, peers.AUTOGRAD]
JACOBIANS = [peers.OURS_FULL, peers.TORCH, peers.NAIVE_JACOBIAN]

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
ONE_THREAD["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

SEEDS = range(5)
ERRORS = 10.0 ** np.arange(-9, 3.1, 0.5)  # from below what rounding hides to a thousandfold
LARGEST_FOR_SLOW = 1000  # input entries: torch's slow mode takes a second per check beyond


def passing(layers: list[Layer], budget: float) -> list[Taken]:
    """Times of a check of a right gradient."""
    taken = []
    for layer in layers:
        print(f"\n{layer.name}: {layer.entries} input entries, {layer.outputs} output entries")
        print(f"{'':32}{'seconds':>10}{'x limit':>9}{'outside':>10}  forwards  backwards  runs")
        found = in_turns(layer, PASSING, budget)
        for one in found:
            print(
                f"{one.checker:32}{one.seconds:10.6f}{one.seconds / found[0].seconds:9.1f}"
                f"{one.outside:10.6f}{one.forwards:10}{one.backwards:11}{one.runs:6}"
                + ("   says: " + _first_line(one.says) if one.says else "")
            )
        taken += found
    return taken


def failing(layers: list[Layer], budget: float) -> list[Taken]:
    """Times until a wrong gradient is reported, and what is said."""
    taken = []
    for layer in layers:
        kinds = {
            "1.5 times too large": scaled(layer, 1.5),
            "one entry wrong": one_entry(layer, 1.0),
        }
        for kind, wrong in kinds.items():
            print(f"\n{layer.name}, first gradient {kind}")
            found = in_turns(replace(wrong, name=f"{layer.name}, {kind}"), FAILING, budget, True)
            for one in found:
                said = f"{len(one.says)} characters: {_first_line(one.says)}"
                print(
                    f"  {one.checker:24}{one.seconds:9.5f} s  {one.forwards:6} forwards  ", end=""
                )
                print(said if one.says else "NOT NOTICED")
            taken += found
    return taken


def jacobians(layers: list[Layer], budget: float) -> list[Taken]:
    """Times for whole Jacobians."""
    taken = []
    for layer in layers:
        print(f"\n{layer.name}: Jacobians of {layer.jacobian_bytes / 1e6:.0f} MB")
        found = in_turns(layer, JACOBIANS, budget)
        for one in found:
            print(
                f"  {one.checker:24}{one.seconds:9.5f} s  {one.forwards:6} forwards "
                f"{one.backwards:6} backwards  {_first_line(one.says)}"
            )
        taken += found
    return taken


def sensitivity() -> list[dict[str, Any]]:
    """The smallest error in dW of a linear layer that is noticed, over some seeds."""
    sizes = [(4, 6, 5), (16, 24, 20), (32, 64, 48), (64, 256, 256)]
    kinds = {
        "every entry": lambda la, e: scaled(la, 1 + e, 1),
        "one entry": partial(one_entry, which=1),
    }
    found = []
    for size in sizes:
        for checker in usable(NOTICING):
            if checker is peers.TORCH and linear(*size).entries > LARGEST_FOR_SLOW:
                continue
            for kind, wrong in kinds.items():
                least = [_least_noticed(checker, linear(*size, seed=s), wrong, s) for s in SEEDS]
                name = "x".join(map(str, size))
                found.append({"size": name, "checker": checker.name, "kind": kind, "least": least})
                said = (
                    f"{statistics.median(least):.0e} (worst of {len(SEEDS)} seeds {max(least):.0e})"
                )
                print(f"linear {name:12} {checker.name:24} {kind:12} {said}", flush=True)
    return found


def _least_noticed(checker: Checker, layer: Layer, wrong: Any, seed: int) -> float:
    np.random.seed(seed)  # noqa: NPY002  autograd draws from it
    options = {"seed": seed} if checker is peers.OURS else {}
    noticed = (e for e in ERRORS if checker.build(wrong(layer, e), **options)[0]())
    return float(next(noticed, np.inf))


def blind() -> list[dict[str, Any]]:
    """Gross errors in the gradient by the first input, at growing sizes."""
    factors = {"x1.01": 1.01, "x1.5": 1.5, "x2": 2.0, "zero": 0.0, "sign": -1.0, "x10": 10.0}
    found = []
    for make in (softmax, layer_norm):
        for shape in ((4, 5), (8, 16), (16, 32), (32, 64), (64, 128), (128, 1000)):
            for checker in usable(QUICK_TO_RUN):
                wrong = {name: scaled(make(*shape), factor) for name, factor in factors.items()}
                missed = [name for name, layer in wrong.items() if not checker.build(layer)[0]()]
                layer = make(*shape).name
                found.append({"layer": layer, "checker": checker.name, "missed": missed})
                said = "misses " + ", ".join(missed) if missed else f"notices all {len(factors)}"
                print(f"{layer:20} {checker.name:24} {said}", flush=True)
    return found


def memory() -> list[dict[str, Any]]:
    """The peak memory beyond what was there before, each in a process of its own (Linux)."""
    found = []
    layer = linear(64, 256, 256)
    for checker in usable(WITH_MEMORY):
        for wrong in (False, True):
            kind = "wrong gradient" if wrong else "right gradient"
            if checker.bytes_for(layer, wrong) > MOST_MEMORY:
                extra = None
                said = f"needs {checker.bytes_for(layer, wrong) / 1e9:.0f} GB"
            else:
                words = [sys.executable, __file__, "--peak", checker.name, str(int(wrong))]
                extra = int(
                    subprocess.run(words, check=True, capture_output=True, text=True).stdout
                )
                said = f"{extra / 1e6:.1f} MB"
            found.append({"checker": checker.name, "kind": kind, "bytes": extra})
            print(f"{layer.name} {checker.name:24} {kind}: {said}", flush=True)
    return found


def _peak(checker: Checker, wrong: bool) -> int:
    """The memory of a run on the large layer; one on a small layer has loaded all code before."""
    bad = partial(scaled, factor=1.5) if wrong else (lambda layer: layer)
    checker.build(bad(linear(4, 6, 5)))[0]()
    return peak(checker.build(bad(linear(64, 256, 256)))[0])


def _first_line(text: str) -> str:
    line = text.strip().split("\n")[0]
    return line if len(line) <= 100 else line[:99] + "…"


def main() -> None:
    """Measure what the command line asks for."""
    if not ONE_THREAD.items() <= os.environ.items():  # read when NumPy is imported: start again
        os.execve(sys.executable, sys.orig_argv, os.environ | ONE_THREAD)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for word in ("failing", "sensitivity", "blind", "memory", "jacobian", "quick"):
        parser.add_argument(f"--{word}", action="store_true")
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--peak", nargs=2, help=argparse.SUPPRESS)  # one process of --memory
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    if asked.peak:
        name, wrong = asked.peak
        print(_peak(next(c for c in WITH_MEMORY if c.name == name), wrong == "1"))
        return
    layers = [layer for layer in workloads() if asked.only in layer.name]
    budget = 0.5 if asked.quick else 3.0  # seconds for one checker on one layer
    found: list[Any]
    if asked.sensitivity:
        found = sensitivity()
    elif asked.blind:
        found = blind()
    elif asked.memory:
        found = memory()
    elif asked.failing:
        found = failing(layers, budget)
    elif asked.jacobian:
        found = jacobians([la for la in layers if la.jacobian_bytes < MOST_MEMORY], budget)
    else:
        found = passing(layers, budget)
    if asked.json:
        lines = [vars(f) if isinstance(f, Taken) else f for f in found]
        asked.json.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
