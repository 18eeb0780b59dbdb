"""Cosine of the angle between the rows of A and B; norms less than eps count as eps."""

from gradcheck.numeric import normalize


def forward(A, B, eps=1e-8):
    """Y (N,) of A (N, D) and B (N, D)."""
    return (normalize.forward(A, eps) * normalize.forward(B, eps)).sum(axis=1)


def backward(dY, A, B, eps=1e-8):
    """Pull dY (N,) back to dA (N, D), dB (N, D): each is pulled back to the unit vectors first."""
    a, b, dY = normalize.forward(A, eps), normalize.forward(B, eps), dY.reshape(-1, 1)
    return *normalize.backward(dY * b, A, eps), *normalize.backward(dY * a, B, eps)
