"""Embedding bag: rows of a table, picked by an index and averaged or added up."""

import numpy as np

from gradcheck.numeric._scatter import scatter_rows


def forward_mean(index, W):
    """Y (N, D) of index (N, T), W (V, D)."""
    return W[index].mean(axis=1)


def backward_mean(dY, index, W):
    """Pull dY (N, D) back to dW (V, D): a row collects from every place that picked it."""
    return (scatter_rows(index, np.expand_dims(dY, axis=1) / index.shape[1], W),)


def forward_sum(index, W):
    """Y (N, D) of index (N, T), W (V, D)."""
    return W[index].sum(axis=1)


def backward_sum(dY, index, W):
    """Pull dY (N, D) back to dW (V, D): a row collects from every place that picked it."""
    return (scatter_rows(index, np.expand_dims(dY, axis=1), W),)


layers = {"mean": (forward_mean, backward_mean), "sum": (forward_sum, backward_sum)}
