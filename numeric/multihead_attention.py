"""Multi-head attention; the shapes are those of the heads, (H, T, D)."""

import numpy as np

from gradcheck.numeric import scaled_dot_product_attention as core


def heads(inputs, weight, bias):
    """Queries, keys and values (H, T or L, D) of three inputs (T or L, F)."""
    return [
        np.tensordot(X, W, axes=((1,), (2,))).swapaxes(0, 1) + b[:, None]
        for X, W, b in zip(inputs, weight, bias, strict=True)
    ]


def attention(inputs, weights, mask):
    """Z (T, F) of three inputs and the four weights."""
    *in_proj, weight, bias = weights
    O = core.attention(*heads(inputs, *in_proj), mask)
    return np.tensordot(O, weight, axes=((0, 2), (1, 2))) + bias


def gradients(dZ, inputs, weights, mask):
    """Pull dZ (T, F) back to the three inputs, a list, and to the four weights, another."""
    *in_proj, weight, _ = weights
    projected = heads(inputs, *in_proj)
    dO = np.tensordot(dZ, weight, axes=1).swapaxes(0, 1)
    O = core.attention(*projected, mask)
    *dheads, _ = core.gradients(dO, *projected, mask)
    pairs = zip(dheads, in_proj[0], strict=True)
    dinputs = [np.tensordot(dA, W, axes=((0, 2), (0, 1))) for dA, W in pairs]
    dweight = [np.tensordot(dA, X, axes=((1,), (0,))) for dA, X in zip(dheads, inputs, strict=True)]
    dbias = [dA.sum(axis=1) for dA in dheads]
    dout = np.tensordot(dZ, O, axes=((0,), (1,)))
    return dinputs, [np.stack(dweight), np.stack(dbias), dout, dZ.sum(axis=0)]


def of_one(mask):
    """Self-attention; the gradients of queries, keys and values by the same X add up."""

    def forward(X, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias):
        """Z (T, F) of X (T, F), in_proj_weight (3, H, D, F), in_proj_bias (3, H, D)
        and out_proj_weight (F, H, D), out_proj_bias (F,)."""
        weights = in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
        return attention((X, X, X), weights, mask(X))

    def backward(dZ, X, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias):
        """Pull dZ (T, F) back to dX (T, F), din_proj_weight (3, H, D, F), din_proj_bias (3, H, D)
        and dout_proj_weight (F, H, D), dout_proj_bias (F,)."""
        weights = in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
        dinputs, dweights = gradients(dZ, (X, X, X), weights, mask(X))
        return sum(dinputs), *dweights

    return forward, backward


def forward_cross_attention(
    query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
):
    """Z (T, F) of query (T, F), key (L, F), value (L, F), in_proj_weight (3, H, D, F)
    and in_proj_bias (3, H, D), out_proj_weight (F, H, D), out_proj_bias (F,)."""
    weights = in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
    return attention((query, key, value), weights, 0)


def backward_cross_attention(
    dZ, query, key, value, in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
):
    """Pull dZ (T, F) back to dquery (T, F), dkey (L, F), dvalue (L, F)
    and din_proj_weight (3, H, D, F), din_proj_bias (3, H, D), dout_proj_weight (F, H, D)
    and dout_proj_bias (F,)."""
    weights = in_proj_weight, in_proj_bias, out_proj_weight, out_proj_bias
    dinputs, dweights = gradients(dZ, (query, key, value), weights, 0)
    return *dinputs, *dweights


layers = {
    "self_attention": of_one(lambda X: 0),
    "causal": of_one(core.causal),
    "cross_attention": (forward_cross_attention, backward_cross_attention),
}
