"""Embedding bag: rows of a table, picked by an index and averaged or added up.

Family: embedding.
Source: PyTorch, torch.nn.EmbeddingBag with mode mean and mode sum.
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # bags
(t,) = axis("T", "t")  # entries of a bag
v, w = axis("V", "v w")  # rows of the table
d, k = axis("D", "d k")  # features
index, W, Y = tensor("index", n, t, integer=v), tensor("W", v, d), tensor("Y", n, d)
bag = Sum(W[index[n, t], d], t)

layers = {
    "mean": Layer((index, W), (define(Y[n, d], bag / size(t)),)),
    "sum": Layer((index, W), (define(Y[n, d], bag),)),
}
