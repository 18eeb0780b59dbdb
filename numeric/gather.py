"""Gather: entries picked by an index, which may repeat."""

import numpy as np


def forward_columns(X, index):
    """Y (N, T) of X (N, C), index (N, T)."""
    return np.take_along_axis(X, index, axis=1)


def backward_columns(dY, X, index):
    """Pull dY (N, T) back to dX (N, C): an entry collects from wherever it was picked."""
    dX = np.zeros_like(X)
    np.add.at(dX, (np.expand_dims(np.arange(len(X)), axis=1), index), dY)
    return (dX,)


def forward_rows(X, index):
    """Y (T, N) of X (C, N), index (T, N)."""
    return np.take_along_axis(X, index, axis=0)


def backward_rows(dY, X, index):
    """Pull dY (T, N) back to dX (C, N): an entry collects from wherever it was picked."""
    dX = np.zeros_like(X)
    np.add.at(dX, (index, np.arange(X.shape[1])), dY)
    return (dX,)


layers = {
    "columns": (forward_columns, backward_columns),
    "rows": (forward_rows, backward_rows),
}
