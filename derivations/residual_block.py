"""Residual block: Y = X + tanh(X W), an identity beside a small network.

Family: blocks.
Source: He, Zhang, Ren, Sun, Deep residual learning for image recognition (2016), equation 1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
d, k = axis("D", "d k")  # features
X, W, Y = tensor("X", n, d), tensor("W", k, d), tensor("Y", n, d)
Z, H = tensor("Z", n, d), tensor("H", n, d)

layer = Layer(
    (X, W),
    (
        define(Z[n, d], Sum(X[n, k] * W[k, d], k)),
        define(H[n, d], tanh(Z[n, d])),
        define(Y[n, d], X[n, d] + H[n, d]),
    ),
)
