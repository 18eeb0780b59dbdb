"""Average pooling along one axis: Y[n,c,t] is the mean of a window of X.

Members: windows of 2 side by side, and windows of 3 that overlap at stride 2.

Family: pooling.
Source: PyTorch, torch.nn.AvgPool1d.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, i = axis("C", "c i")  # channels
t, u = axis("T", "t u")  # windows


def avg_pool(kernel, length):
    """Windows of `kernel` entries at stride 2 over `length` entries."""
    (k,), (s,) = axis(kernel, "k"), axis(length, "s")
    X, Y = tensor("X", n, c, s), tensor("Y", n, c, t)
    return Layer((X,), (define(Y[n, c, t], Sum(X[n, c, 2 * t + k], k) / size(k)),))


layers = {
    "plain": avg_pool(2, 2 * size(t)),
    "overlapping": avg_pool(3, 2 * size(t) + 1),
}
