"""Triplet margin loss: how much the negative is closer to the anchor than a margin allows."""

import numpy as np

from gradcheck.numeric import pairwise_distance
from gradcheck.numeric._losses import reduced, share


def forward(A, P, N, margin=1.0, eps=1e-6, *, reduction="mean"):
    """L, a number, or each loss: L (S,), of A (S, D), P (S, D) and N (S, D)."""
    return reduced(np.maximum(lacking(A, P, N, margin, eps), 0), reduction)


def backward(dL, A, P, N, margin=1.0, eps=1e-6, *, reduction="mean"):
    """Pull dL, a number, back to dA (S, D), dP (S, D), dN (S, D), the margin included."""
    z = lacking(A, P, N, margin, eps)
    dz = np.where(z >= 0, share(dL, z, reduction), 0)
    by_near, dP = pairwise_distance.backward(dz, A, P, eps=eps)
    by_far, dN = pairwise_distance.backward(-dz, A, N, eps=eps)
    return by_near + by_far, dP, dN


def lacking(A, P, N, margin, eps):
    """What each sample lacks to the margin, less than 0 if nothing."""
    near = pairwise_distance.forward(A, P, eps=eps)
    return near - pairwise_distance.forward(A, N, eps=eps) + margin
