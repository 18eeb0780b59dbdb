"""Focal loss: cross entropy −log p of the probability p of the target, times (1 − p)^gamma.

`binary` has logits X and targets T of 1 and 0 (or between), p = σ(X) T + (1 − σ(X)) (1 − T), and
weights alpha of positive, 1 − alpha of negative targets; `classes` has logits of classes y.

Family: losses.
Source: Lin and others, Focal loss for dense object detection (2017), equations 4 and 5;
torchvision.ops.sigmoid_focal_loss (there the sum over targets is not divided by default).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
c, k = axis("C", "c k")  # classes
X, T, L = tensor("X", n, c), tensor("T", n, c, between=(0, 1)), tensor("L")
y, m = tensor("y", n, integer=c), tensor("m", n, c)
P, Γ, log_p = tensor("P", n, c), tensor("Γ", n), tensor("logp", n)
alpha = option("alpha", 0.25, between=(0.1, 0.9))
gamma = option("gamma", 2.0, between=(1, 3))


layers = {
    "binary": Layer(
        (X, T),
        (
            define(P[n, c], sigmoid(X[n, c])),
            define(
                m[n, c],  # the probability that is missing to 1
                P[n, c] * (1 - T[n, c]) + (1 - P[n, c]) * T[n, c],
            ),
            define(
                L,
                Sum(
                    (alpha * T[n, c] + (1 - alpha) * (1 - T[n, c]))
                    * m[n, c] ** gamma
                    * (softplus(X[n, c]) - T[n, c] * X[n, c]),
                    n,
                    c,
                )
                / (size(n) * size(c)),
            ),
        ),
        options=(alpha, gamma),
    ),
    "classes": Layer(
        (X, y),
        (
            define(Γ[n], Sum(exp(X[n, k]), k)),
            define(log_p[n], X[n, y[n]] - log(Γ[n])),
            define(L, -Sum((1 - exp(log_p[n])) ** gamma * log_p[n], n) / size(n)),
        ),
        options=(gamma,),
    ),
}
