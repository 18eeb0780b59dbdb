"""Reductions over the last axis, from X (S, M) to Y (S,)."""

import numpy as np


def reduction(f, slope, M="M"):
    """The passes of Y = f(X), by the derivative of f by X."""

    def forward(X):
        return f(X)

    def backward(dY, X):
        return (np.expand_dims(dY, 1) * slope(X),)

    forward.__doc__ = f"Y (S,) of X (S, {M})."
    backward.__doc__ = f"Pull dY (S,) back to dX (S, {M})."
    return forward, backward


def forward_mean_axes(X):
    """Y (S,) of X (S, M, N)."""
    return X.mean(axis=(1, 2))


def backward_mean_axes(dY, X):
    """Pull dY (S,) back to dX (S, M, N)."""
    return (np.expand_dims(dY, (1, 2)) * np.ones_like(X) / X[0].size,)


def logsumexp(X):
    """The largest entry of a row is subtracted, so exp cannot overflow."""
    top = X.max(axis=1, keepdims=True)
    return np.log(np.exp(X - top).sum(axis=1)) + top[:, 0]


def softmax(X):
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def centred(X):
    return X - X.mean(axis=1, keepdims=True)


def std(X):
    return X.std(axis=1, ddof=1)


def std_slope(X):
    return centred(X) / ((X.shape[1] - 1) * np.expand_dims(std(X), 1))


def first_greatest(X):
    """1 at the greatest entry of a row, the first of equal ones."""
    return np.expand_dims(X.argmax(axis=1), 1) == np.arange(X.shape[1])


def norm_slope(X):
    """0 for a row of zeros."""
    norm = np.sqrt((X**2).sum(axis=1, keepdims=True))
    return X / np.where(norm > 0, norm, 1)


layers = {
    "sum": reduction(lambda X: X.sum(axis=1), np.ones_like),
    "mean": reduction(lambda X: X.mean(axis=1), lambda X: np.ones_like(X) / X.shape[1]),
    "mean_axes": (forward_mean_axes, backward_mean_axes),
    "var_biased": reduction(lambda X: X.var(axis=1), lambda X: 2 * centred(X) / X.shape[1]),
    "var_unbiased": reduction(
        lambda X: X.var(axis=1, ddof=1), lambda X: 2 * centred(X) / (X.shape[1] - 1), M="M + 1"
    ),
    "std": reduction(std, std_slope, M="M + 1"),
    "max": reduction(lambda X: X.max(axis=1), first_greatest),
    "logsumexp": reduction(logsumexp, softmax),
    "norm1": reduction(lambda X: np.abs(X).sum(axis=1), np.sign),
    "norm": reduction(lambda X: np.sqrt((X**2).sum(axis=1)), norm_slope),
}
