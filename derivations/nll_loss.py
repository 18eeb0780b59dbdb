"""Negative log likelihood of integer targets: −X[n, y_n], of log probabilities X.

A sample whose target is `ignore_index` counts neither in the sum nor in the number that its mean
divides by; the mean with weights w of the classes divides by the sum of those picked.

Family: losses.
Source: PyTorch, torch.nn.NLLLoss.
"""

from gradcheck.derivations.notation import *

n, m = axis("N", "n m")  # samples
(c,) = axis("C", "c")  # classes
X, y = tensor("X", n, c), tensor("y", n, integer=c)
w = tensor("w", c, positive=True)  # of each class
L, each = tensor("L"), tensor("L", n)
ignore_index = option("ignore_index", -100, whole=(1, 2))


def counts(n):
    """1, or 0 for a sample that is ignored."""
    return 1 - delta(y[n], ignore_index)


def layer(output, value, *inputs):
    return Layer((X, y, *inputs), (define(output, value),), options=(ignore_index,))


losses = counts(n) * X[n, y[n]]
weighted = w[y[n]] * losses
layers = {
    "mean": layer(L, -Sum(losses, n) / Sum(counts(m), m)),
    "sum": layer(L, -Sum(losses, n)),
    "none": layer(each[n], -losses),
    "weight": layer(L, -Sum(weighted, n) / Sum(w[y[m]] * counts(m), m), w),
}
