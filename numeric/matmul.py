"""Matrix products: of vectors, of matrices, batched and broadcast."""

import numpy as np


def matmul(A, B, Y):
    """The passes of Y = A B; the arrays are described by their shapes."""

    def forward(A, B):
        return np.matmul(A, B)

    def backward(dY, A, B):
        left = A[None] if A.ndim == 1 else A  # a vector is a row on the left
        right = B[:, None] if B.ndim == 1 else B  # and a column on the right
        dY = np.reshape(dY, np.matmul(left, right).shape)
        dA = dY @ np.swapaxes(right, -1, -2)
        dB = np.swapaxes(left, -1, -2) @ dY
        return unbroadcast(dA, left).reshape(A.shape), unbroadcast(dB, right).reshape(B.shape)

    forward.__doc__ = f"Y{Y} of A {A}, B {B}."
    backward.__doc__ = f"Pull dY{Y} back to dA {A}, dB {B}: sums over what was broadcast."
    return forward, backward


def unbroadcast(gradient, array):
    """Sum over the axes along which an array was repeated."""
    added = gradient.ndim - array.ndim
    repeated = [added + axis for axis, size in enumerate(array.shape) if size == 1]
    return gradient.sum(axis=(*range(added), *repeated), keepdims=True).reshape(array.shape)


layers = {
    "vectors": matmul("(K,)", "(K,)", ", a number,"),
    "matrix_vector": matmul("(N, K)", "(K,)", " (N,)"),
    "vector_matrix": matmul("(K,)", "(K, M)", " (M,)"),
    "matrices": matmul("(N, K)", "(K, M)", " (N, M)"),
    "batched": matmul("(S, N, K)", "(S, K, M)", " (S, N, M)"),
    "one_left": matmul("(N, K)", "(S, K, M)", " (S, N, M)"),
    "one_right": matmul("(S, N, K)", "(K, M)", " (S, N, M)"),
    "batch_vector": matmul("(S, N, K)", "(K,)", " (S, N)"),
    "broadcast": matmul("(S, 1, N, K)", "(H, K, M)", " (S, H, N, M)"),
}
