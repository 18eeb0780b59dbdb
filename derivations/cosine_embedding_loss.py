"""Cosine embedding loss: 1 − cos of a similar pair, max(0, cos − margin) of another; the mean.

cos is the cosine of the angle between a row of A and one of B, to whose squared norms 1e-12 is
added. y is 1 for similar pairs and 0 for others, where PyTorch has −1; NumPy takes either. At the
margin itself the slope is that of a violation, as in PyTorch.

Family: losses.
Source: PyTorch, torch.nn.CosineEmbeddingLoss.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # pairs
d, k = axis("D", "d k")  # features
(z,) = axis("C", "z")  # values of y: 0 for pairs that are not similar
A, B, y = tensor("A", n, d), tensor("B", n, d), tensor("y", n, integer=z)
a, b, cosine, L = tensor("a", n), tensor("b", n), tensor("cos", n), tensor("L")
margin = option("margin", 0.0, between=(-0.5, 0.5))
other, tiny = delta(y[n], 0), Rational(1, 10**12)
violation = cosine[n] - margin + relu(margin - cosine[n])
layer = Layer(
    (A, B, y),
    (
        define(a[n], sqrt(Sum(A[n, d] ** 2, d) + tiny)),
        define(b[n], sqrt(Sum(B[n, d] ** 2, d) + tiny)),
        define(cosine[n], Sum(A[n, k] * B[n, k], k) / (a[n] * b[n])),
        define(L, Sum((1 - other) * (1 - cosine[n]) + other * violation, n) / size(n)),
    ),
    options=(margin,),
)
