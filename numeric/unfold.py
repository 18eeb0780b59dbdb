"""Unfold: windows side by side."""

from gradcheck.numeric._convolution import add_windows, windows


def forward_sliding(X, size=2, step=1):
    """Y (N, T, size) of X (N, L)."""
    return windows(X[:, None], (size,), step)[:, 0].swapaxes(1, 2).copy()


def backward_sliding(dY, X, size=2, step=1):
    """Pull dY (N, T, size) back to dX (N, L): windows that overlap add up."""
    dX = add_windows(dY.swapaxes(1, 2)[:, None], (len(X), 1, X.shape[1]), step)
    return (dX[:, 0],)


def forward_images(X, kernel_size=2, stride=1, padding=0, dilation=1):
    """Y (N, C, kernel_size, kernel_size, P, Q) of X (N, C, H, W)."""
    return windows(X, (kernel_size, kernel_size), stride, padding, dilation).copy()


def backward_images(dY, X, kernel_size=2, stride=1, padding=0, dilation=1):
    """Pull dY (N, C, kernel_size, kernel_size, P, Q) back to dX (N, C, H, W)."""
    return (add_windows(dY, X.shape, stride, padding, dilation),)


layers = {
    "sliding": (forward_sliding, backward_sliding),
    "images": (forward_images, backward_images),
}
