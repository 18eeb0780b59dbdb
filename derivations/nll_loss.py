"""Negative log likelihood of integer targets: −X[n, y_n], of log probabilities X.

Family: losses.
Source: PyTorch, torch.nn.NLLLoss.
"""

from gradcheck.derivations.notation import *

n, m = axis("N", "n m")  # samples
(c,) = axis("C", "c")  # classes
X, y = tensor("X", n, c), tensor("y", n, integer=c)
w = tensor("w", c, positive=True)  # of each class
L, Y = tensor("L"), tensor("Y", n)
layers = {
    "mean": Layer((X, y), (define(L, -Sum(X[n, y[n]], n) / size(n)),)),
    "sum": Layer((X, y), (define(L, -Sum(X[n, y[n]], n)),)),
    "none": Layer((X, y), (define(Y[n], -X[n, y[n]]),)),
    "weight": Layer((X, y, w), (define(L, -Sum(w[y[n]] * X[n, y[n]], n) / Sum(w[y[m]], m)),)),
}
