"""Cosine of the angle between the rows of A and B; norms less than eps count as eps.

Family: reductions.
Source: PyTorch, torch.nn.CosineSimilarity (where the gradient of a norm that counts as eps is still
that of the norm; here it is 0, as the formula says).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
d, k = axis("D", "d k")  # features
A, B = tensor("A", n, d), tensor("B", n, d)
a, b, Y = tensor("a", n), tensor("b", n), tensor("Y", n)
eps = option("eps", 1e-8, between=(0.1, 3))


def at_least_eps(norm):
    return norm + relu(eps - norm)


layer = Layer(
    (A, B),
    (
        define(a[n], sqrt(Sum(A[n, d] ** 2, d))),
        define(b[n], sqrt(Sum(B[n, d] ** 2, d))),
        define(Y[n], Sum(A[n, k] * B[n, k], k) / (at_least_eps(a[n]) * at_least_eps(b[n]))),
    ),
    options=(eps,),
)
