"""Linear layer for sequences: Y[n,t] = W X[n,t] + b, the same W at every leading index.

Family: linear.
Source: PyTorch, torch.nn.Linear, which keeps leading axes; bias=False for no_bias.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(t,) = axis("T", "t")  # time
(d,) = axis("D", "d")  # input features
(e,) = axis("E", "e")  # output features
X, W, b = tensor("X", n, t, d), tensor("W", e, d), tensor("b", e)
Y = tensor("Y", n, t, e)
product = Sum(X[n, t, d] * W[e, d], d)

layers = {
    "bias": Layer((X, W, b), (define(Y[n, t, e], product + b[e]),)),
    "no_bias": Layer((X, W), (define(Y[n, t, e], product),)),
}
