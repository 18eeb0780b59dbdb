"""Local response normalisation: Y = X S^(-beta), S = k + alpha times a mean of squares near by.

The mean is over a window of 3 channels; beyond the first and the last channel X is 0, and the mean
is still divided by 3, as in PyTorch.

Family: normalisation.
Source: Krizhevsky, Sutskever, Hinton, ImageNet classification with deep convolutional neural
networks (2012), section 3.3; PyTorch, torch.nn.LocalResponseNorm with size=3.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, i = axis("C", "c i")  # channels
l, p = axis("L", "l p")  # positions
(j,) = axis(3, "j")  # channels of a window
alpha = option("alpha", 1e-4, between=(0.1, 2))
beta = option("beta", 0.75, between=(0.2, 0.9))
k = option("k", 1.0, between=(0.5, 2))
X, Y = tensor("X", n, c, l, padded=True), tensor("Y", n, c, l)
S = tensor("S", n, c, l)
squares = Sum(X[n, c + j - 1, l] ** 2, j)

layer = Layer(
    (X,),
    (
        define(S[n, c, l], k + alpha / 3 * squares),
        define(Y[n, c, l], X[n, c, l] * exp(-beta * log(S[n, c, l]))),
    ),
    options=(alpha, beta, k),
)
