"""Binary cross entropy of logits X and targets T, averaged over all entries.

The probability of the other class, 1 − σ(X), is σ(−X).
`pos_weight` has a weight p for the positive term of each class.

Family: losses.
Source: PyTorch, torch.nn.BCEWithLogitsLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, T, p = tensor("X", n, c), tensor("T", n, c), tensor("p", c)
L = tensor("L")
positive, negative = T[n, c] * log(sigmoid(X[n, c])), (1 - T[n, c]) * log(sigmoid(-X[n, c]))
entries = size(n) * size(c)
layers = {
    "mean": Layer((X, T), (define(L, -Sum(positive + negative, n, c) / entries),)),
    "pos_weight": Layer((X, T, p), (define(L, -Sum(p[c] * positive + negative, n, c) / entries),)),
}
