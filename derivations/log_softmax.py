"""Log-softmax over the last axis: Y[n,c] = X[n,c] − log Σ_k exp(X[n,k]).

Family: activations.
Source: PyTorch, torch.nn.LogSoftmax.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k, l = axis("C", "c k l")  # classes
X, Y = tensor("X", n, c), tensor("Y", n, c)
Γ, P = tensor("Γ", n), tensor("P", n, c)
dX, dY = grad(X), grad(Y)

denominator = chain(
    D(Γ[n], X[r, k]),
    (Sum(exp(X[n, l]) * D(X[n, l], X[r, k]), l), "function derivative"),
    (Sum(exp(X[n, l]) * delta(n, r) * delta(l, k), l), "independent entries"),
    (exp(X[n, k]) * delta(n, r), "delta contraction"),
)
logarithm = chain(
    D(Y[n, c], X[r, k]),
    (D(X[n, c], X[r, k]) - D(log(Γ[n]), X[r, k]), "linearity"),
    (D(X[n, c], X[r, k]) - D(Γ[n], X[r, k]) / Γ[n], "function derivative"),
    (delta(n, r) * delta(c, k) - D(Γ[n], X[r, k]) / Γ[n], "independent entries"),
    (delta(n, r) * delta(c, k) - exp(X[n, k]) * delta(n, r) / Γ[n], "substitution"),
    (delta(n, r) * (delta(c, k) - P[n, k]), "named intermediate"),
)
gradient = chain(
    dX[r, k],
    (Sum(dY[n, c] * D(Y[n, c], X[r, k]), n, c), "chain rule"),
    (Sum(dY[n, c] * delta(n, r) * (delta(c, k) - P[n, k]), n, c), "substitution"),
    (dY[r, k] - P[r, k] * Sum(dY[r, c], c), "delta contraction"),
)

layer = Layer(
    inputs=(X,),
    forward=(
        define(Γ[n], Sum(exp(X[n, l]), l)),
        define(Y[n, c], X[n, c] - log(Γ[n])),
    ),
    adjoints=(define(P[n, c], exp(X[n, c]) / Γ[n]),),  # the softmax, which only the gradient needs
    derivations=(
        derivation(
            X[r, k],
            denominator,
            logarithm,
            gradient,
            matrix=dY - diag(dY @ ones(c)) @ P,
        ),
    ),
)
