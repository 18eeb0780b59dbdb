"""Squared error of X and targets T: its mean over all entries, its sum, or each entry."""

from gradcheck.numeric._losses import reduced, reductions, share


def forward(X, T, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D)."""
    return reduced((X - T) ** 2, reduction)


def backward(dL, X, T, *, reduction="mean"):
    """Pull dL, a number, or for each loss dL (N, D), back to dX (N, D), dT (N, D)."""
    dX = 2 * share(dL, X, reduction) * (X - T)
    return dX, -dX


layers = reductions(forward, backward)
