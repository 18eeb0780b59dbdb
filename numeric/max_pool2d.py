"""Max pooling of images."""

from gradcheck.numeric.max_pool1d import pooled, pulled


def forward(X, kernel_size=2, stride=2, padding=0):
    """Y (N, C, H, W) of X (N, C, U, V)."""
    return pooled(X, kernel_size, stride, padding)


def backward(dY, X, kernel_size=2, stride=2, padding=0):
    """Pull dY (N, C, H, W) back to dX (N, C, U, V)."""
    return (pulled(dY, X, kernel_size, stride, padding),)
