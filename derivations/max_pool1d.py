"""Max pooling along one axis: Y[n,c,t] is the greatest entry of a window of X.

Outside its ends X is padded with −∞, which never wins. Of equal entries in a window the first one
has the whole gradient, as in PyTorch. There the stride is the length of the window by default;
here every option has a default of its own.

Family: pooling.
Source: PyTorch, torch.nn.MaxPool1d.
"""

from gradcheck.derivations.notation import *

kernel_size = option("kernel_size", 2, whole=(2, 3))
stride = option("stride", 2, whole=(1, 3))
padding = option("padding", 0, whole=(0, 1))

n, r = axis("N", "n r")  # samples
c, i = axis("C", "c i")  # channels
s, u = axis("S", "s u")  # time
(t,) = axis("T", "t")  # windows
(k,) = axis(kernel_size, "k")  # places in a window
X, Y = tensor("X", n, c, s, padded=-oo), tensor("Y", n, c, t)
a = tensor("a", n, c, t, integer=k)  # the place of the greatest


def at(k):
    """The time of place k in window t."""
    return stride * t + k - padding


layer = Layer(
    inputs=(X,),
    forward=(
        define(a[n, c, t], argmax(X[n, c, at(k)], k)),
        define(Y[n, c, t], X[n, c, at(a[n, c, t])]),
    ),
    options=(kernel_size, stride, padding),
    lengths={"T": (size(s) + 2 * padding - kernel_size) // stride + 1},
)
