"""Max pooling of images: Y[n,c,h,w] is the greatest entry of a window of X.

Around its edge X is padded with −∞, which never wins. Of equal entries in a window the first one,
row by row, has the whole gradient, as in PyTorch. There the stride is the length of the window by
default; here every option has a default of its own.

Where windows overlap, an entry may be the greatest of several: its gradient is a sum.

Family: pooling.
Source: PyTorch, torch.nn.MaxPool2d; Dumoulin, Visin, A guide to convolution arithmetic for deep
learning (2016), section 1.2.
"""

from gradcheck.derivations.notation import *

kernel_size = option("kernel_size", 2, whole=(2, 3))
stride = option("stride", 2, whole=(1, 3))
padding = option("padding", 0, whole=(0, 1))

n, r = axis("N", "n r")  # samples
c, i = axis("C", "c i")  # channels
u, y = axis("U", "u y")  # rows of the input
v, x = axis("V", "v x")  # columns of the input
(h,), (w,) = axis("H", "h"), axis("W", "w")  # rows and columns of the output
(k,), (l,) = axis(kernel_size, "k"), axis(kernel_size, "l")  # those of a window
X, Y = tensor("X", n, c, u, v, padded=-oo), tensor("Y", n, c, h, w)
a, b = tensor("a", n, c, h, w, integer=k), tensor("b", n, c, h, w, integer=l)
dX, dY = grad(X), grad(Y)


def at(h, k):
    """The row of row k in window h, and the same for columns."""
    return stride * h + k - padding


def length(of):
    """How many windows fit on an axis; what is left over at its end is in none."""
    return (of + 2 * padding - kernel_size) // stride + 1


row, column = argmax(X[n, c, at(h, k), at(w, l)], k, l)
of_row, of_column = at(h, a[n, c, h, w]), at(w, b[n, c, h, w])
greatest = X[n, c, of_row, of_column]
hit = delta(n, r) * delta(c, i) * delta(of_row, y) * delta(of_column, x)

by_X = derivation(
    X[r, i, y, x],
    chain(  # a small change of X leaves the places a and b as they are
        D(Y[n, c, h, w], X[r, i, y, x]),
        (D(greatest, X[r, i, y, x]), "definition"),
        (hit, "independent entries"),
    ),
    chain(
        dX[r, i, y, x],
        (Sum(dY[n, c, h, w] * D(Y[n, c, h, w], X[r, i, y, x]), n, c, h, w), "chain rule"),
        (Sum(dY[n, c, h, w] * hit, n, c, h, w), "substitution"),
        (
            Sum(
                dY[r, i, h, w] * delta(at(h, a[r, i, h, w]), y) * delta(at(w, b[r, i, h, w]), x),
                h,
                w,
            ),
            "delta contraction",
        ),
    ),
)

layer = Layer(
    inputs=(X,),
    forward=(
        define(a[n, c, h, w], row),
        define(b[n, c, h, w], column),
        define(Y[n, c, h, w], greatest),
    ),
    derivations=(by_X,),
    options=(kernel_size, stride, padding),
    lengths={"H": length(size(u)), "W": length(size(v))},
)
