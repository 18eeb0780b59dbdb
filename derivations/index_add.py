"""Scatter-add: rows of `source` are added to the rows of X that an index names.

An index may occur several times, and then several rows are added. The gradient by the source is a
gather: the row of dY that it was added to.

Family: shapes.
Source: PyTorch, torch.Tensor.index_add.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # rows of the source
v, i = axis("V", "v i")  # rows of X
d, j = axis("D", "d j")  # features
X, index, source = tensor("X", v, d), tensor("index", n, integer=v), tensor("source", n, d)
Y = tensor("Y", v, d)

layer = Layer(
    (X, index, source),
    (define(Y[v, d], X[v, d] + Sum(delta(index[n], v) * source[n, d], n)),),
    cases=({"N": 5, "V": 2, "D": 3},),  # some index is repeated
)
