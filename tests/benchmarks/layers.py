"""The NumPy layers beside usual NumPy implementations and beside PyTorch: times of one run.

    python tests/benchmarks/layers.py                all layers of the table
    python tests/benchmarks/layers.py --only norm    those whose name has the word
    python tests/benchmarks/layers.py --json FILE    the figures in a file too

Everything is float64 on one thread. All take turns, so that a busy machine slows down all of them,
and the median of processor seconds counts. Ours keep nothing from forward to backward: a backward
pass computes again what it needs, where the others read it from what forward has kept. So there
are two times: until the gradients are known from the inputs, which takes our backward pass and both
passes of the others, and of both passes of all. gradcheck must be installed; without PyTorch its
columns stay empty.
"""

import argparse
import importlib.util
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import published

from gradcheck.checks.layers import load

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
BUDGET = 1.0  # seconds for one layer
TURNS = 201  # at most


@dataclass(frozen=True)
class Row:
    """A layer and its inputs; `torch` takes the module torch and the inputs as tensors.

    shapes   of the inputs; a pair (shape, n) is an array of integers below n
    options  what our passes take by name
    other    forward and backward pass of the usual NumPy implementation
    """

    layer: str
    shapes: dict[str, Any]
    other: str
    torch: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)
    backward: str = ""

    def inputs(self) -> list[Any]:
        rng = np.random.default_rng(0)
        drawn = []
        for shape in self.shapes.values():
            integers = len(shape) == 2 and isinstance(shape[0], tuple)
            normal = rng.normal(size=() if integers else shape) / np.sqrt(shape[-1])
            drawn.append(rng.integers(0, shape[1], shape[0]) if integers else normal)
        return drawn


def f(name: str, **options: Any) -> Callable[..., Any]:
    """A function of torch.nn.functional."""
    return lambda torch, *t: getattr(torch.nn.functional, name)(*t, **options)


def batch_norm(torch: Any, X: Any, weight: Any, bias: Any) -> Any:
    return torch.nn.functional.batch_norm(X, None, None, weight, bias, training=True)


def recurrent(kind: str) -> Callable[..., Any]:
    """One layer of torch.nn, in its own layout of the weights."""

    def run(torch: Any, x: Any, h0: Any, W_ih: Any, W_hh: Any, b: Any) -> Any:
        cell = getattr(torch._VF, kind)
        weights = (W_ih, W_hh, b, torch.zeros_like(b))
        return cell(x, h0[None], weights, True, 1, 0.0, True, False, False)[0]

    return run


IMAGES = {"X": (16, 8, 32, 32)}
SEQUENCE = {"x": (50, 16, 64), "h0": (16, 128), "W_ih": (128, 64), "W_hh": (128, 128), "b": (128,)}
NORM = {"X": (256, 512), "weight": (512,), "bias": (512,)}
ROWS = [
    Row("linear.rows", {"X": (64, 256), "W": (256, 256), "b": (256,)}, "linear", f("linear")),
    Row("activation.relu", {"X": (256, 512)}, "relu", f("relu")),
    Row("activation.sigmoid", {"X": (256, 512)}, "sigmoid", f("sigmoid")),
    Row("activation.tanh", {"X": (256, 512)}, "tanh", f("tanh")),
    Row("activation.gelu_tanh", {"X": (256, 512)}, "gelu_tanh", f("gelu", approximate="tanh")),
    Row("softmax", {"X": (256, 100)}, "softmax", f("softmax", dim=1)),
    Row("softmax", {"X": (256, 100)}, "softmax", f("softmax", dim=1),
        backward="softmax_jacobians_backward"),
    Row("cross_entropy.logits", {"X": (256, 1000), "y": ((256,), 1000)}, "cross_entropy",
        f("cross_entropy")),
    Row("mse_loss.mean", {"X": (256, 512), "T": (256, 512)}, "mse", f("mse_loss")),
    Row("batch_norm.train", NORM, "batch_norm", batch_norm),
    Row("layer_norm", NORM, "layer_norm",
        lambda torch, X, w, b: torch.nn.functional.layer_norm(X, (512,), w, b)),
    Row("embedding", {"idx": ((2048,), 1000), "weight": (1000, 128)}, "embedding", f("embedding")),
    Row("scaled_dot_product_attention.full", {"Q": (128, 64), "K": (128, 64), "V": (128, 64)},
        "attention", f("scaled_dot_product_attention")),
    Row("conv2d", {**IMAGES, "W": (16, 8, 3, 3), "b": (16,)}, "conv2d", f("conv2d", padding=1),
        {"padding": 1}),
    Row("max_pool2d", IMAGES, "max_pool2d", f("max_pool2d", kernel_size=2),
        {"kernel_size": 2, "stride": 2}),
    Row("rnn", SEQUENCE, "rnn", recurrent("rnn_tanh")),
]  # fmt: skip


