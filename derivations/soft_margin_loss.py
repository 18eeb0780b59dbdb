"""Soft margin loss: the mean of log(1 + exp(−T X)), with targets T of 1 and −1.

Family: losses.
Source: PyTorch, torch.nn.SoftMarginLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T, L = tensor("X", n, d), tensor("T", n, d), tensor("L")
terms = Sum(softplus(-T[n, d] * X[n, d]), n, d)
layer = Layer((X, T), (define(L, terms / (size(n) * size(d))),))
