"""Layers that move entries about beside PyTorch: (ours, theirs), outputs and gradients."""

import numpy as np
from layers.tables import row
from layers.torch_windows import _both, _normal, _one

INDICES = np.array([2, 0, 2, 2, 1])  # 2 three times, 3 never


def at_the_ends():
    """Entries on both ends of the interval, where the derivative is 1, and beyond them."""
    X = np.array([[-1.0, 1.0, 0.3], [-1.7, 1.7, -0.2]])
    return _both("clip", lambda torch, X: torch.clamp(X, -1, 1), X)


def norm1_at_zero():
    X = np.array([[0.0, -1.5, 0.2], [0.0, 0.0, 0.0]])
    return _both("reduction.norm1", lambda torch, X: torch.linalg.vector_norm(X, ord=1, dim=1), X)


def powers():
    A, B = np.random.default_rng(1).uniform(0.1, 2, (4, 3)), np.array([-1.5, 0.5, 2.0])
    return _both("elementwise.pow_tensor", lambda torch, A, B: A**B, A, B)


def index_add():
    X, source = _normal((4, 3), (5, 3))
    return _both(
        "index_add",
        lambda torch, X, index, source: X.index_add(0, index, source),
        X, INDICES, source,
    )  # fmt: skip


def padded_embedding():
    (weight,) = _normal((4, 3))
    weight[0] = 0  # as PyTorch has it at the start
    return _both(
        "padded_embedding",
        lambda torch, idx, W: torch.nn.functional.embedding(idx, W, padding_idx=0),
        INDICES, weight,
    )  # fmt: skip


def padded(mode):
    return lambda torch, X: torch.nn.functional.pad(X, (1, 2), mode=mode)


def interpolated(mode):
    return lambda torch, X: torch.nn.functional.interpolate(X[None], scale_factor=2, mode=mode)[0]


ROWS = [
    row("transpose", _one("permute.transpose", lambda torch, X: X.transpose(0, 1), 3, 5)),
    row("permute", _one("permute.permute", lambda torch, X: X.permute(2, 0, 1), 3, 5, 4)),
    row("unflatten", _one("reshape.unflatten", lambda torch, X: X.unflatten(1, (-1, 3)), 4, 6)),
    row("reshape", _one("reshape.other_sizes", lambda torch, X: X.reshape(5, 4), 4, 5)),
    row("pad, reflected", _one("pad.reflect", padded("reflect"), 3, 5)),
    row("pad, circular", _one("pad.circular", padded("circular"), 3, 5)),
    row("repeat", _one("repeat.tile", lambda torch, X: X.repeat(1, 3), 4, 5)),
    row("repeat interleaved", _one("repeat.interleave",
        lambda torch, X: X.repeat_interleave(3, dim=1), 4, 5)),
    row("flip", _one("flip.flip", lambda torch, X: X.flip(1), 4, 5)),
    row("roll", _one("flip.roll", lambda torch, X: X.roll(1, 1), 4, 5)),
    row("slice", _one("slice", lambda torch, X: X[:, 0::1] + 0, 4, 5)),
    row("clamp", _one("clip", lambda torch, X: X.clamp(-1, 1), 4, 5)),
    row("clamp at both ends", at_the_ends),
    row("upsample, linear", _one("upsample.linear1d", interpolated("linear"), 4, 5)),
    row("upsample, bilinear", _one("upsample.bilinear2d", interpolated("bilinear"), 4, 5, 3)),
    row("mean over two axes", _one("reduction.mean_axes",
        lambda torch, X: X.mean((1, 2)), 4, 5, 3)),
    row("std", _one("reduction.std", lambda torch, X: X.std(1), 4, 5)),
    row("norm with p=1, at zeros too", norm1_at_zero),
    row("powers of two tensors", powers),
    row("a tensor times a number", lambda: _both(
        "elementwise.mul_scalar", lambda torch, A, b: A * b, *_normal((4, 3), ()))),
    row("index_add with repeated indices", index_add),
    row("embedding with a padding index", padded_embedding),
]  # fmt: skip