def sides(row: Row) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """For each side a forward pass, and a backward pass of the latest forward.

    Raises AssertionError if their gradients differ: then there is nothing to compare.
    """
    inputs = row.inputs()
    ours = load(row.layer)
    other = getattr(published, row.other)
    back = getattr(published, row.backward or f"{row.other}_backward")
    output = ours.forward(*inputs, **row.options)
    cotangent = np.random.default_rng(1).normal(size=np.shape(output))
    state: dict[str, Any] = {}

    def forward_other() -> Any:
        out, state["cache"] = other(*inputs)
        return out

    found = {
        "ours": (
            lambda: ours.forward(*inputs, **row.options),
            lambda: ours.backward(cotangent, *inputs, **row.options),
        ),
        "usual": (forward_other, lambda: back(cotangent, state["cache"])),
    }
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        tensors = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]
        leaves = [t for t in tensors if t.requires_grad]

        def forward_torch() -> Any:
            state["out"] = row.torch(torch, *tensors)
            return state["out"]

        found["torch"] = (
            forward_torch,
            lambda: torch.autograd.grad(state["out"], leaves, torch.tensor(cotangent)),
        )
    for name, (forward, backward) in found.items():
        forward()
        for a, b in zip(backward(), found["ours"][1](), strict=True):
            error = np.abs(np.asarray(a) - b).max() / np.abs(b).max()
            assert error < 1e-9, f"{row.layer}: {name} has other gradients, by {error:.0e}"
    return found


def times(row: Row) -> dict[str, dict[str, float]]:
    """Median seconds until the gradients are known and of both passes, for each side."""
    found = sides(row)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in found}
    started = time.process_time()
    while len(taken["ours"]) < TURNS and time.process_time() - started < BUDGET:
        for name, (forward, backward) in found.items():
            begin = time.process_time()
            forward()
            between = time.process_time()
            backward()
            end = time.process_time()
            taken[name].append((end - (between if name == "ours" else begin), end - begin))
    return {
        name: {
            "gradients": statistics.median(g for g, _ in runs),
            "both": statistics.median(b for _, b in runs),
        }
        for name, runs in taken.items()
    }


def main() -> None:
    """Measure what the command line asks for."""
    if not ONE_THREAD.items() <= os.environ.items():  # read when NumPy is imported: start again
        os.execve(sys.executable, sys.orig_argv, os.environ | ONE_THREAD)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--json", type=Path, metavar="FILE")
    asked = parser.parse_args()
    print("How many times as long as ours (more than 1: ours is faster)\n")
    print(f"{'':36}{'ours, ms':>20}{'usual NumPy':>20}{'PyTorch':>20}")
    print(f"{'':36}" + 3 * f"{'gradients':>12}{'both':>8}")
    found = []
    for row in (r for r in ROWS if asked.only in r.layer):
        measured = times(row)
        ours = measured["ours"]
        name = row.layer + (" (Jacobians)" if "jacobians" in row.backward else "")
        line = f"{name:36}{1e3 * ours['gradients']:12.3f}{1e3 * ours['both']:8.3f}"
        for other in ("usual", "torch"):
            for what, width in (("gradients", 12), ("both", 8)):
                known = other in measured
                line += f"{measured[other][what] / ours[what]:{width}.2f}" if known else " " * width
        print(line, flush=True)
        found.append({"layer": name, "shapes": str(row.shapes), **measured})
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
