"""Convolution along one axis, as a correlation: Y[n,o,t] = Σ_{i,k} X[n,i,t+k] W[o,i,k] + b[o].

Members show the options: stride 2 with an entry left over at the end, and dilation 2.

Family: convolution.
Source: PyTorch, torch.nn.Conv1d; Dumoulin, Visin, A guide to convolution arithmetic for deep
learning (2016).
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
i, j = axis("C", "i j")  # input channels
o, p = axis("O", "o p")  # output channels
t, u = axis("T", "t u")  # time of the output
k, l = axis("K", "k l")  # kernel
K = size(k)


def conv1d(time, at):
    """Entry k of the kernel meets entry at(k) of X, whose time is `time`."""
    (s,) = time
    X, W, b = tensor("X", n, i, s), tensor("W", o, i, k), tensor("b", o)
    Y = tensor("Y", n, o, t)
    return Layer((X, W, b), (define(Y[n, o, t], Sum(X[n, i, at(k)] * W[o, i, k], i, k) + b[o]),))


layers = {
    "plain": conv1d(axis(size(t) + K - 1, "s"), lambda k: t + k),
    "stride": conv1d(axis(2 * size(t) + K - 1, "s"), lambda k: 2 * t + k),
    "dilation": conv1d(axis(size(t) + 2 * K - 2, "s"), lambda k: t + 2 * k),
}
