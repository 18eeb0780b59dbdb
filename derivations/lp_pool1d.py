"""Power-average pooling along one axis: Y[n,c,t] = (Σ_k X[n,c,stride t + k] ^ p) ^ (1 / p).

p is called norm_type. X is taken to be positive: powers that are no whole numbers need that, and
PyTorch takes no absolute values either. In PyTorch the stride is the length of the window by
default; here every option has a default of its own.

Family: pooling.
Source: PyTorch, torch.nn.LPPool1d.
"""

from gradcheck.derivations.notation import *

(n,), (c,), (s,), (t,) = axis("N", "n"), axis("C", "c"), axis("L", "s"), axis("T", "t")
norm_type = option("norm_type", 2.0, between=(1.1, 4.0))
kernel_size = option("kernel_size", 2, whole=(2, 4))
stride = option("stride", 2, whole=(1, 3))
(k,) = axis(kernel_size, "k")
# no window ends outside of X; padded=True spares the proof the rounding down that says so
X = tensor("X", n, c, s, padded=True, between=(0.1, 2))
Y, Z = tensor("Y", n, c, t), tensor("Z", n, c, t)
layer = Layer(
    (X,),
    (
        define(Z[n, c, t], Sum(X[n, c, stride * t + k] ** norm_type, k)),
        define(Y[n, c, t], Z[n, c, t] ** (1 / norm_type)),
    ),
    options=(norm_type, kernel_size, stride),
    lengths={"T": (size(s) - kernel_size) // stride + 1},
)
