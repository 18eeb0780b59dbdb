"""Gated linear units: one half of the features, times a function of the other half.

`glu` gates the first half of the last axis by the sigmoid of the second. `swiglu` and `geglu` are
the feed-forward blocks of Llama and T5: Y = W_2 (f(W_1 x) ⊙ W_3 x), with the functions x σ(x) and
GELU; x has a gradient through both factors.

Family: blocks.
Source: PyTorch, torch.nn.GLU; Shazeer, GLU variants improve transformer (2020), equation 6.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
d, j = axis("D", "d j")  # features
m, k = axis("M", "m k")  # hidden features
(s,) = axis(2 * size(d), "s")  # both halves


def glu():
    X, Y = tensor("X", n, s), tensor("Y", n, d)
    return Layer((X,), (define(Y[n, d], X[n, d] * sigmoid(X[n, d + size(d)])),))


def block(f):
    """The feed-forward block whose gate goes through f."""
    X, W1, W3 = tensor("X", n, d), tensor("W1", m, d), tensor("W3", m, d)
    W2, Y = tensor("W2", d, m), tensor("Y", n, d)
    A, B, H = tensor("A", n, m), tensor("B", n, m), tensor("H", n, m)
    return Layer(
        (X, W1, W3, W2),
        (
            define(A[n, m], Sum(W1[m, d] * X[n, d], d)),
            define(B[n, m], Sum(W3[m, d] * X[n, d], d)),
            define(H[n, m], f(A[n, m]) * B[n, m]),
            define(Y[n, d], Sum(W2[d, m] * H[n, m], m)),
        ),
    )


layers = {
    "glu": glu(),
    "swiglu": block(lambda x: x * sigmoid(x)),
    "geglu": block(lambda x: x * (1 + erf(x / sqrt(2))) / 2),
}
