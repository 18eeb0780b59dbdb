"""ReLU with a learned slope w of negative entries, one for each channel; at 0 its slope is w.

Family: activations.
Source: PyTorch, torch.nn.PReLU; He and others, Delving deep into rectifiers (2015), equation 1.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples
(c,) = axis("C", "c")  # channels
X, weight, Y = tensor("X", n, c), tensor("weight", c), tensor("Y", n, c)
positive = relu(X[n, c])
layer = Layer((X, weight), (define(Y[n, c], positive + weight[c] * (X[n, c] - positive)),))
