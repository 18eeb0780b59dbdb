"""Max unpooling along one axis: entries of X go where max pooling found them, all else is 0.

`indices` are places along the axis of Y, as max pooling returns them. Entries with the same place
are added; PyTorch keeps one of them, and its gradient is right only if no place occurs twice.

Family: pooling.
Source: PyTorch, torch.nn.MaxUnpool1d; Zeiler, Fergus, Visualizing and understanding convolutional
networks (2014), section 2.1.
"""

from gradcheck.derivations.notation import *

output_size = option("output_size", 8, whole=(3, 8))
(n,), (c,), (t,), (s,) = axis("N", "n"), axis("C", "c"), axis("T", "t"), axis(output_size, "s")
X, indices = tensor("X", n, c, t), tensor("indices", n, c, t, integer=s)
Y = tensor("Y", n, c, s)
layer = Layer(
    (X, indices),
    (define(Y[n, c, s], Sum(X[n, c, t] * delta(indices[n, c, t], s), t)),),
    options=(output_size,),
)
