"""Linear layer: y = W x + b, in the four layouts that notes use."""

import numpy as np


def forward_vector(x, W, b):
    """y (N,) of x (M,), W (N, M), b (N,)."""
    return W @ x + b


def backward_vector(dy, x, W, b):
    """Pull dy (N,) back to dx (M,), dW (N, M), db (N,)."""
    return W.T @ dy, np.outer(dy, x), dy.copy()


def forward_rows(X, W, b):
    """Y (S, N) of X (S, M), W (N, M), b (N,)."""
    return X @ W.T + b


def backward_rows(dY, X, W, b):
    """Pull dY (S, N) back to dX (S, M), dW (N, M), db (N,)."""
    return dY @ W, dY.T @ X, dY.sum(axis=0)


def forward_rows_in_out(X, W, b):
    """Y (S, N) of X (S, M), W (M, N), b (N,)."""
    return X @ W + b


def backward_rows_in_out(dY, X, W, b):
    """Pull dY (S, N) back to dX (S, M), dW (M, N), db (N,)."""
    return dY @ W.T, X.T @ dY, dY.sum(axis=0)


def forward_columns(X, W, b):
    """Y (N, S) of X (M, S), W (N, M), b (N,)."""
    return W @ X + b[:, None]


def backward_columns(dY, X, W, b):
    """Pull dY (N, S) back to dX (M, S), dW (N, M), db (N,)."""
    return W.T @ dY, dY @ X.T, dY.sum(axis=1)


layers = {
    "vector": (forward_vector, backward_vector),
    "rows": (forward_rows, backward_rows),
    "rows_in_out": (forward_rows_in_out, backward_rows_in_out),
    "columns": (forward_columns, backward_columns),
}
