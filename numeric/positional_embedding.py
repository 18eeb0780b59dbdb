"""Learned positional embedding: Y[n,t,d] = X[n,t,d] + P[t,d]."""


def forward(X, P):
    """Y (N, T, D) of X (N, T, D), P (T, D)."""
    return X + P


def backward(dY, X, P):
    """Pull dY (N, T, D) back to dX (N, T, D), dP (T, D): what was broadcast is summed over."""
    return dY.copy(), dY.sum(axis=0)
