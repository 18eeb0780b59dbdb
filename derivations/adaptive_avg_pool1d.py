"""Adaptive average pooling along one axis: Y[n,c,t] is the mean of bin t of T bins of X.

Bin t begins at t L / T, rounded down, and ends before (t + 1) L / T, rounded up. So bins have
different lengths and overlap where T does not divide L. In whole numbers: entry s is in bin t if
t L < (s + 1) T and s T < (t + 1) L.

Family: pooling.
Source: PyTorch, torch.nn.AdaptiveAvgPool1d.
"""

from gradcheck.derivations.notation import *

output_size = option("output_size", 1, whole=(1, 4))
(n,), (c,), (s,) = axis("N", "n"), axis("C", "c"), axis("L", "s")
(t,) = axis(output_size, "t")
L, T = size(s), output_size
X, Y, count = tensor("X", n, c, s), tensor("Y", n, c, t), tensor("count", t)
inside = bracket(t * L + 1, s * T + T) * bracket(s * T + 1, t * L + L)
layer = Layer(
    (X,),
    (
        define(count[t], Sum(inside, s)),
        define(Y[n, c, t], Sum(inside * X[n, c, s], s) / count[t]),
    ),
    options=(output_size,),
)
