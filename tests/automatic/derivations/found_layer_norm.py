"""Layer normalisation in one line, with mean and variance over the features.

Source: Ba, Kiros, Hinton, Layer normalization (2016); PyTorch, torch.nn.LayerNorm.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
c, k, l = axis("C", "c k l")  # features
X, g, b, Y = tensor("X", n, c), tensor("g", c), tensor("b", c), tensor("Y", n, c)
eps = tensor("eps", positive=True)
mean = Sum(X[n, k], k) / size(c)
variance = Sum((X[n, l] - mean) ** 2, l) / size(c)
layer = Layer(
    (X, g, b, eps),
    (define(Y[n, c], g[c] * (X[n, c] - mean) / sqrt(variance + eps) + b[c]),),
)
