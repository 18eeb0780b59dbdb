"""Hinge embedding loss of distances X: X itself of a similar pair, max(0, margin − X) of another.

y is 1 for similar pairs and 0 for others, where PyTorch has −1; NumPy takes either. The mean.
At the margin itself the slope is that of a violation, as in PyTorch.

Family: losses.
Source: PyTorch, torch.nn.HingeEmbeddingLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # pairs of a sample
(z,) = axis("B", "z")  # values of y: 0 for pairs that are not similar
X, y, L = tensor("X", n, d), tensor("y", n, d, integer=z), tensor("L")
margin = option("margin", 1.0, between=(0.5, 1.5))
other = delta(y[n, d], 0)
violation = relu(X[n, d] - margin) + margin - X[n, d]
terms = Sum((1 - other) * X[n, d] + other * violation, n, d)
layer = Layer((X, y), (define(L, terms / (size(n) * size(d))),), options=(margin,))
