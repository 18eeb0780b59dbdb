"""Embedding: Y[n,d] = weight[idx[n],d], a row of a table for each index.

An index may occur several times: the gradients of all its occurrences are added.

Family: embedding.
Source: PyTorch, torch.nn.Embedding; Mikolov and others, Distributed representations of words
(2013).
"""

from gradcheck.derivations.notation import *

(n,) = axis("N", "n")  # positions
v, i = axis("V", "v i")  # vocabulary
d, j = axis("D", "d j")  # features
idx, weight, Y = tensor("idx", n, integer=v), tensor("weight", v, d), tensor("Y", n, d)
dY, dweight = grad(Y), grad(weight)

by_weight = derivation(
    weight[i, j],
    chain(
        D(Y[n, d], weight[i, j]),
        (D(weight[idx[n], d], weight[i, j]), "definition"),
        (delta(idx[n], i) * delta(d, j), "independent entries"),
    ),
    chain(
        dweight[i, j],
        (Sum(dY[n, d] * D(Y[n, d], weight[i, j]), n, d), "chain rule"),
        (Sum(dY[n, d] * delta(idx[n], i) * delta(d, j), n, d), "substitution"),
        (Sum(dY[n, j] * delta(idx[n], i), n), "delta contraction"),
    ),
)

layer = Layer(
    inputs=(idx, weight),
    forward=(define(Y[n, d], weight[idx[n], d]),),
    derivations=(by_weight,),
    cases=({"N": 5, "V": 2},),  # more positions than words: some index is repeated
)
