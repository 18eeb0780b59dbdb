"""Batch normalisation: Y = weight Z + bias, Z = (X - μ) / σ with μ and σ of each channel."""

import numpy as np


def standardized(X, axes, eps):
    """X with mean 0 and variance nearly 1 along some axes, and what it was divided by."""
    centred = X - X.mean(axis=axes, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + eps)
    return centred / scale, scale


def through_scores(dZ, Z, scale, axes):
    """Pull dZ, the gradient by the scores Z, back to dX."""
    along = (dZ * Z).mean(axis=axes, keepdims=True)
    return (dZ - dZ.mean(axis=axes, keepdims=True) - Z * along) / scale


def forward_train(X, weight, bias, eps=1e-5):
    """Y (N, C) of X (N, C), weight (C,), bias (C,)."""
    return weight * standardized(X, 0, eps)[0] + bias


def backward_train(dY, X, weight, bias, eps=1e-5):
    """Pull dY (N, C) back to dX (N, C), dweight (C,), dbias (C,)."""
    Z, scale = standardized(X, 0, eps)
    dX = through_scores(dY * weight, Z, scale, 0)
    return dX, (dY * Z).sum(axis=0), dY.sum(axis=0)


def forward_train_ncl(X, weight, bias, eps=1e-5):
    """Y (N, C, L) of X (N, C, L), weight (C,), bias (C,)."""
    return weight.reshape(-1, 1) * standardized(X, (0, 2), eps)[0] + bias.reshape(-1, 1)


def backward_train_ncl(dY, X, weight, bias, eps=1e-5):
    """Pull dY (N, C, L) back to dX (N, C, L), dweight (C,), dbias (C,)."""
    Z, scale = standardized(X, (0, 2), eps)
    dX = through_scores(dY * weight.reshape(-1, 1), Z, scale, (0, 2))
    return dX, (dY * Z).sum(axis=(0, 2)), dY.sum(axis=(0, 2))


def forward_train_2d(X, weight, bias, eps=1e-5):
    """Y (N, C, H, W) of X (N, C, H, W), weight (C,), bias (C,)."""
    Y = forward_train_ncl(X.reshape(*X.shape[:2], -1), weight, bias, eps)
    return Y.reshape(X.shape)


def backward_train_2d(dY, X, weight, bias, eps=1e-5):
    """Pull dY (N, C, H, W) back to dX (N, C, H, W), dweight (C,), dbias (C,)."""
    flat = (A.reshape(*X.shape[:2], -1) for A in (dY, X))
    dX, dweight, dbias = backward_train_ncl(*flat, weight, bias, eps)
    return dX.reshape(X.shape), dweight, dbias


def through_given(dZ, Z, scale):
    """Pull dZ, the gradient by the scores Z, back to dX, drunning_mean and drunning_var."""
    dX = dZ / scale
    drunning_var = -(dX * Z).sum(axis=0) / (2 * scale)
    return dX, -dX.sum(axis=0), drunning_var


def forward_eval(X, running_mean, running_var, weight, bias, eps=1e-5):
    """Y (N, C) of X (N, C), running_mean (C,), running_var (C,), weight (C,), bias (C,)."""
    return weight * (X - running_mean) / np.sqrt(running_var + eps) + bias


def backward_eval(dY, X, running_mean, running_var, weight, bias, eps=1e-5):
    """Pull dY (N, C) back to dX (N, C), drunning_mean (C,), drunning_var (C,).

    Then come dweight (C,), dbias (C,).
    """
    scale = np.sqrt(running_var + eps)
    Z = (X - running_mean) / scale
    dX, drunning_mean, drunning_var = through_given(dY * weight, Z, scale)
    return dX, drunning_mean, drunning_var, (dY * Z).sum(axis=0), dY.sum(axis=0)


layers = {
    "train": (forward_train, backward_train),
    "train_ncl": (forward_train_ncl, backward_train_ncl),
    "train_2d": (forward_train_2d, backward_train_2d),
    "eval": (forward_eval, backward_eval),
}
