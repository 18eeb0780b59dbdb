"""Binary cross entropy of probabilities P and targets T, averaged over all entries."""

import numpy as np

from gradcheck.numeric._losses import reduced, share

LEAST_LOG, LEAST_VARIANCE = -100, 1e-12  # at probabilities of 0 and 1


def forward(P, T, *, reduction="mean"):
    """L, a number, or each loss: L (N, C), of P (N, C) and T (N, C)."""
    return reduced(-T * clamped_log(P) - (1 - T) * clamped_log(1 - P), reduction)


def backward(dL, P, T, *, reduction="mean"):
    """Pull dL, a number, back to dP (N, C), dT (N, C)."""
    part = share(dL, P, reduction)
    dP = part * (P - T) / np.maximum(P * (1 - P), LEAST_VARIANCE)
    return dP, part * (clamped_log(1 - P) - clamped_log(P))


def clamped_log(P):
    """The logarithm, finite also at 0."""
    return np.log(np.maximum(P, np.exp(LEAST_LOG)))
