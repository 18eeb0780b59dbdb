"""Embedding: a row of a table for each index."""

from gradcheck.numeric._scatter import scatter_rows


def forward(idx, weight):
    """Y (N, D) of idx (N,), weight (V, D)."""
    return weight[idx]


def backward(dY, idx, weight):
    """Pull dY (N, D) back to dweight (V, D); gradients of a row that is read often add up."""
    return (scatter_rows(idx, dY, weight),)
