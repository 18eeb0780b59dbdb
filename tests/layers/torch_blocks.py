"""Matrix products, attention and blocks beside PyTorch: (ours, theirs), outputs and gradients."""

import numpy as np
from layers.tables import row
from layers.torch_norms import both
from layers.torch_windows import _both

LAST = np.array([0, 3, 2])


def multihead(causal=False, cross=False):
    """Three heads of two features; our weights have the heads as an axis of their own."""

    def call(torch, *tensors):
        query, key, value = tensors[:3] if cross else tensors[:1] * 3
        in_weight, in_bias, out_weight, out_bias = tensors[-4:]
        layer = torch.nn.MultiheadAttention(6, 3, dtype=torch.float64)
        given = {
            "in_proj_weight": in_weight.reshape(18, 6),
            "in_proj_bias": in_bias.reshape(18),
            "out_proj.weight": out_weight.reshape(6, 6),
            "out_proj.bias": out_bias,
        }
        mask = torch.ones(5, 5, dtype=torch.bool).triu(1) if causal else None
        arguments = {"attn_mask": mask, "need_weights": False}
        return torch.func.functional_call(layer, given, (query, key, value), arguments)[0]

    return call


def padded_keys():
    def theirs(torch, Q, K, V, last):
        mask = torch.arange(K.shape[1]) <= last[:, None, None]
        return torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)

    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=shape) for shape in ((3, 5, 2), (3, 4, 2), (3, 4, 6))]
    return _both("scaled_dot_product_attention.padded_keys", theirs, *arrays, LAST)


def product(torch, A, B):
    return torch.matmul(A, B)


def gated(gate):
    return lambda torch, X, W1, W3, W2: (gate(torch)(X @ W1.T) * (X @ W3.T)) @ W2.T


def network(torch, X, W1, W2):
    return torch.nn.functional.gelu(X @ W1.T) @ W2.T


def norm(torch, X, weight, bias):
    return torch.nn.functional.layer_norm(X, X.shape[1:], weight, bias)


def einsum(member, spec, *shapes):
    return both(
        f"einsum {spec}", f"einsum.{member}", lambda torch, *A: torch.einsum(spec, *A), shapes
    )


WEIGHTS = [(3, 3, 2, 6), (3, 3, 2), (6, 3, 2), (6,)]
SUBLAYER = [(5, 4), (3, 4), (4, 3), (4,), (4,)]
ROWS = [
    both("log softmax", "log_softmax",
         lambda torch, X: torch.log_softmax(X, 1), [(4, 6)]),
    both("matmul of vectors", "matmul.vectors", product, [(4,), (4,)]),
    both("matmul of matrix and vector", "matmul.matrix_vector", product, [(3, 4), (4,)]),
    both("matmul of vector and matrix", "matmul.vector_matrix", product, [(4,), (4, 3)]),
    both("matmul of matrices", "matmul.matrices", product, [(3, 4), (4, 5)]),
    both("matmul, batched", "matmul.batched", product, [(2, 3, 4), (2, 4, 5)]),
    both("matmul, one on the left", "matmul.one_left", product, [(3, 4), (2, 4, 5)]),
    both("matmul, one on the right", "matmul.one_right", product, [(2, 3, 4), (4, 5)]),
    both("matmul, batch and vector", "matmul.batch_vector", product, [(2, 3, 4), (4,)]),
    both("matmul, broadcast", "matmul.broadcast", product, [(2, 1, 3, 4), (6, 4, 5)]),
    einsum("transposed", "nk,mk->nm", (3, 4), (5, 4)),
    einsum("batched", "shtk,shuk->shtu", (2, 3, 4, 5), (2, 3, 6, 5)),
    einsum("three", "sn,nm,sm->s", (2, 3), (3, 4), (2, 4)),
    einsum("outer", "n,m->nm", (3,), (4,)),
    einsum("inner", "nm,nm->", (3, 4), (3, 4)),
    einsum("permuted", "nmk->knm", (3, 4, 5)),
    einsum("column_sums", "nm->m", (3, 4)),
    einsum("own_letters", "nk,m->n", (3, 4), (5,)),
    einsum("diagonal", "nn->n", (3, 3)),
    einsum("trace", "nn->", (3, 3)),
    einsum("rows_of_diagonal", "nnm,nk->mk", (3, 3, 4), (3, 5)),
    both("attention with a mask that is added", "scaled_dot_product_attention.attn_mask",
         lambda torch, Q, K, V, M: torch.nn.functional.scaled_dot_product_attention(
             Q, K, V, attn_mask=M, scale=0.125),
         [(5, 3), (4, 3), (4, 6), (5, 4)]),
    row("attention with a boolean mask of padding", padded_keys),
    both("multi-head self-attention", "multihead_attention.self_attention",
         multihead(), [(5, 6), *WEIGHTS]),
    both("multi-head attention, causal", "multihead_attention.causal",
         multihead(causal=True), [(5, 6), *WEIGHTS]),
    both("multi-head cross attention", "multihead_attention.cross_attention",
         multihead(cross=True), [(5, 6), (4, 6), (4, 6), *WEIGHTS]),
    both("glu", "glu.glu", lambda torch, X: torch.nn.functional.glu(X), [(3, 8)]),
    both("swiglu", "glu.swiglu", gated(lambda torch: torch.nn.functional.silu),
         [(5, 4), (3, 4), (3, 4), (4, 3)]),
    both("geglu", "glu.geglu", gated(lambda torch: torch.nn.functional.gelu),
         [(5, 4), (3, 4), (3, 4), (4, 3)]),
    both("feed-forward block", "feed_forward",
         lambda torch, X, W1, b1, W2, b2: torch.relu(X @ W1.T + b1) @ W2.T + b2,
         [(5, 4), (3, 4), (3,), (4, 3), (4,)]),
    both("transformer sublayer, norm before", "transformer_sublayer.pre_norm",
         lambda torch, X, W1, W2, w, b: X + network(torch, norm(torch, X, w, b), W1, W2), SUBLAYER),
    both("transformer sublayer, norm after", "transformer_sublayer.post_norm",
         lambda torch, X, W1, W2, w, b: norm(torch, X + network(torch, X, W1, W2), w, b), SUBLAYER),
]  # fmt: skip
