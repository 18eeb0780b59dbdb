"""Unfold: windows of length 3 side by side, every entry and every second one.

Family: convolution.
Source: PyTorch, torch.Tensor.unfold.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
(t,) = axis("T", "t")  # windows
(k,) = axis(3, "k")  # a window


def unfold(length, step):
    (s,) = axis(length, "s")
    X, Y = tensor("X", n, s), tensor("Y", n, t, k)
    return Layer((X,), (define(Y[n, t, k], X[n, step * t + k]),))


layers = {"overlapping": unfold(size(t) + 2, 1), "stride": unfold(2 * size(t) + 1, 2)}
