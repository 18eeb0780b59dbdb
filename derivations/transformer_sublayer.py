"""A residual layer of a transformer with a feed-forward network f, and its normalisation.

Here f(x) = W_2 gelu(W_1 x). `pre_norm` normalises what goes into f, Y = X + f(norm(X)), so that X
has a path of its own to the loss; `post_norm`, as in the first paper, what comes out of the sum,
Y = norm(X + f(X)).

Family: blocks.
Source: Vaswani and others, Attention is all you need (2017), section 3.1; Xiong and others, On
layer normalization in the transformer architecture (2020), figure 1.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # positions
d, e, j = axis("D", "d e j")  # features
m, k = axis("M", "m k")  # hidden features
X, Y, Z, U = (tensor(name, t, d) for name in ("X", "Y", "Z", "U"))
weight, bias = tensor("weight", d), tensor("bias", d)
W1, W2, A, H = tensor("W1", m, d), tensor("W2", d, m), tensor("A", t, m), tensor("H", t, m)
μ, σ = tensor("μ", t), tensor("σ", t)
eps = option("eps", 1e-5, between=(1e-5, 0.5))


def norm(x, z):
    """Layer norm of x, called z."""
    variance = Sum((x[t, e] - μ[t]) ** 2, e) / size(d)
    return (
        define(μ[t], Sum(x[t, d], d) / size(d)),
        define(σ[t], sqrt(variance + eps)),
        define(z[t, d], weight[d] * (x[t, d] - μ[t]) / σ[t] + bias[d]),
    )


def beside_identity(x, y):
    """The network, applied to x, and X added to it, called y."""
    return (
        define(A[t, m], Sum(W1[m, d] * x[t, d], d)),
        define(H[t, m], A[t, m] * (1 + erf(A[t, m] / sqrt(2))) / 2),
        define(y[t, d], X[t, d] + Sum(W2[d, m] * H[t, m], m)),
    )


inputs = (X, W1, W2, weight, bias)
layers = {
    "pre_norm": Layer(inputs, (*norm(X, Z), *beside_identity(Z, Y)), options=(eps,)),
    "post_norm": Layer(inputs, (*beside_identity(X, U), *norm(U, Y)), options=(eps,)),
}
