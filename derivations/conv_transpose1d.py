"""Transposed convolution along one axis: every entry of X adds its multiple of the kernel to Y.

    Y[n,o,t] = Σ_{i,s,k} X[n,i,s] weight[i,o,k] δ(stride s + dilation k - padding,t) + bias[o]

It is what convolution with the same options does to the gradient of its output. What falls outside
of Y is lost: `padding` entries at both ends; `output_padding` adds entries at the end of Y.

Family: convolution.
Source: PyTorch, torch.nn.ConvTranspose1d; Dumoulin, Visin, A guide to convolution arithmetic for
deep learning (2016), chapter 4.
"""

from functools import reduce
from operator import mul

from gradcheck.derivations.conv1d import dilation, met, padding, reach, stride
from gradcheck.derivations.notation import *

output_padding = option("output_padding", 0, whole=(0, 1))


def transposed(axes):
    """axes: for each axis letters of X, of Y and of the kernel."""
    (n,), (i,), (o,) = axis("N", "n"), axis("C", "i"), axis("O", "o")
    s, t, k = zip(*axes, strict=True)
    X, Y = tensor("X", n, i, *s), tensor("Y", n, o, *t)
    weight, bias = tensor("weight", i, o, *k), tensor("bias", o)
    there = reduce(mul, map(delta, map(met, s, k), t))  # 1 where entry k of the kernel falls on t
    total = Sum(X[n, i, *s] * weight[i, o, *k] * there, i, *s, *k)
    return Layer(
        (X, weight, bias),
        (define(Y[n, o, *t], total + bias[o]),),
        options=(stride, padding, output_padding, dilation),
        lengths={
            str(size(t)): stride * (size(s) - 1) + reach(k) + 1 - 2 * padding + output_padding
            for s, t, k in axes
        },
    )


layer = transposed([(*axis("L", "s"), *axis("T", "t"), *axis("K", "k"))])
