"""Average pooling of images: Y[n,c,h,w] is the mean of a window of X.

X is 0 outside, and by default these zeros count, as in PyTorch (count_include_pad); in `inside`
they do not, and the sum is divided by the number of entries that a window has in X. In PyTorch the
stride is the length of the window by default; here every option has a default of its own, which
holds for rows and columns.

Family: pooling.
Source: PyTorch, torch.nn.AvgPool2d.
"""

from gradcheck.derivations.notation import *

n, c = axis("N", "n")[0], axis("C", "c")[0]
y, x = axis("H", "y")[0], axis("W", "x")[0]
h, w = axis("P", "h")[0], axis("Q", "w")[0]
kernel_size = option("kernel_size", 2, whole=(2, 3))
stride = option("stride", 2, whole=(1, 3))
padding = option("padding", 0, whole=(0, 1))
(k,), (l,) = axis(kernel_size, "k"), axis(kernel_size, "l")
row, column = stride * h + k - padding, stride * w + l - padding
X, Y = tensor("X", n, c, y, x, padded=True), tensor("Y", n, c, h, w)
count = tensor("count", h, w)
total = Sum(X[n, c, row, column], k, l)


def inside(at, index):
    return bracket(0, at) * bracket(at, size(index) - 1)


def length(index):
    return (size(index) + 2 * padding - kernel_size) // stride + 1


def pooling(*forward):
    return Layer(
        (X,),
        forward,
        options=(kernel_size, stride, padding),
        lengths={"P": length(y), "Q": length(x)},
    )


layers = {
    "plain": pooling(define(Y[n, c, h, w], total / kernel_size**2)),
    "inside": pooling(
        define(count[h, w], Sum(inside(row, y) * inside(column, x), k, l)),
        define(Y[n, c, h, w], total / count[h, w]),
    ),
}
