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
import published_recurrent
import published_windows

from gradcheck.checks.layers import load

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
BUDGET = 1.0  # seconds for one layer
TURNS = 201  # at most
USUAL = {**vars(published), **vars(published_windows), **vars(published_recurrent)}


@dataclass(frozen=True)
class Row:
    """A layer and its inputs; `torch` takes the module torch and the inputs as tensors.

    shapes   of the inputs; a pair (shape, n) is an array of integers below n
    options  what the passes of all sides take by name
    other    the usual NumPy implementation
    note     on it; with "Jacobians" its backward pass is the one by them
    """

    layer: str
    shapes: dict[str, Any]
    other: str
    torch: Callable[..., Any]
    options: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def sizes(self) -> str:
        """The shape of the first input."""
        shape = next(iter(self.shapes.values()))
        return "x".join(map(str, shape[0] if isinstance(shape[0], tuple) else shape))

    def inputs(self) -> list[Any]:
        rng = np.random.default_rng(0)
        drawn = []
        for shape in self.shapes.values():
            integers = len(shape) == 2 and isinstance(shape[0], tuple)
            if integers:
                drawn.append(rng.integers(0, shape[1], shape[0]))
            else:
                drawn.append(rng.normal(size=shape) / np.sqrt(shape[-1]))
        return drawn


def f(name: str, **options: Any) -> Callable[..., Any]:
    """A function of torch.nn.functional."""
    return lambda torch, *t, **o: getattr(torch.nn.functional, name)(*t, **options, **o)


def batch_norm(torch: Any, X: Any, weight: Any, bias: Any) -> Any:
    return torch.nn.functional.batch_norm(X, None, None, weight, bias, training=True)


def recurrent(kind: str) -> Callable[..., Any]:
    """One layer of torch.nn, in its own layout of the weights."""

    def run(torch: Any, x: Any, h0: Any, W_ih: Any, W_hh: Any, b: Any) -> Any:
        cell = getattr(torch._VF, kind)
        weights = (W_ih, W_hh, b, torch.zeros_like(b))
        return cell(x, h0[None], weights, True, 1, 0.0, True, False, False)[0]

    return run


def gated(torch: Any, kind: str, x: Any, states: Any, *weights: Any) -> Any:
    return getattr(torch._VF, kind)(x, states, weights, True, 1, 0.0, True, False, False)[0]


def group_norm(torch: Any, X: Any, weight: Any, bias: Any) -> Any:
    flat = X.flatten(1), X.shape[1], weight.flatten(), bias.flatten()
    return torch.nn.functional.group_norm(*flat).reshape(X.shape)


def heads(torch: Any, X: Any, W_in: Any, b_in: Any, W_out: Any, b_out: Any) -> Any:
    weights = W_in.flatten(0, 2), b_in.flatten(), None, None, False, 0.0, W_out.flatten(1), b_out
    run = torch.nn.functional.multi_head_attention_forward
    return run(X, X, X, X.shape[1], len(W_in[0]), *weights, need_weights=False)[0]


def matrix(*shape: int) -> dict[str, Any]:
    return {"X": shape}


def filters(*shape: int) -> dict[str, Any]:
    return {"weight": shape, "bias": shape[:1]}


def units(gates: int, bias: int = 2) -> dict[str, Any]:
    """Weights of a recurrent layer of 64 features and 128 units."""
    weights = {"W_ih": (128 * gates, 64), "W_hh": (128 * gates, 128)}
    return weights | {f"b{k}": (128 * gates,) for k in range(bias)}


