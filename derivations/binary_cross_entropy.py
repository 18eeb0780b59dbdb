"""Binary cross entropy of probabilities P and targets T: −T log P − (1 − T) log(1 − P), the mean.

Targets may lie between 0 and 1. On the NumPy side logarithms are at least −100, and what the
gradient by P is divided by is at least 1e-12, as in PyTorch.

Family: losses.
Source: PyTorch, torch.nn.BCELoss; Goodfellow, Bengio, Courville, Deep Learning (2016), 6.2.2.2.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
P, T = tensor("P", n, c, between=(0.05, 0.95)), tensor("T", n, c, between=(0, 1))
L = tensor("L")
terms = Sum(T[n, c] * log(P[n, c]) + (1 - T[n, c]) * log(1 - P[n, c]), n, c)
layer = Layer((P, T), (define(L, -terms / (size(n) * size(c))),))
