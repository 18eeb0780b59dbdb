"""Average pooling along one axis: Y[n,c,t] is the mean of a window of X.

X is 0 outside, and by default these zeros count, as in PyTorch (count_include_pad); in `inside`
they do not, and the sum is divided by the number of entries that a window has in X. In PyTorch the
stride is the length of the window by default; here every option has a default of its own.

Family: pooling.
Source: PyTorch, torch.nn.AvgPool1d.
"""

from gradcheck.derivations.notation import *

n, c = axis("N", "n")[0], axis("C", "c")[0]
s, t = axis("L", "s")[0], axis("T", "t")[0]
kernel_size = option("kernel_size", 2, whole=(2, 4))
stride = option("stride", 2, whole=(1, 3))
padding = option("padding", 0, whole=(0, 1))
(k,) = axis(kernel_size, "k")
at = stride * t + k - padding
X, Y, count = tensor("X", n, c, s, padded=True), tensor("Y", n, c, t), tensor("count", t)
total = Sum(X[n, c, at], k)


def pooling(*forward):
    return Layer(
        (X,),
        forward,
        options=(kernel_size, stride, padding),
        lengths={"T": (size(s) + 2 * padding - kernel_size) // stride + 1},
    )


layers = {
    "plain": pooling(define(Y[n, c, t], total / kernel_size)),
    "inside": pooling(
        define(count[t], Sum(bracket(0, at) * bracket(at, size(s) - 1), k)),
        define(Y[n, c, t], total / count[t]),
    ),
}
