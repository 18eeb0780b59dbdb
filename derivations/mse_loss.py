"""Squared error of X and targets T: its mean over all entries, its sum, or each entry.

Family: losses.
Source: PyTorch, torch.nn.MSELoss; Bishop, Pattern Recognition and Machine Learning (2006), 1.1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T = tensor("X", n, d), tensor("T", n, d)
L, each = tensor("L"), tensor("L", n, d)
error = (X[n, d] - T[n, d]) ** 2
layers = {
    "mean": Layer((X, T), (define(L, Sum(error, n, d) / (size(n) * size(d))),)),
    "sum": Layer((X, T), (define(L, Sum(error, n, d)),)),
    "none": Layer((X, T), (define(each[n, d], error),)),
}
