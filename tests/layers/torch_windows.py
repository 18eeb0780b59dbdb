"""Windows, sequences and shapes beside PyTorch: (ours, theirs), outputs and gradients."""

from importlib import import_module

import numpy as np
from layers.tables import row


def _both(name, theirs, *inputs, seed=0, **options):
    """Output and gradients of one layer, ours and PyTorch's, end to end."""
    import torch

    file, _, member = name.partition(".")
    module = import_module(f"gradcheck.numeric.{file}")
    forward, backward = module.layers[member] if member else (module.forward, module.backward)
    out = forward(*inputs, **options)
    cotangent = np.random.default_rng(seed).normal(size=np.shape(out))
    ours = [out, *backward(cotangent, *inputs, **options)]
    leaves = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in inputs]
    wanted = theirs(torch, *leaves, **options)
    wanted.backward(torch.tensor(cotangent))
    given = [wanted.detach(), *(a.grad for a in leaves if a.requires_grad)]
    return tuple(np.concatenate([np.ravel(a) for a in arrays]) for arrays in (ours, given))


def _normal(*shapes):
    rng = np.random.default_rng(1)
    return [np.asarray(rng.normal(size=shape)) for shape in shapes]


def _max_pool(axes, *shape, **options):
    def theirs(torch, X, **given):
        return getattr(torch.nn.functional, f"max_pool{axes}d")(X, **given)

    array = np.random.default_rng(4).integers(-2, 3, shape).astype(float)  # with many ties
    return lambda: _both(f"max_pool{axes}d", theirs, array, **options)


def _one(name, theirs, *shape):
    return lambda: _both(name, theirs, *_normal(shape))


def _picked(name, theirs, shape, index_shape, top, index_first=False):
    def rows():
        index = np.random.default_rng(2).integers(0, top, index_shape)
        (X,) = _normal(shape)
        return _both(name, theirs, *((index, X) if index_first else (X, index)))

    return rows


def _where():
    condition = np.random.default_rng(3).integers(0, 3, (4, 5))
    return _both(
        "where",
        lambda torch, c, X, Z: torch.where(c != 0, X, Z),
        condition,
        *_normal((4, 5), (4, 5)),
    )


ROWS = [
    row("max_pool1d", _max_pool(1, 2, 3, 8, kernel_size=2, stride=2, padding=0)),
    row("max_pool1d, overlapping, padded, with an entry left over",
        _max_pool(1, 2, 3, 11, kernel_size=3, stride=2, padding=1)),
    row("max_pool2d", _max_pool(2, 2, 3, 8, 6, kernel_size=2, stride=2, padding=0)),
    row("max_pool2d, overlapping, padded",
        _max_pool(2, 2, 3, 9, 7, kernel_size=3, stride=1, padding=1)),
    row("max_pool2d, rows left over",
        _max_pool(2, 2, 3, 9, 7, kernel_size=2, stride=3, padding=0)),
    row("maxout", lambda: _both(
        "maxout",
        lambda torch, X, W, b: (torch.einsum("sm,okm->sok", X, W) + b).max(-1)[0],
        *_normal((4, 5), (3, 2, 5), (3, 2)))),
    row("upsample in one axis", _one("upsample.nearest1d",
        lambda torch, X: torch.nn.functional.interpolate(X[None], scale_factor=2)[0], 3, 5)),
    row("upsample in two axes", _one("upsample.nearest2d",
        lambda torch, X: torch.nn.functional.interpolate(X[None], scale_factor=2)[0], 3, 5, 4)),
    row("pad with zeros", _one("pad.constant",
        lambda torch, X: torch.nn.functional.pad(X, (1, 2)), 3, 5)),
    row("pad with the end values", _one("pad.replicate",
        lambda torch, X: torch.nn.functional.pad(X, (1, 2), mode="replicate"), 3, 5)),
    row("flatten", _one("flatten", lambda torch, X: torch.flatten(X, 1), 3, 5, 4)),
    row("cumsum", _one("cumsum", lambda torch, X: torch.cumsum(X, 1), 3, 5)),
    row("gather, dim=1", _picked("gather.columns",
        lambda torch, X, i: torch.gather(X, 1, i), (4, 3), (4, 6), 3)),
    row("gather, dim=0", _picked("gather.rows",
        lambda torch, X, i: torch.gather(X, 0, i), (3, 4), (6, 4), 3)),
    row("embedding bag, mean", _picked("embedding_bag.mean",
        lambda torch, i, W: torch.nn.functional.embedding_bag(i, W), (5, 3), (4, 6), 5, True)),
    row("embedding bag, sum", _picked("embedding_bag.sum",
        lambda torch, i, W: torch.nn.functional.embedding_bag(i, W, mode="sum"),
        (5, 3), (4, 6), 5, True)),
    row("where", _where),
    row("concat along the first axis", lambda: _both(
        "concat.first", lambda torch, X, Z: torch.cat([X, Z]), *_normal((2, 4, 3), (5, 4, 3)))),
    row("concat along the last axis", lambda: _both(
        "concat.last", lambda torch, X, Z: torch.cat([X, Z], -1), *_normal((4, 3, 2), (4, 3, 5)))),
    row("stack", lambda: _both(
        "stack", lambda torch, X, Z: torch.stack([X, Z]), *_normal((4, 3), (4, 3)))),
    row("the first half", _one("split.first", lambda torch, X: torch.chunk(X, 2)[0], 6, 3)),
    row("the second half", _one("split.second", lambda torch, X: torch.chunk(X, 2)[1], 6, 3)),
]  # fmt: skip
