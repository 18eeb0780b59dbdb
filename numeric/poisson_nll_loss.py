"""Negative log likelihood of counts T for Poisson distributions, without log T!; the mean."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward_logarithms(X, T, full=False, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D)."""
    return reduced(np.exp(X) - T * X + full * stirling(T), reduction)


def backward_logarithms(dL, X, T, full=False, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D)."""
    part = share(dL, X, reduction)
    return part * (np.exp(X) - T), part * (full * stirling_slope(T) - X)


def forward_rates(X, T, full=False, eps=1e-8, *, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D) and T (N, D)."""
    return reduced(X - T * np.log(X + eps) + full * stirling(T), reduction)


def backward_rates(dL, X, T, full=False, eps=1e-8, *, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D)."""
    part = share(dL, X, reduction)
    return part * (1 - T / (X + eps)), part * (full * stirling_slope(T) - np.log(X + eps))


def stirling(T):
    """Nearly log T!, of targets above 1; 0 of others."""
    above = np.maximum(T, 1)
    return np.where(T > 1, above * np.log(above) - above + 0.5 * np.log(2 * np.pi * above), 0)


def stirling_slope(T):
    above = np.maximum(T, 1)
    return np.where(T > 1, np.log(above) + 0.5 / above, 0)


layers = {
    "logarithms": (forward_logarithms, backward_logarithms),
    "rates": (forward_rates, backward_rates),
}
