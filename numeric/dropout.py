"""Dropout with a given mask: 0 for what is dropped."""


def forward(X, mask, p=0.5):
    """Y (N, M) of X (N, M), mask (N, M); p is the probability of being dropped."""
    return X * (mask != 0) / (1 - p)


def backward(dY, X, mask, p=0.5):
    """Pull dY (N, M) back to dX (N, M), which is zero where X was dropped."""
    return (dY * (mask != 0) / (1 - p),)
