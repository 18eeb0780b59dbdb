"""Batch normalisation: Y = weight Z + bias, Z = (X - μ) / σ with μ and σ of each channel."""

import numpy as np

EPS = 1e-5  # the default of PyTorch


def standardized(X, axes):
    """X with mean 0 and variance nearly 1 along some axes, and what it was divided by."""
    centred = X - X.mean(axis=axes, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + EPS)
    return centred / scale, scale


def through_scores(dZ, Z, scale, axes):
    """Pull dZ, the gradient by the scores Z, back to dX."""
    along = (dZ * Z).mean(axis=axes, keepdims=True)
    return (dZ - dZ.mean(axis=axes, keepdims=True) - Z * along) / scale


def forward_train(X, weight, bias):
    """Y (N, C) of X (N, C), weight (C,), bias (C,)."""
    return weight * standardized(X, 0)[0] + bias


def backward_train(dY, X, weight, bias):
    """Pull dY (N, C) back to dX (N, C), dweight (C,), dbias (C,)."""
    Z, scale = standardized(X, 0)
    dX = through_scores(dY * weight, Z, scale, 0)
    return dX, (dY * Z).sum(axis=0), dY.sum(axis=0)


def forward_train_ncl(X, weight, bias):
    """Y (N, C, L) of X (N, C, L), weight (C,), bias (C,)."""
    return weight.reshape(-1, 1) * standardized(X, (0, 2))[0] + bias.reshape(-1, 1)


def backward_train_ncl(dY, X, weight, bias):
    """Pull dY (N, C, L) back to dX (N, C, L), dweight (C,), dbias (C,)."""
    Z, scale = standardized(X, (0, 2))
    dX = through_scores(dY * weight.reshape(-1, 1), Z, scale, (0, 2))
    return dX, (dY * Z).sum(axis=(0, 2)), dY.sum(axis=(0, 2))


def through_given(dZ, Z, scale):
    """Pull dZ, the gradient by the scores Z, back to dX, drunning_mean and drunning_var."""
    dX = dZ / scale
    drunning_var = -(dX * Z).sum(axis=0) / (2 * scale)
    return dX, -dX.sum(axis=0), drunning_var


def forward_eval(X, running_mean, running_var, weight, bias):
    """Y (N, C) of X (N, C), running_mean (C,), running_var (C,), weight (C,), bias (C,)."""
    return weight * (X - running_mean) / np.sqrt(running_var + EPS) + bias


def backward_eval(dY, X, running_mean, running_var, weight, bias):
    """Pull dY (N, C) back to dX (N, C), drunning_mean (C,), drunning_var (C,).

    Then come dweight (C,), dbias (C,).
    """
    scale = np.sqrt(running_var + EPS)
    Z = (X - running_mean) / scale
    dX, drunning_mean, drunning_var = through_given(dY * weight, Z, scale)
    return dX, drunning_mean, drunning_var, (dY * Z).sum(axis=0), dY.sum(axis=0)


layers = {
    "train": (forward_train, backward_train),
    "train_ncl": (forward_train_ncl, backward_train_ncl),
    "eval": (forward_eval, backward_eval),
}
