"""Contrastive loss of pairs: small distances of similar ones, large ones of others."""

import numpy as np

from gradcheck.numeric import pairwise_distance
from gradcheck.numeric._losses import reduced, share


def forward(A, B, y, margin=1.0, *, reduction="mean"):
    """L, a number, or each loss: L (N,), of A (N, D), B (N, D) and y (N,), above 0 if similar."""
    return reduced(excess(A, B, y, margin) ** 2 / 2, reduction)


def backward(dL, A, B, y, margin=1.0, *, reduction="mean"):
    """Pull dL, a number, back to dA (N, D), dB (N, D); 0 of rows that are equal."""
    excesses = excess(A, B, y, margin)
    return pairwise_distance.backward(share(dL, y, reduction) * excesses, A, B, eps=0)


def excess(A, B, y, margin):
    """How much too large a distance is; less than 0 if it is too small, of pairs not similar."""
    distance = pairwise_distance.forward(A, B, eps=0)
    return np.where(y > 0, distance, np.minimum(distance - margin, 0))
