"""Reductions over the last axis, from X (S, M) to Y (S,): sums, means, variances, norms, maxima.

`norm1` is the sum of absolute values, `norm` the root of the sum of squares. Where they have no
derivative, at an entry that is zero and at a row of zeros, 0 is used, as in PyTorch. `std` is the
root of var_unbiased; `mean_axes` is the mean over the last two axes of X (S, M, N). Of equal
greatest entries the first one has the whole gradient, as in torch.max(X, dim).

Family: reductions.
Source: PyTorch, torch.sum, torch.var, torch.std, torch.logsumexp, torch.linalg.vector_norm and
torch.max.
"""

from gradcheck.derivations.notation import *

s, i = axis("S", "s i")  # samples
m, k, j = axis("M", "m k j")  # features
n, l, r = axis(size(m) + 1, "n l r")  # features, two at least


def reduction(f, m=m, k=k):
    """Y = f(entry of X, letter to reduce over, another letter of that axis)."""
    X, Y = tensor("X", s, m), tensor("Y", s)
    return Layer((X,), (define(Y[s], f(lambda m: X[s, m], m, k)),))


def greatest():
    """Y = the greatest entry of a row of X; `a` is where it is."""
    X, Y, a = tensor("X", s, m), tensor("Y", s), tensor("a", s, integer=m)
    return Layer((X,), (define(a[s], argmax(X[s, m], m)), define(Y[s], X[s, a[s]])))


def mean_axes():
    (n,) = axis("N", "n")
    X, Y = tensor("X", s, m, n), tensor("Y", s)
    return Layer((X,), (define(Y[s], Sum(X[s, m, n], m, n) / (size(m) * size(n))),))


def mean(x, m, k):
    return Sum(x(m), m) / size(m)


def squares(x, m, k):
    """The sum of squared deviations from the mean."""
    return Sum((x(m) - mean(x, k, m)) ** 2, m)


layers = {
    "sum": reduction(lambda x, m, k: Sum(x(m), m)),
    "mean": reduction(mean),
    "mean_axes": mean_axes(),
    "var_biased": reduction(lambda x, m, k: squares(x, m, k) / size(m)),
    "var_unbiased": reduction(lambda x, n, l: squares(x, n, l) / size(m), n, l),
    "std": reduction(lambda x, n, l: sqrt(squares(x, n, l) / size(m)), n, l),
    "max": greatest(),
    "logsumexp": reduction(lambda x, m, k: log(Sum(exp(x(m)), m))),
    "norm1": reduction(lambda x, m, k: Sum(absolute(x(m)), m)),
    "norm": reduction(lambda x, m, k: sqrt(Sum(x(m) ** 2, m))),
}
