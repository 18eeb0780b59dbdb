"""Huber loss of the error e = X − T with delta 2: e²/2 for |e| ≤ 2, 2 |e| − 2 beyond; the mean.

One formula for the three ranges: with a = max(0, 2 + e) and b = max(0, 2 − e), the product a b is
4 − e² inside and 0 outside, while a + b is 4 inside and 2 + |e| outside.

Family: losses.
Source: PyTorch, torch.nn.HuberLoss; Huber, Robust estimation of a location parameter (1964).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T, L = tensor("X", n, d), tensor("T", n, d), tensor("L")
e, a, b = tensor("e", n, d), tensor("a", n, d), tensor("b", n, d)
terms = Sum(2 * (a[n, d] + b[n, d]) - a[n, d] * b[n, d] / 2 - 6, n, d)
layer = Layer(
    (X, T),
    (
        define(e[n, d], X[n, d] - T[n, d]),
        define(a[n, d], relu(2 + e[n, d])),
        define(b[n, d], relu(2 - e[n, d])),
        define(L, terms / (size(n) * size(d))),
    ),
)
