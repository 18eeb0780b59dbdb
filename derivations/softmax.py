"""Softmax over the last axis: P[n,c] = exp(X[n,c]) / Σ_k exp(X[n,k]).

Family: activations.
Source: Goodfellow, Bengio, Courville, Deep Learning (2016), equation 6.29.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k, l = axis("C", "c k l")  # classes
X, P = tensor("X", n, c), tensor("P", n, c)
Γ = tensor("Γ", n)
dX, dP = grad(X), grad(P)

denominator = chain(
    D(Γ[n], X[r, k]),
    (Sum(D(exp(X[n, l]), X[r, k]), l), "linearity"),
    (Sum(exp(X[n, l]) * D(X[n, l], X[r, k]), l), "function derivative"),
    (Sum(exp(X[n, l]) * delta(n, r) * delta(l, k), l), "independent entries"),
    (exp(X[n, k]) * delta(n, r), "delta contraction"),
)
quotient = chain(
    D(P[n, c], X[r, k]),
    (
        (D(exp(X[n, c]), X[r, k]) * Γ[n] - exp(X[n, c]) * D(Γ[n], X[r, k])) / Γ[n] ** 2,
        "quotient rule",
    ),
    (
        (
            exp(X[n, c]) * delta(n, r) * delta(c, k) * Γ[n]
            - exp(X[n, c]) * exp(X[n, k]) * delta(n, r)
        )
        / Γ[n] ** 2,
        "substitution",
    ),
    (P[n, c] * delta(n, r) * delta(c, k) - P[n, c] * P[n, k] * delta(n, r), "named intermediate"),
    (delta(n, r) * P[n, c] * (delta(c, k) - P[n, k]), "algebra"),
)
diagonal = chain(D(P[n, c], X[n, k]), (P[n, c] * (1 - P[n, c]), "case"), where=Eq(c, k))
off_diagonal = chain(D(P[n, c], X[n, k]), (-P[n, c] * P[n, k], "case"), where=Ne(c, k))
gradient = chain(
    dX[r, k],
    (Sum(dP[n, c] * D(P[n, c], X[r, k]), n, c), "chain rule"),
    (Sum(dP[n, c] * delta(n, r) * P[n, c] * (delta(c, k) - P[n, k]), n, c), "substitution"),
    (dP[r, k] * P[r, k] - P[r, k] * Sum(dP[r, c] * P[r, c], c), "delta contraction"),
    (P[r, k] * (dP[r, k] - Sum(dP[r, c] * P[r, c], c)), "algebra"),
)

layer = Layer(
    inputs=(X,),
    forward=(
        define(Γ[n], Sum(exp(X[n, l]), l)),
        define(P[n, c], exp(X[n, c]) / Γ[n]),
    ),
    derivations=(
        derivation(
            X[r, k],
            denominator,
            quotient,
            diagonal,
            off_diagonal,
            gradient,
            matrix=dP * P - diag((dP * P) @ ones(c)) @ P,
        ),
    ),
)
