"""Embedding with a padding index."""

import numpy as np


def forward(idx, weight, padding_idx=0):
    """Y (N, D) of idx (N,), weight (V, D)."""
    return weight[idx] * (idx != padding_idx)[:, None]


def backward(dY, idx, weight, padding_idx=0):
    """Pull dY (N, D) back to dweight (V, D)."""
    dweight = np.zeros_like(weight)
    np.add.at(dweight, idx, dY)
    dweight[padding_idx : padding_idx + 1] = 0  # none, if the vocabulary is shorter
    return (dweight,)
