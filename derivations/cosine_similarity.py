"""Cosine of the angle between the rows of A and B, which are not zero.

Family: reductions.
Source: PyTorch, torch.nn.CosineSimilarity (there norms are at least eps).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
d, k = axis("D", "d k")  # features
A, B = tensor("A", n, d), tensor("B", n, d)
a, b, Y = tensor("a", n), tensor("b", n), tensor("Y", n)
layer = Layer(
    (A, B),
    (
        define(a[n], sqrt(Sum(A[n, d] ** 2, d))),
        define(b[n], sqrt(Sum(B[n, d] ** 2, d))),
        define(Y[n], Sum(A[n, k] * B[n, k], k) / (a[n] * b[n])),
    ),
)
