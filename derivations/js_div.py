"""Jensen-Shannon divergence of P and Q: half of what each diverges from their mean, per sample.

With M = (P + Q)/2 it is Σ P log(P/M)/2 + Σ Q log(Q/M)/2; symmetric, and at most log 2.

Family: losses.
Source: Lin, Divergence measures based on the Shannon entropy (1991), of two distributions with
equal weights.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
P, Q = tensor("P", n, c, positive=True), tensor("Q", n, c, positive=True)
M, L = tensor("M", n, c), tensor("L")


def divergence(A):
    """From the mean, of all samples."""
    return Sum(A[n, c] * (log(A[n, c]) - log(M[n, c])), n, c)


layer = Layer(
    (P, Q),
    (
        define(M[n, c], (P[n, c] + Q[n, c]) / 2),
        define(L, (divergence(P) + divergence(Q)) / (2 * size(n))),
    ),
)
