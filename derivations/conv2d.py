"""Convolution of images, as a correlation: the kernel is not flipped.

    Y[n,o,h,w] = Σ_{i,k,l} X[n,i,stride h + dilation k - padding,stride w + dilation l - padding]
                 weight[o,i,k,l] + bias[o]

X is 0 outside (zero padding), and rows and columns left over at its end are not seen. In `groups`
an output channel sees the input channels of its own group, in `depthwise` its own one, and
`separable` is depthwise convolution and then one with a kernel of 1 by 1. In `channels_last` the
axes are those of Keras. The options hold for both axes; the NumPy side takes pairs too.

Family: convolution.
Source: PyTorch, torch.nn.Conv2d; Dumoulin, Visin, A guide to convolution arithmetic for deep
learning (2016).
"""

from gradcheck.derivations.conv1d import depthwise, grouped, met, options, places, plain, separable
from gradcheck.derivations.notation import *

ROWS = (*axis("H", "y"), *axis("P", "h"), *axis("K", "k u"))
COLUMNS = (*axis("W", "x"), *axis("Q", "w"), *axis("L", "l v"))
AXES = [ROWS, COLUMNS]


def channels_last():
    """X (N, H, W, C), weight (K, L, C, O)."""
    (n,), (i,), (o,) = axis("N", "n"), axis("C", "i"), axis("O", "o")
    s, t, k, _ = zip(*AXES, strict=True)
    X, Y = tensor("X", n, *s, i, padded=True), tensor("Y", n, *t, o)
    weight, bias = tensor("weight", *k, i, o), tensor("bias", o)
    window = Sum(X[n, *map(met, t, k), i] * weight[*k, i, o], *k, i)
    forward = (define(Y[n, *t, o], window + bias[o]),)
    return Layer((X, weight, bias), forward, options=options, lengths=places(AXES))


layers = {
    "plain": plain(AXES),
    "groups": grouped(AXES),
    "depthwise": depthwise(AXES),
    "separable": separable(AXES),
    "channels_last": channels_last(),
}
