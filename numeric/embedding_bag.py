"""Embedding bag: rows of a table, picked by an index and averaged or added up."""

import numpy as np


def forward_mean(index, W):
    """Y (N, D) of index (N, T), W (V, D)."""
    return W[index].mean(axis=1)


def backward_mean(dY, index, W):
    """Pull dY (N, D) back to dW (V, D): a row collects from every place that picked it."""
    dW = np.zeros_like(W)
    np.add.at(dW, index, np.expand_dims(dY, axis=1) / index.shape[1])
    return (dW,)


def forward_sum(index, W):
    """Y (N, D) of index (N, T), W (V, D)."""
    return W[index].sum(axis=1)


def backward_sum(dY, index, W):
    """Pull dY (N, D) back to dW (V, D): a row collects from every place that picked it."""
    dW = np.zeros_like(W)
    np.add.at(dW, index, np.expand_dims(dY, axis=1))
    return (dW,)


layers = {"mean": (forward_mean, backward_mean), "sum": (forward_sum, backward_sum)}
