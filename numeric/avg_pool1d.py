"""Average pooling along one axis."""

from gradcheck.numeric._pooling import average, average_back


def forward(X, kernel_size=2, stride=2, padding=0):
    """Y (N, C, T) of X (N, C, L)."""
    return average(X, (kernel_size,), stride, padding)


def backward(dY, X, kernel_size=2, stride=2, padding=0):
    """Pull dY (N, C, T) back to dX (N, C, L)."""
    return average_back(dY, X, (kernel_size,), stride, padding)


def forward_inside(X, kernel_size=2, stride=2, padding=0):
    """Y (N, C, T) of X (N, C, L)."""
    return average(X, (kernel_size,), stride, padding, count_include_pad=False)


def backward_inside(dY, X, kernel_size=2, stride=2, padding=0):
    """Pull dY (N, C, T) back to dX (N, C, L)."""
    return average_back(dY, X, (kernel_size,), stride, padding, count_include_pad=False)


layers = {"plain": (forward, backward), "inside": (forward_inside, backward_inside)}
