"""Scatter-add: rows of `source` are added to the rows of X that an index names."""

from gradcheck.numeric._scatter import scatter_rows


def forward(X, index, source):
    """Y (V, D) of X (V, D), index (N,), source (N, D)."""
    return X + scatter_rows(index, source, X)


def backward(dY, X, index, source):
    """Pull dY (V, D) back to dX (V, D), dsource (N, D)."""
    return dY.copy(), dY[index]
