"""Margin ranking loss: the mean of max(0, 1 − T (A − B)); T is 1 where A should be larger, or −1.

With z = T (A − B) − 1 that is max(0, z) − z.
At the margin itself, z = 0, the slope is that of a violation, as in PyTorch.

Family: losses.
Source: PyTorch, torch.nn.MarginRankingLoss, with margin 1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # pairs of a sample
A, B, T = tensor("A", n, d), tensor("B", n, d), tensor("T", n, d)
z, L = tensor("z", n, d), tensor("L")
layer = Layer(
    (A, B, T),
    (
        define(z[n, d], T[n, d] * (A[n, d] - B[n, d]) - 1),
        define(L, Sum(relu(z[n, d]) - z[n, d], n, d) / (size(n) * size(d))),
    ),
)
