"""Feed-forward block: Y = W_2 relu(W_1 x + b_1) + b_2, at every position alike.

Family: blocks.
Source: Vaswani and others, Attention is all you need (2017), equation 2.
"""

from gradcheck.derivations.notation import *

t, r = axis("T", "t r")  # positions
d, j = axis("D", "d j")  # features
m, k = axis("M", "m k")  # hidden features
X, Y = tensor("X", t, d), tensor("Y", t, d)
W1, b1, W2, b2 = tensor("W1", m, d), tensor("b1", m), tensor("W2", d, m), tensor("b2", d)
A, H = tensor("A", t, m), tensor("H", t, m)

layer = Layer(
    (X, W1, b1, W2, b2),
    (
        define(A[t, m], Sum(W1[m, d] * X[t, d], d) + b1[m]),
        define(H[t, m], relu(A[t, m])),
        define(Y[t, d], Sum(W2[d, m] * H[t, m], m) + b2[d]),
    ),
)
