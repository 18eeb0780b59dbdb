"""Negative log likelihood of targets T for normal distributions with mean X and variance v."""

import numpy as np

from gradcheck.numeric._losses import reduced, share


def forward(X, T, v, full=False, *, eps=1e-6, reduction="mean"):
    """L, a number, or each loss: L (N, D), of X (N, D), T (N, D) and v (N, D), at least eps."""
    v = np.maximum(v, eps)
    constant = full * np.log(2 * np.pi)
    return reduced((np.log(v) + (X - T) ** 2 / v + constant) / 2, reduction)


def backward(dL, X, T, v, full=False, *, eps=1e-6, reduction="mean"):
    """Pull dL, a number, back to dX (N, D), dT (N, D), dv (N, D), as if eps had not been needed."""
    v = np.maximum(v, eps)
    scaled, part = (X - T) / v, share(dL, X, reduction)
    return part * scaled, -part * scaled, part / 2 * (1 / v - scaled**2)
