"""Huber loss of e = X − T: e²/2 for |e| ≤ δ, δ (|e| − δ/2) beyond, with δ = delta; the mean.

One formula for the three ranges: with a = max(0, δ + e) and b = max(0, δ − e), the product a b is
δ² − e² inside and 0 outside, while a + b is 2 δ inside and δ + |e| outside.

Family: losses.
Source: PyTorch, torch.nn.HuberLoss; Huber, Robust estimation of a location parameter (1964).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T, L = tensor("X", n, d), tensor("T", n, d), tensor("L")
a, b = tensor("a", n, d), tensor("b", n, d)
width = option("delta", 1.0, between=(0.5, 1.5))
terms = Sum(width * (a[n, d] + b[n, d]) - a[n, d] * b[n, d] / 2 - 3 * width**2 / 2, n, d)
layer = Layer(
    (X, T),
    (
        define(a[n, d], relu(width + X[n, d] - T[n, d])),
        define(b[n, d], relu(width - X[n, d] + T[n, d])),
        define(L, terms / (size(n) * size(d))),
    ),
    options=(width,),
)
