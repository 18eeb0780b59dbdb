"""Adaptive average pooling of images: Y[n,c,h,w] is the mean of bin (h, w) of X.

Bin h of the P rows begins at h H / P, rounded down, and ends before (h + 1) H / P, rounded up, and
columns are divided in the same way. So bins overlap where P does not divide H. With output_size 1
this is global average pooling.

Family: pooling.
Source: PyTorch, torch.nn.AdaptiveAvgPool2d; Lin, Chen, Yan, Network in network (2013), section 3.2,
global average pooling.
"""

from gradcheck.derivations.notation import *

output_size = option("output_size", 1, whole=(1, 3))
(n,), (c,) = axis("N", "n"), axis("C", "c")
(y,), (x,) = axis("H", "y"), axis("W", "x")
(h,), (w,) = axis(output_size, "h"), axis(output_size, "w")
X, Y = tensor("X", n, c, y, x), tensor("Y", n, c, h, w)
rows, columns = tensor("rows", h), tensor("columns", w)


def inside(s, t):
    """Whether entry s is in bin t: t L < (s + 1) T and s T < (t + 1) L."""
    L, T = size(s), output_size
    return bracket(t * L + 1, s * T + T) * bracket(s * T + 1, t * L + L)


total = Sum(inside(y, h) * inside(x, w) * X[n, c, y, x], y, x)
layer = Layer(
    (X,),
    (
        define(rows[h], Sum(inside(y, h), y)),
        define(columns[w], Sum(inside(x, w), x)),
        define(Y[n, c, h, w], total / (rows[h] * columns[w])),
    ),
    options=(output_size,),
)
