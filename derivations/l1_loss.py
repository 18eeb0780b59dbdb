"""Absolute error of X and targets T: its mean over all entries, its sum, or each entry.

Family: losses.
Source: PyTorch, torch.nn.L1Loss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T = tensor("X", n, d), tensor("T", n, d)
L, each = tensor("L"), tensor("L", n, d)
error = absolute(X[n, d] - T[n, d])
layers = {
    "mean": Layer((X, T), (define(L, Sum(error, n, d) / (size(n) * size(d))),)),
    "sum": Layer((X, T), (define(L, Sum(error, n, d)),)),
    "none": Layer((X, T), (define(each[n, d], error),)),
}
