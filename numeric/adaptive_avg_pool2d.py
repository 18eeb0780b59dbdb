"""Adaptive average pooling of images, rows and columns one after the other."""

from gradcheck.numeric.adaptive_avg_pool1d import shares


def forward(X, output_size=1):
    """Y (N, C, output_size, output_size) of X (N, C, H, W)."""
    rows, columns = (shares(length, output_size) for length in X.shape[2:])
    return rows @ X @ columns.T


def backward(dY, X, output_size=1):
    """Pull dY (N, C, output_size, output_size) back to dX (N, C, H, W)."""
    rows, columns = (shares(length, output_size) for length in X.shape[2:])
    return (rows.T @ dY @ columns,)
