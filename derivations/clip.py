"""Clipping to an interval: Y = X between min and max, else the nearer end.

At both ends the derivative is 1, as in PyTorch; that of hardtanh is 0 there.

Family: arithmetic.
Source: PyTorch, torch.clamp; NumPy, numpy.clip.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
d, k = axis("D", "d k")  # features
X, Y = tensor("X", n, d), tensor("Y", n, d)
low = option("min", -1.0, between=(-1.5, -0.5))
high = option("max", 1.0, between=(0.5, 1.5))

layer = Layer(
    (X,),
    (define(Y[n, d], X[n, d] + relu(low - X[n, d]) - relu(X[n, d] - high)),),
    options=(low, high),
)
