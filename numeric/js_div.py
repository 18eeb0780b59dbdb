"""Jensen-Shannon divergence of P and Q: half of what each diverges from their mean, per sample."""

import numpy as np


def forward(P, Q):
    """L, a number, of P (N, C) and Q (N, C)."""
    M = (P + Q) / 2
    return (P * np.log(P / M) + Q * np.log(Q / M)).sum() / (2 * len(P))


def backward(dL, P, Q):
    """Pull dL, a number, back to dP (N, C), dQ (N, C): what M changes by cancels."""
    part, M = dL / (2 * len(P)), (P + Q) / 2
    return part * np.log(P / M), part * np.log(Q / M)
