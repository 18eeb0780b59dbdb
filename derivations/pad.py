"""Padding of the last axis by one entry before and two after, in the four modes of PyTorch.

With zeros; with the end values; with a mirror image around the end values; or as if the axis were
a circle. What is copied several times adds its gradients up. An axis that is reflected has at
least three entries, one that is a circle two.

Family: shapes.
Source: PyTorch, torch.nn.functional.pad.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
t, u = axis("T", "t u")  # time


def padded(least, before, after):
    """Y is X with X[before] ahead of it and X[after[0]], X[after[1]] behind it."""
    (i,) = axis(size(t) + least - 1, "i")  # time, at least `least`
    i = t if least == 1 else i
    T = size(i)
    (s,) = axis(T + 3, "s")  # time with padding
    X, Y = tensor("X", n, i), tensor("Y", n, s)
    value = Sum(X[n, i] * delta(s - i, 1), i)
    if before is not None:
        value += X[n, before(T)] * delta(s, 0)
        value += sum(X[n, place] * delta(s, T + 1 + k) for k, place in enumerate(after(T)))
    return Layer((X,), (define(Y[n, s], value),))


layers = {
    "constant": padded(1, None, None),
    "replicate": padded(1, lambda T: 0, lambda T: (T - 1, T - 1)),
    "reflect": padded(3, lambda T: 1, lambda T: (T - 2, T - 3)),
    "circular": padded(2, lambda T: T - 1, lambda T: (0, 1)),
}
