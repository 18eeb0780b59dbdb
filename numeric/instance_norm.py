"""Instance normalisation: mean and variance over the positions, of each sample and channel."""

from gradcheck.numeric.batch_norm import standardized, through_scores


def forward(X, weight, bias, eps=1e-5):
    """Y (N, C, L) of X (N, C, L), weight (C,), bias (C,)."""
    return weight.reshape(-1, 1) * standardized(X, 2, eps)[0] + bias.reshape(-1, 1)


def backward(dY, X, weight, bias, eps=1e-5):
    """Pull dY (N, C, L) back to dX (N, C, L), dweight (C,), dbias (C,)."""
    Z, scale = standardized(X, 2, eps)
    dX = through_scores(dY * weight.reshape(-1, 1), Z, scale, 2)
    return dX, (dY * Z).sum(axis=(0, 2)), dY.sum(axis=(0, 2))
