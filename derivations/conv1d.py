"""Convolution along one axis, as a correlation: the kernel is not flipped.

    Y[n,o,t] = Σ_{i,k} X[n,i,stride t + dilation k - padding] weight[o,i,k] + bias[o]

X is 0 outside (zero padding), and what is left over at its end is not seen. In `causal` no output
sees a later input: X is padded before its start only. In `groups` an output channel sees the input
channels of its own group, in `depthwise` its own one, and `separable` is depthwise convolution and
then one with a kernel of length 1.

Family: convolution.
Source: PyTorch, torch.nn.Conv1d; Dumoulin, Visin, A guide to convolution arithmetic for deep
learning (2016).
"""

from functools import reduce
from operator import mul

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
i, j = axis("C", "i j")  # input channels
o, p = axis("O", "o p")  # output channels
stride = option("stride", 1, whole=(1, 3))
padding = option("padding", 0, whole=(0, 2))
dilation = option("dilation", 1, whole=(1, 2))
groups = option("groups", 1, whole=(1, 3))
options = (stride, padding, dilation)


def met(t, k):
    """What entry k of the kernel meets for place t of Y."""
    return stride * t + dilation * k - padding


def reach(k):
    """From the first to the last entry that a window meets."""
    return dilation * (size(k) - 1)


