"""Gather: entries picked by an index, which may repeat."""

import numpy as np

from gradcheck.numeric._scatter import scatter


def forward_columns(X, index):
    """Y (N, T) of X (N, C), index (N, T)."""
    return np.take_along_axis(X, index, axis=1)


def backward_columns(dY, X, index):
    """Pull dY (N, T) back to dX (N, C): an entry collects from wherever it was picked."""
    places = (np.arange(len(X)).reshape(-1, 1), index)
    return (scatter(np.ravel_multi_index(places, X.shape, mode="wrap"), dY, X),)


def forward_rows(X, index):
    """Y (T, N) of X (C, N), index (T, N)."""
    return np.take_along_axis(X, index, axis=0)


def backward_rows(dY, X, index):
    """Pull dY (T, N) back to dX (C, N): an entry collects from wherever it was picked."""
    places = (index, np.arange(X.shape[1]))
    return (scatter(np.ravel_multi_index(places, X.shape, mode="wrap"), dY, X),)


layers = {
    "columns": (forward_columns, backward_columns),
    "rows": (forward_rows, backward_rows),
}
