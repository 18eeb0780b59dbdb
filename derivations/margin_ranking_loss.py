"""Margin ranking loss: the mean of max(0, margin − T (A − B)); T is 1 where A should be larger.

And −1 where B should be. With z = T (A − B) − margin that is max(0, z) − z.
At the margin itself, z = 0, the slope is that of a violation, as in PyTorch.

Family: losses.
Source: PyTorch, torch.nn.MarginRankingLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # pairs of a sample
A, B, T = tensor("A", n, d), tensor("B", n, d), tensor("T", n, d)
L = tensor("L")
margin = option("margin", 0.0, between=(0.2, 1.5))
z = T[n, d] * (A[n, d] - B[n, d]) - margin
layer = Layer(
    (A, B, T),
    (define(L, Sum(relu(z) - z, n, d) / (size(n) * size(d))),),
    options=(margin,),
)
