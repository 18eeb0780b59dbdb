"""Dropout with a given mask: 0 for what is dropped."""

P = 0.3  # the probability of being dropped


def forward(X, mask):
    """Y (N, M) of X (N, M), mask (N, M)."""
    return X * (mask != 0) / (1 - P)


def backward(dY, X, mask):
    """Pull dY (N, M) back to dX (N, M), which is zero where X was dropped."""
    return (dY * (mask != 0) / (1 - P),)
