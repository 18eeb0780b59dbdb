"""Scaled dot-product attention: O = P V, with P the softmax of the scores."""

import numpy as np


def attention(Q, K, V, mask=0, scale=None):
    """O (..., T, E) of Q (..., T, D), K (..., L, D), V (..., L, E); the mask is added to scores."""
    return probabilities(Q, K, mask, scale) @ V


def gradients(dO, Q, K, V, mask=0, scale=None):
    """Pull dO (..., T, E) back to dQ, dK, dV, and to dS (..., T, L), the gradient by the mask."""
    P = probabilities(Q, K, mask, scale)
    dP = dO @ V.swapaxes(-1, -2)
    dS = P * (dP - (dP * P).sum(axis=-1, keepdims=True))
    by_product = dS * scaling(Q, scale)
    return by_product @ K, by_product.swapaxes(-1, -2) @ Q, P.swapaxes(-1, -2) @ dO, dS


def probabilities(Q, K, mask, scale):
    """P (..., T, L): the softmax of the scores."""
    S = scaling(Q, scale) * (Q @ K.swapaxes(-1, -2)) + mask
    E = np.exp(S - S.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def scaling(Q, scale):
    """1 / √D, unless it is given."""
    return 1 / np.sqrt(Q.shape[-1]) if scale is None else scale


def forward_full(Q, K, V):
    """O (T, E) of Q (T, D), K (L, D), V (L, E)."""
    return attention(Q, K, V)


def backward_full(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (L, D), dV (L, E)."""
    return gradients(dO, Q, K, V)[:3]


def forward_causal(Q, K, V):
    """O (T, E) of Q (T, D), K (T, D), V (T, E)."""
    return attention(Q, K, V, causal(Q))


def backward_causal(dO, Q, K, V):
    """Pull dO (T, E) back to dQ (T, D), dK (T, D), dV (T, E)."""
    return gradients(dO, Q, K, V, causal(Q))[:3]


def forward_attn_mask(Q, K, V, attn_mask, scale=0.125):
    """O (T, E) of Q (T, D), K (L, D), V (L, E), attn_mask (T, L)."""
    return attention(Q, K, V, attn_mask, scale)


def backward_attn_mask(dO, Q, K, V, attn_mask, scale=0.125):
    """Pull dO (T, E) back to dQ (T, D), dK (L, D), dV (L, E), dattn_mask (T, L)."""
    return gradients(dO, Q, K, V, attn_mask, scale)


def forward_padded_keys(Q, K, V, last):
    """O (N, T, E) of Q (N, T, D), K (N, L, D), V (N, L, E), last (N,)."""
    return attention(Q, K, V, padding(K, last))


def backward_padded_keys(dO, Q, K, V, last):
    """Pull dO (N, T, E) back to dQ (N, T, D), dK (N, L, D), dV (N, L, E)."""
    return gradients(dO, Q, K, V, padding(K, last))[:3]


def causal(Q):
    """0 up to the time of a query, minus infinity after it."""
    return np.where(np.tri(len(Q), dtype=bool), 0, -np.inf)


def padding(K, last):
    """0 up to the last key of a sample, minus infinity behind it, (N, 1, L)."""
    return np.where(np.arange(K.shape[1]) <= last[:, None, None], 0, -np.inf)


layers = {
    "full": (forward_full, backward_full),
    "causal": (forward_causal, backward_causal),
    "attn_mask": (forward_attn_mask, backward_attn_mask),
    "padded_keys": (forward_padded_keys, backward_padded_keys),
}
