"""RMS normalisation: Y[n,c] = X[n,c] r[n] g[c] with r = 1 / √(mean of X² + eps).

Source: Zhang, Sennrich, Root mean square layer normalization (2019).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
c, k = axis("C", "c k")  # features
X, g, r, Y = tensor("X", n, c), tensor("g", c), tensor("r", n), tensor("Y", n, c)
eps = tensor("eps", positive=True)
layer = Layer(
    (X, g, eps),
    (
        define(r[n], 1 / sqrt(Sum(X[n, k] ** 2, k) / size(c) + eps)),
        define(Y[n, c], X[n, c] * r[n] * g[c]),
    ),
)
