"""Hinge loss of scores X and targets T of 1 and −1: the mean of max(0, 1 − T X), or of its square.

At the margin, T X = 1, the slope of the hinge is 0.

Family: losses.
Source: Cortes, Vapnik, Support-vector networks (1995); keras.losses.Hinge and SquaredHinge.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, T, L = tensor("X", n, c), tensor("T", n, c), tensor("L")
hinge, entries = relu(1 - T[n, c] * X[n, c]), size(n) * size(c)
layers = {
    "plain": Layer((X, T), (define(L, Sum(hinge, n, c) / entries),)),
    "squared": Layer((X, T), (define(L, Sum(hinge**2, n, c) / entries),)),
}
