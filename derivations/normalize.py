"""Rows divided by their L2 norm, or by eps where the norm is less.

Y[n,d] = X[n,d] / max(√(Σ_k X[n,k]²), eps); where the norm is eps, it has its own derivative.

Family: normalisation.
Source: PyTorch, torch.nn.functional.normalize with p=2, dim=1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
d, k = axis("D", "d k")  # features
X, Y, norm = tensor("X", n, d), tensor("Y", n, d), tensor("norm", n)
eps = option("eps", 1e-12, between=(0.1, 3))
layer = Layer(
    (X,),
    (
        define(norm[n], sqrt(Sum(X[n, k] ** 2, k))),
        define(Y[n, d], X[n, d] / (norm[n] + relu(eps - norm[n]))),
    ),
    options=(eps,),
)
