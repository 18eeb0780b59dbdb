"""Permutation of axes."""

import numpy as np


def forward_transpose(X):
    """Y (H, N) of X (N, H)."""
    return X.T.copy()


def backward_transpose(dY, X):
    """Pull dY (H, N) back to dX (N, H)."""
    return (dY.T.copy(),)


def forward_permute(X):
    """Y (W, N, H) of X (N, H, W)."""
    return np.transpose(X, (2, 0, 1)).copy()


def backward_permute(dY, X):
    """Pull dY (W, N, H) back to dX (N, H, W), by the inverse permutation."""
    return (np.transpose(dY, np.argsort((2, 0, 1))).copy(),)


layers = {
    "transpose": (forward_transpose, backward_transpose),
    "permute": (forward_permute, backward_permute),
}
