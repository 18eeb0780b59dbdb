"""Negative log likelihood of counts T for Poisson distributions, without log T!; the mean.

X is the logarithm of the rate, or in `rates` the rate itself, whose logarithm is that of X + eps.
`full` adds Stirling's approximation of log T!, T log T − T + log(2πT)/2, of targets above 1; here
all are. T is not rounded and has a gradient.

Family: losses.
Source: PyTorch, torch.nn.PoissonNLLLoss, log_input=True and False.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(d,) = axis("D", "d")  # features
X, rate = tensor("X", n, d), tensor("X", n, d, positive=True)
T, L = tensor("T", n, d, between=(1.5, 4)), tensor("L")
eps = option("eps", 1e-8, between=(1e-3, 0.5))
full = option("full", 0, whole=(0, 1))
stirling = T[n, d] * log(T[n, d]) - T[n, d] + log(2 * pi * T[n, d]) / 2


def mean(X, loss, *options):
    """The mean of losses, and of what `full` adds to each."""
    total = Sum(loss + full * stirling, n, d)
    return Layer((X, T), (define(L, total / (size(n) * size(d))),), options=(full, *options))


layers = {
    "logarithms": mean(X, exp(X[n, d]) - T[n, d] * X[n, d]),
    "rates": mean(rate, rate[n, d] - T[n, d] * log(rate[n, d] + eps), eps),
}
