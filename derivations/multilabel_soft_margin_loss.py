"""Multi-label soft margin loss: binary cross entropy of logits X, weighted by class; the mean.

T is 1 for every class that a sample has, else 0.

Family: losses.
Source: PyTorch, torch.nn.MultiLabelSoftMarginLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, T, w, L = tensor("X", n, c), tensor("T", n, c), tensor("w", c), tensor("L")
terms = w[c] * (T[n, c] * log(sigmoid(X[n, c])) + (1 - T[n, c]) * log(sigmoid(-X[n, c])))
layer = Layer((X, T, w), (define(L, -Sum(terms, n, c) / (size(n) * size(c))),))
