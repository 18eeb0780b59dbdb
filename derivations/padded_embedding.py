"""Embedding with a padding index: its row reads as zero, and has no gradient.

PyTorch reads the row as it is, fills it with zeros at the start and never changes it, which is the
same as long as nobody writes into it.

Family: embedding.
Source: PyTorch, torch.nn.Embedding with padding_idx.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # positions
v, i = axis("V", "v i")  # vocabulary
d, j = axis("D", "d j")  # features
idx, weight, Y = tensor("idx", n, integer=v), tensor("weight", v, d), tensor("Y", n, d)
padding_idx = option("padding_idx", 0, whole=(0, 2))

layer = Layer(
    (idx, weight),
    (define(Y[n, d], (1 - delta(idx[n], padding_idx)) * weight[idx[n], d]),),
    options=(padding_idx,),
)
