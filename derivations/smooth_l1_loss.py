"""Smooth L1 loss of e = X − T: e²/(2 β) for |e| < β, |e| − β/2 beyond, with β = beta; the mean.

This is the Huber loss divided by beta, so that the slope is at most 1; beta is greater than 0.
One formula for the three ranges: with a = max(0, β + e) and b = max(0, β − e), the product a b is
β² − e² inside and 0 outside, while a + b is 2 β inside and β + |e| outside.

Family: losses.
Source: PyTorch, torch.nn.SmoothL1Loss; Girshick, Fast R-CNN (2015), equation 3.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, T, L = tensor("X", n, d), tensor("T", n, d), tensor("L")
a, b = tensor("a", n, d), tensor("b", n, d)
beta = option("beta", 1.0, between=(0.5, 1.5))
terms = Sum(a[n, d] + b[n, d] - a[n, d] * b[n, d] / (2 * beta) - 3 * beta / 2, n, d)
layer = Layer(
    (X, T),
    (
        define(a[n, d], relu(beta + X[n, d] - T[n, d])),
        define(b[n, d], relu(beta - X[n, d] + T[n, d])),
        define(L, terms / (size(n) * size(d))),
    ),
    options=(beta,),
)
