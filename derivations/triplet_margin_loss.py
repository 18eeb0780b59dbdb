"""Triplet margin loss: how much the negative is closer to the anchor than a margin allows.

max(0, ‖A − P + eps‖ − ‖A − N + eps‖ + margin) with the L2 norm, for an anchor A, a positive P that
should be near, and a negative N that should not. At 0 the slope is that of a violation, as in
PyTorch.

Family: losses.
Source: PyTorch, torch.nn.TripletMarginLoss with p=2; Balntas and others, Learning local feature
descriptors with triplets and shallow convolutional neural networks (2016).
"""

from gradcheck.derivations.notation import *

(n,) = axis("S", "n")  # samples
(d,) = axis("D", "d")  # features
A, P, N = tensor("A", n, d), tensor("P", n, d), tensor("N", n, d)
near, far, z, L = tensor("near", n), tensor("far", n), tensor("z", n), tensor("L")
margin = option("margin", 1.0, between=(0.5, 1.5))
eps = option("eps", 1e-6, between=(0.01, 0.5))


def distance(B):
    return sqrt(Sum((A[n, d] - B[n, d] + eps) ** 2, d))


layer = Layer(
    (A, P, N),
    (
        define(near[n], distance(P)),
        define(far[n], distance(N)),
        define(z[n], near[n] - far[n] + margin),
        define(L, Sum(z[n] + relu(-z[n]), n) / size(n)),
    ),
    options=(margin, eps),
)
