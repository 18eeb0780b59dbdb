"""Softmax of logits divided by a temperature: P[n,c] = exp(X[n,c] / τ) / Σ_k exp(X[n,k] / τ).

Its gradient is that of softmax divided by τ; with τ near 0 it is nearly a choice of the greatest.

Family: activations.
Source: Hinton, Vinyals, Dean, Distilling the knowledge in a neural network (2015), equation 1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
c, k = axis("C", "c k")  # classes
X, P, Γ = tensor("X", n, c), tensor("P", n, c), tensor("Γ", n)
temperature = option("temperature", 1.0, between=(0.5, 3))
layer = Layer(
    (X,),
    (
        define(Γ[n], Sum(exp(X[n, k] / temperature), k)),
        define(P[n, c], exp(X[n, c] / temperature) / Γ[n]),
    ),
    options=(temperature,),
)
