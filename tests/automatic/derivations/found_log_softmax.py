"""Log-softmax over the last axis, in one line: Y[n,c] = X[n,c] − log Σ_k exp(X[n,k]).

Source: PyTorch, torch.nn.LogSoftmax.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
c, k = axis("C", "c k")  # classes
X, Y = tensor("X", n, c), tensor("Y", n, c)
layer = Layer((X,), (define(Y[n, c], X[n, c] - log(Sum(exp(X[n, k]), k))),))
