"""Convolution along one axis, with several channels and a kernel of any length.

Source: PyTorch, torch.nn.Conv1d, without padding, stride 1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(i,) = axis("C", "i")  # input channels
(o,) = axis("O", "o")  # output channels
(t,) = axis("T", "t")  # time of the output
(k,) = axis("K", "k")  # kernel
(s,) = axis(size(t) + size(k) - 1, "s")  # time of the input
X, W, b = tensor("X", n, i, s), tensor("W", o, i, k), tensor("b", o)
Y = tensor("Y", n, o, t)
layer = Layer((X, W, b), (define(Y[n, o, t], Sum(X[n, i, t + k] * W[o, i, k], i, k) + b[o]),))
