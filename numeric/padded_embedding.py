"""Embedding with a padding index."""

from gradcheck.numeric._scatter import scatter_rows


def forward(idx, weight, padding_idx=0):
    """Y (N, D) of idx (N,), weight (V, D)."""
    return weight[idx] * (idx != padding_idx)[:, None]


def backward(dY, idx, weight, padding_idx=0):
    """Pull dY (N, D) back to dweight (V, D)."""
    dweight = scatter_rows(idx, dY, weight)
    dweight[padding_idx : padding_idx + 1] = 0  # none, if the vocabulary is shorter
    return (dweight,)