WIDE, IMAGES = matrix(256, 512), matrix(16, 8, 32, 32)
NORM = WIDE | {"weight": (512,), "bias": (512,)}
SEQUENCE = {"x": (50, 16, 64), "h0": (16, 128)}
POOL = {"kernel_size": 2, "stride": 2}
ROWS = [
    Row("linear.rows", matrix(64, 256) | filters(256, 256), "linear", f("linear")),
    Row("activation.relu", WIDE, "relu", f("relu")),
    Row("activation.sigmoid", WIDE, "sigmoid", f("sigmoid")),
    Row("activation.tanh", WIDE, "tanh", f("tanh")),
    Row("activation.silu", WIDE, "silu", f("silu")),
    Row("activation.gelu_tanh", WIDE, "gelu_tanh", f("gelu", approximate="tanh")),
    Row("activation.gelu", WIDE, "gelu", f("gelu")),
    Row("softmax", matrix(256, 100), "softmax", f("softmax", dim=1)),
    Row("softmax", matrix(256, 100), "softmax", f("softmax", dim=1), note="Jacobians"),
    Row("log_softmax", matrix(256, 100), "log_softmax", f("log_softmax", dim=1)),
    Row("cross_entropy.logits", {"X": (256, 1000), "y": ((256,), 1000)}, "cross_entropy",
        f("cross_entropy")),
    Row("binary_cross_entropy_with_logits.mean", WIDE | {"T": (256, 512)}, "bce_with_logits",
        f("binary_cross_entropy_with_logits")),
    Row("mse_loss.mean", WIDE | {"T": (256, 512)}, "mse", f("mse_loss")),
    Row("dropout", WIDE | {"mask": ((256, 512), 2)}, "dropout",
        lambda torch, X, mask, p: X * mask / (1 - p), {"p": 0.3}),
    Row("batch_norm.train", NORM, "batch_norm", batch_norm),
    Row("layer_norm", NORM, "layer_norm",
        lambda torch, X, w, b: torch.nn.functional.layer_norm(X, (512,), w, b)),
    Row("group_norm", {"X": (32, 8, 512), "weight": (8, 512), "bias": (8, 512)}, "group_norm",
        group_norm),
    Row("rms_norm", WIDE | {"weight": (512,)}, "rms_norm",
        lambda torch, X, w: torch.nn.functional.rms_norm(X, (512,), w, 1e-5)),
    Row("embedding", {"idx": ((2048,), 1000), "weight": (1000, 128)}, "embedding", f("embedding")),
    Row("embedding_bag.mean", {"index": ((128, 16), 1000), "weight": (1000, 128)}, "embedding_bag",
        f("embedding_bag")),
    Row("gather.columns", {"X": (256, 1000), "index": ((256, 64), 1000)}, "gather",
        lambda torch, X, index: torch.gather(X, 1, index)),
    Row("scaled_dot_product_attention.full", {"Q": (128, 64), "K": (128, 64), "V": (128, 64)},
        "attention", f("scaled_dot_product_attention")),
    Row("multihead_attention.self_attention",
        {"X": (128, 256), "in_proj_weight": (3, 8, 32, 256), "in_proj_bias": (3, 8, 32),
         "out_proj_weight": (256, 8, 32), "out_proj_bias": (256,)}, "multihead_attention", heads),
    Row("conv1d.plain", matrix(16, 32, 128) | filters(64, 32, 5), "conv1d", f("conv1d"),
        {"padding": 2}),
    Row("conv2d.plain", IMAGES | filters(16, 8, 3, 3), "conv2d", f("conv2d"), {"padding": 1}),
    Row("conv2d.plain", IMAGES | filters(16, 8, 3, 3), "conv2d_taps", f("conv2d"), {"padding": 1},
        note="by taps"),
    Row("conv2d.plain", matrix(8, 32, 16, 16) | filters(64, 32, 3, 3), "conv2d_taps", f("conv2d"),
        {"padding": 1}, note="by taps"),
    Row("conv2d.plain", matrix(4, 3, 64, 64) | filters(16, 3, 7, 7), "conv2d_taps", f("conv2d"),
        {"stride": 2, "padding": 3}, note="by taps"),
    Row("max_pool2d", IMAGES, "max_pool2d", f("max_pool2d"), POOL),
    Row("max_pool2d", IMAGES, "max_pool2d_reshaped", f("max_pool2d"), POOL, note="reshaped"),
    Row("avg_pool2d.plain", IMAGES, "avg_pool2d", f("avg_pool2d"), POOL),
    Row("rnn", SEQUENCE | units(1, bias=1), "rnn", recurrent("rnn_tanh")),
    Row("lstm.all", SEQUENCE | {"c0": (16, 128)} | units(4), "lstm",
        lambda torch, x, h0, c0, *w: gated(torch, "lstm", x, (h0[None], c0[None]), *w)),
    Row("gru.reset_after", SEQUENCE | units(3), "gru",
        lambda torch, x, h0, *w: gated(torch, "gru", x, h0[None], *w)),
]  # fmt: skip


def sides(row: Row) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """For each side a forward pass, and a backward pass of the latest forward.

    Raises AssertionError if their gradients differ: then there is nothing to compare.
    """
    inputs = row.inputs()
    ours = load(row.layer)
    other = USUAL[row.other]
    back = USUAL[row.other + ("_jacobians" if row.note == "Jacobians" else "") + "_backward"]
    output = ours.forward(*inputs, **row.options)
    cotangent = np.random.default_rng(1).normal(size=np.shape(output))
    state: dict[str, Any] = {}

    def forward_other() -> Any:
        out, state["cache"] = other(*inputs, **row.options)
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
            state["out"] = row.torch(torch, *tensors, **row.options)
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
        for name in (*found,)[:: (-1) ** len(taken["ours"])]:  # none is always after the same
            forward, backward = found[name]
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
    print(f"{'':48}{'ours, ms':>20}{'usual NumPy':>20}{'PyTorch':>20}")
    print(f"{'':48}" + 3 * f"{'gradients':>12}{'both':>8}")
    found = []
    for row in (r for r in ROWS if asked.only in r.layer):
        measured = times(row)
        ours = measured["ours"]
        name = f"{row.layer} {row.sizes()}" + (f", {row.note}" if row.note else "")
        line = f"{name:48}{1e3 * ours['gradients']:12.3f}{1e3 * ours['both']:8.3f}"
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
