"""Embedding: a row of a table for each index."""

import numpy as np


def forward(idx, weight):
    """Y (N, D) of idx (N,), weight (V, D)."""
    return weight[idx]


def backward(dY, idx, weight):
    """Pull dY (N, D) back to dweight (V, D); gradients of a row that is read often add up."""
    dweight = np.zeros_like(weight)
    np.add.at(dweight, idx, dY)
    return (dweight,)
