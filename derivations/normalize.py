"""Rows divided by their L2 norm: Y[n,d] = X[n,d] / √(Σ_k X[n,k]²), for rows other than 0.

Family: normalisation.
Source: PyTorch, torch.nn.functional.normalize with p=2, dim=1; a norm below 1e-12 is replaced by
1e-12 there, and so on the NumPy side.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
d, k = axis("D", "d k")  # features
X, Y, norm = tensor("X", n, d), tensor("Y", n, d), tensor("norm", n)

layer = Layer(
    (X,),
    (
        define(norm[n], sqrt(Sum(X[n, k] ** 2, k))),
        define(Y[n, d], X[n, d] / norm[n]),
    ),
)
