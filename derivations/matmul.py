"""Matrix products as torch.matmul has them: of vectors, of matrices, batched and broadcast.

A batch of matrices has the batch as its leading axis; what is used for a whole batch collects its
gradient from all of it.

Family: linear.
Source: PyTorch, torch.matmul.
"""

from gradcheck.derivations.notation import *

(b,) = axis("S", "b")  # batch
(h,) = axis("H", "h")  # a second batch axis
(n,) = axis("N", "n")  # rows
(k,) = axis("K", "k")  # what is summed over
(m,) = axis("M", "m")  # columns
(one,) = axis(1, "o")  # an axis of length 1, which is broadcast


def matmul(A, B):
    """The product of arrays with these axes, of which k is summed over."""
    left, right = tensor("A", *A), tensor("B", *B)
    axes = [i for i in (b, h, n, m) if i in A or i in B]
    Y = tensor("Y", *axes)
    product = Sum(entry(left, A) * entry(right, B), k)
    return Layer((left, right), (define(Y[tuple(axes)] if axes else Y, product),))


def entry(array, axes):
    """The entry that is used: the first one of an axis of length 1."""
    return array[tuple(0 if i is one else i for i in axes)]


layers = {
    "vectors": matmul((k,), (k,)),
    "matrix_vector": matmul((n, k), (k,)),
    "vector_matrix": matmul((k,), (k, m)),
    "matrices": matmul((n, k), (k, m)),
    "batched": matmul((b, n, k), (b, k, m)),
    "one_left": matmul((n, k), (b, k, m)),
    "one_right": matmul((b, n, k), (k, m)),
    "batch_vector": matmul((b, n, k), (k,)),
    "broadcast": matmul((b, one, n, k), (h, k, m)),
}
