"""Average pooling of images: Y[n,c,h,w] is the mean of a window of X.

Members: windows of 2 by 2 side by side, and windows of 3 by 3 that overlap at stride 2, with a
column left over at the end.

Family: pooling.
Source: PyTorch, torch.nn.AvgPool2d.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, i = axis("C", "c i")  # channels
h, y = axis("H", "h y")  # rows of the output
w, x = axis("W", "w x")  # columns of the output


def avg_pool(kernel, rows, columns):
    """Windows of `kernel` by `kernel` entries at stride 2."""
    (k,), (l,) = axis(kernel, "k"), axis(kernel, "l")
    (u,), (v,) = axis(rows, "u"), axis(columns, "v")
    X, Y = tensor("X", n, c, u, v), tensor("Y", n, c, h, w)
    total = Sum(X[n, c, 2 * h + k, 2 * w + l], k, l)
    return Layer((X,), (define(Y[n, c, h, w], total / kernel**2),))


layers = {
    "plain": avg_pool(2, 2 * size(h), 2 * size(w)),
    "overlapping": avg_pool(3, 2 * size(h) + 1, 2 * size(w) + 2),
}