def places(axes, padded=2 * padding):
    """The lengths of Y, where this many zeros are added to X."""
    return {str(size(t)): (size(s) + padded - reach(k) - 1) // stride + 1 for s, t, k, _ in axes}


def plain(axes):
    """Every output sees all input channels.

    axes  letters for each axis: of X, of Y, of the kernel, and of the entry of it by which is
          differentiated
    """
    s, t, k, l = zip(*axes, strict=True)
    X, Y = tensor("X", n, i, *s, padded=True), tensor("Y", n, o, *t)
    weight, bias = tensor("weight", o, i, *k), tensor("bias", o)
    dX, dweight, dbias, dY = map(grad, (X, weight, bias, Y))
    y, x, w, a = Y[n, o, *t], X[r, j, *s], weight[p, j, *l], weight[o, i, *k]
    g, at = dY[n, o, *t], [*map(met, t, k)]
    there = reduce(mul, map(delta, at, s))  # 1 where a window has x under entry k
    equal = reduce(mul, map(delta, k, l))
    over = Sum(there * weight[o, j, *k], *k)  # what of the kernel lies over x
    under = X[n, j, *map(met, t, l)]  # what of X lies under w
    by_X = derivation(
        x,
        chain(
            D(y, x),
            (Sum(D(X[n, i, *at], x) * a, i, *k), "linearity"),
            (Sum(delta(n, r) * delta(i, j) * there * a, i, *k), "independent entries"),
            (delta(n, r) * over, "delta contraction"),
        ),
        chain(
            dX[r, j, *s],
            (Sum(g * D(y, x), n, o, *t), "chain rule"),
            (Sum(g * delta(n, r) * over, n, o, *t), "substitution"),
            (Sum(dY[r, o, *t] * weight[o, j, *k] * there, o, *t, *k), "delta contraction"),
        ),
    )
    by_weight = derivation(
        w,
        chain(
            D(y, w),
            (Sum(X[n, i, *at] * D(a, w), i, *k), "linearity"),
            (Sum(X[n, i, *at] * delta(o, p) * delta(i, j) * equal, i, *k), "independent entries"),
            (delta(o, p) * under, "delta contraction"),
        ),
        chain(
            dweight[p, j, *l],
            (Sum(g * D(y, w), n, o, *t), "chain rule"),
            (Sum(g * delta(o, p) * under, n, o, *t), "substitution"),
            (Sum(dY[n, p, *t] * under, n, *t), "delta contraction"),
        ),
    )
    by_bias = derivation(
        bias[p],
        chain(D(y, bias[p]), (delta(o, p), "independent entries")),
        chain(
            dbias[p],
            (Sum(g * D(y, bias[p]), n, o, *t), "chain rule"),
            (Sum(g * delta(o, p), n, o, *t), "substitution"),
            (Sum(dY[n, p, *t], n, *t), "delta contraction"),
        ),
        matrix=Sum(dY[n] @ ones(*t), n) if len(axes) == 1 else None,
    )
    return Layer(
        (X, weight, bias),
        (define(y, Sum(X[n, i, *at] * a, i, *k) + bias[o]),),
        (by_X, by_weight, by_bias),
        options=options,
        lengths=places(axes),
    )


def causal(axes):
    """The last entry of the kernel meets X at the time of Y, all others meet X before it."""
    ((s, t, k, _),) = axes
    X, Y = tensor("X", n, i, s, padded=True), tensor("Y", n, o, t)
    weight, bias = tensor("weight", o, i, k), tensor("bias", o)
    at = stride * t + dilation * k + dilation - dilation * size(k)
    window = Sum(X[n, i, at] * weight[o, i, k], i, k)
    return Layer(
        (X, weight, bias),
        (define(Y[n, o, t], window + bias[o]),),
        options=(stride, dilation),
        lengths=places(axes, padded=reach(k)),
    )


def grouped(axes):
    """Groups of equal size: channel q of group g is number J g + q of all output channels."""
    s, t, k, _ = zip(*axes, strict=True)
    (g,), (i,), (q,) = axis(groups, "g"), axis("I", "i"), axis("J", "q")
    (c,), (o,) = axis(groups * size(i), "c"), axis(groups * size(q), "o")
    X, Y = tensor("X", n, c, *s, padded=True), tensor("Y", n, o, *t)
    weight, bias = tensor("weight", o, i, *k), tensor("bias", o)
    entry = X[n, size(i) * g + i, *map(met, t, k)]
    window = Sum(delta(o, size(q) * g + q) * entry * weight[o, i, *k], g, q, i, *k)
    return Layer(
        (X, weight, bias),
        (define(Y[n, o, *t], window + bias[o]),),
        options=(*options, groups),
        lengths=places(axes),
    )


def depthwise(axes):
    """groups=C: a channel of the output sees one channel of the input."""
    s, t, k, _ = zip(*axes, strict=True)
    X, Y = tensor("X", n, i, *s, padded=True), tensor("Y", n, i, *t)
    weight, bias = tensor("weight", i, *axis(1, "e"), *k), tensor("bias", i)
    window = Sum(X[n, i, *map(met, t, k)] * weight[i, 0, *k], *k)
    forward = (define(Y[n, i, *t], window + bias[i]),)
    return Layer((X, weight, bias), forward, options=options, lengths=places(axes))


def separable(axes):
    """Depthwise without a bias, then a convolution whose kernel has one entry, `pointwise`."""
    s, t, k, _ = zip(*axes, strict=True)
    one = [axis(1, letter)[0] for letter in "ef"][: len(axes)]
    X, Y = tensor("X", n, i, *s, padded=True), tensor("Y", n, o, *t)
    weight, Z = tensor("weight", i, one[0], *k), tensor("Z", n, i, *t)
    pointwise, bias = tensor("pointwise", o, i, *one), tensor("bias", o)
    mixed = Sum(Z[n, i, *t] * pointwise[o, i, *(0 for _ in one)], i)
    forward = (
        define(Z[n, i, *t], Sum(X[n, i, *map(met, t, k)] * weight[i, 0, *k], *k)),
        define(Y[n, o, *t], mixed + bias[o]),
    )
    inputs = (X, weight, pointwise, bias)
    return Layer(inputs, forward, options=options, lengths=places(axes))


ALONG = [(*axis("L", "s"), *axis("T", "t"), *axis("K", "k l"))]
layers = {
    "plain": plain(ALONG),
    "causal": causal(ALONG),
    "groups": grouped(ALONG),
    "depthwise": depthwise(ALONG),
    "separable": separable(ALONG),
}
