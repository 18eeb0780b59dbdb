"""Distance of the rows of A and B by any p-norm: Y = (Σ |A − B + eps|^p)^(1/p).

The eps, added to every difference, keeps the distance of equal rows away from 0; there NumPy takes
the gradient to be 0.

Family: reductions.
Source: PyTorch, torch.nn.PairwiseDistance.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
A, B, e, Y = tensor("A", n, d), tensor("B", n, d), tensor("e", n, d), tensor("Y", n)
p, eps = option("p", 2.0, between=(1, 4)), option("eps", 1e-6, between=(0.1, 0.5))
layer = Layer(
    (A, B),
    (
        define(e[n, d], A[n, d] - B[n, d] + eps),
        define(Y[n], Sum(absolute(e[n, d]) ** p, d) ** (1 / p)),
    ),
    options=(p, eps),
)
