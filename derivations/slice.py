"""Slicing of the last axis: Y = X[:, start::step]. What is left out has gradient 0.

Family: shapes.
Source: NumPy, basic slicing; with step 1, PyTorch, torch.narrow.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
s, u = axis("S", "s u")  # time
t, w = axis("T", "t w")  # time of the slice
X, Y = tensor("X", n, s), tensor("Y", n, t)
start = option("start", 0, whole=(0, 2))
step_ = option("step", 1, whole=(1, 3))

layer = Layer(
    (X,),
    (define(Y[n, t], Sum(X[n, s] * delta(s, start + step_ * t), s)),),
    options=(start, step_),
    lengths={"T": (size(s) - start - 1) // step_ + 1},
)
