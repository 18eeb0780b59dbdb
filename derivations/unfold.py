"""Unfold: windows side by side, overlapping or not; an entry is in as many as meet it.

In `sliding` windows of the last axis get an axis of their own: Y[n,t,k] = X[n,step t + k]. In
`images` Y[n,c,k,l,h,w] is entry (k, l) of channel c in window (h, w), so that convolution becomes
a matrix product ("im2col"). PyTorch's Unfold joins the axes c, k, l, and h, w.

Family: convolution.
Source: PyTorch, torch.Tensor.unfold (sliding) and torch.nn.Unfold (images).
"""

from gradcheck.derivations.conv1d import dilation, padding, stride
from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # samples


def sliding():
    length, step = option("size", 2, whole=(1, 4)), option("step", 1, whole=(1, 3))
    (s,), (t,), (k,) = axis("L", "s"), axis("T", "t"), axis(length, "k")
    # no window ends outside of X; padded=True spares the proof the rounding down that says so
    X, Y = tensor("X", n, s, padded=True), tensor("Y", n, t, k)
    return Layer(
        (X,),
        (define(Y[n, t, k], X[n, step * t + k]),),
        options=(length, step),
        lengths={"T": (size(s) - length) // step + 1},
    )


def images():
    K = option("kernel_size", 2, whole=(1, 3))
    (c,), (y,), (x,) = axis("C", "c"), axis("H", "y"), axis("W", "x")
    (h,), (w,), (k,), (l,) = axis("P", "h"), axis("Q", "w"), axis(K, "k"), axis(K, "l")
    X, Y = tensor("X", n, c, y, x, padded=True), tensor("Y", n, c, k, l, h, w)
    met = X[n, c, stride * h + dilation * k - padding, stride * w + dilation * l - padding]
    return Layer(
        (X,),
        (define(Y[n, c, k, l, h, w], met),),
        options=(K, stride, padding, dilation),
        lengths={
            name: (size(of) + 2 * padding - dilation * (K - 1) - 1) // stride + 1
            for name, of in (("P", y), ("Q", x))
        },
    )


layers = {"sliding": sliding(), "images": images()}
