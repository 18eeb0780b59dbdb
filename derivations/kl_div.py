"""Kullback-Leibler divergence Σ T (log T − X) of targets T from log probabilities X, per sample.

`mean` divides by all N C entries instead of N; `log_target` takes log probabilities as targets.

Family: losses.
Source: PyTorch, torch.nn.KLDivLoss; its default is `mean`, the mathematical one is `batchmean`.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # classes
X, T, U = tensor("X", n, c), tensor("T", n, c, positive=True), tensor("U", n, c)
L = tensor("L")
divergence = Sum(T[n, c] * (log(T[n, c]) - X[n, c]), n, c)
of_logs = Sum(exp(U[n, c]) * (U[n, c] - X[n, c]), n, c)
layers = {
    "batchmean": Layer((X, T), (define(L, divergence / size(n)),)),
    "mean": Layer((X, T), (define(L, divergence / (size(n) * size(c))),)),
    "log_target": Layer((X, U), (define(L, of_logs / size(n)),)),
}
