"""Negative log likelihood of targets T for normal distributions with mean X and variance v.

The mean over all entries of (log v + (X − T)² / v) / 2; `full` adds the constant log(2π) / 2.

Family: losses.
Source: PyTorch, torch.nn.GaussianNLLLoss (there variances less than eps count as eps, and so on
the NumPy side; here they are not as small).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T, L = tensor("X", n, d), tensor("T", n, d), tensor("L")
v = tensor("v", n, d, positive=True)
full = option("full", 0, whole=(0, 1))
terms = Sum(log(v[n, d]) + (X[n, d] - T[n, d]) ** 2 / v[n, d], n, d)
mean = terms / (2 * size(n) * size(d))
layer = Layer((X, T, v), (define(L, mean + full * log(2 * pi) / 2),), options=(full,))
