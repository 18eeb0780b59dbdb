"""Layers as courses and from-scratch libraries write them: plain NumPy, forward keeps a cache.

A forward pass returns its output and what its backward pass needs, `backward(dY, cache)` the
gradients, in the order of the inputs. Written for comparing times, in the usual style and not the
fastest possible: np.add.at where entries repeat, heads one after the other. Convolution and pooling
are in published_windows.py, recurrent layers in published_recurrent.py.
"""

import math

import numpy as np

EPS = 1e-5
ERF = np.vectorize(math.erf)


def linear(X, W, b):
    return X @ W.T + b, (X, W)


def linear_backward(dY, cache):
    X, W = cache
    return dY @ W, dY.T @ X, dY.sum(axis=0)


def relu(X):
    return np.maximum(0, X), (X,)


def relu_backward(dY, cache):
    return (dY * (cache[0] > 0),)


def logistic(X):
    return 1 / (1 + np.exp(-X))


def sigmoid(X):
    Y = logistic(X)
    return Y, (Y,)


def sigmoid_backward(dY, cache):
    return (dY * cache[0] * (1 - cache[0]),)


def tanh(X):
    Y = np.tanh(X)
    return Y, (Y,)


def tanh_backward(dY, cache):
    return (dY * (1 - cache[0] ** 2),)


def gelu_tanh(X):
    inner = np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)
    return 0.5 * X * (1 + np.tanh(inner)), (X, np.tanh(inner))


def gelu_tanh_backward(dY, cache):
    X, t = cache
    inner_slope = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * X**2)
    return (dY * (0.5 * (1 + t) + 0.5 * X * (1 - t**2) * inner_slope),)


def gelu(X):
    phi = 0.5 * (1 + ERF(X / np.sqrt(2)))
    return X * phi, (X, phi)


def gelu_backward(dY, cache):
    X, phi = cache
    return (dY * (phi + X * np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi)),)


def silu(X):
    S = logistic(X)
    return X * S, (X, S)


def silu_backward(dY, cache):
    X, S = cache
    return (dY * (S + X * S * (1 - S)),)


def softmax(X):
    E = np.exp(X - X.max(axis=-1, keepdims=True))
    P = E / E.sum(axis=-1, keepdims=True)
    return P, (P,)


def softmax_backward(dP, cache):
    (P,) = cache
    return (P * (dP - (dP * P).sum(axis=-1, keepdims=True)),)


def softmax_jacobians_backward(dP, cache):
    """Row by row with the whole Jacobian, as many tutorials do."""
    (P,) = cache
    dX = np.empty_like(P)
    for n, (p, dp) in enumerate(zip(P, dP, strict=True)):
        dX[n] = (np.diagflat(p) - np.outer(p, p)) @ dp
    return (dX,)


def log_softmax(X):
    X = X - X.max(axis=-1, keepdims=True)
    Y = X - np.log(np.exp(X).sum(axis=-1, keepdims=True))
    return Y, (Y,)


def log_softmax_backward(dY, cache):
    return (dY - np.exp(cache[0]) * dY.sum(axis=-1, keepdims=True),)


def cross_entropy(X, y):
    P, _ = softmax(X)
    return -np.log(P[np.arange(len(y)), y]).mean(), (P, y)


def cross_entropy_backward(dL, cache):
    P, y = cache
    dX = P.copy()
    dX[np.arange(len(y)), y] -= 1
    return (dL * dX / len(y),)


def mse(X, T):
    return ((X - T) ** 2).mean(), (X, T)


def mse_backward(dL, cache):
    X, T = cache
    dX = dL * 2 * (X - T) / X.size
    return dX, -dX


def bce_with_logits(X, T):
    L = np.maximum(X, 0) - T * X + np.log(1 + np.exp(-np.abs(X)))
    return L.mean(), (X, T)


def bce_with_logits_backward(dL, cache):
    X, T = cache
    return dL * (logistic(X) - T) / X.size, -dL * X / X.size


def dropout(X, mask, p):
    kept = mask / (1 - p)
    return X * kept, (kept,)


def dropout_backward(dY, cache):
    return (dY * cache[0],)


def batch_norm(X, weight, bias):
    mean, var = X.mean(axis=0), X.var(axis=0)
    Z = (X - mean) / np.sqrt(var + EPS)
    return weight * Z + bias, (X, Z, weight, mean, var)


def batch_norm_backward(dY, cache):
    """Through mean and variance, line by line."""
    X, Z, weight, mean, var = cache
    N = len(X)
    dZ = dY * weight
    dvar = (dZ * (X - mean) * -0.5 * (var + EPS) ** -1.5).sum(axis=0)
    dmean = (-dZ / np.sqrt(var + EPS)).sum(axis=0) + dvar * (-2 * (X - mean)).mean(axis=0)
    dX = dZ / np.sqrt(var + EPS) + dvar * 2 * (X - mean) / N + dmean / N
    return dX, (dY * Z).sum(axis=0), dY.sum(axis=0)


def layer_norm(X, weight, bias):
    mean, var = X.mean(axis=1, keepdims=True), X.var(axis=1, keepdims=True)
    rstd = 1 / np.sqrt(var + EPS)
    Z = (X - mean) * rstd
    return weight * Z + bias, (Z, rstd, weight)


def layer_norm_backward(dY, cache):
    Z, rstd, weight = cache
    dZ = dY * weight
    inner = dZ - dZ.mean(axis=1, keepdims=True) - Z * (dZ * Z).mean(axis=1, keepdims=True)
    return inner * rstd, (dY * Z).sum(axis=0), dY.sum(axis=0)


def group_norm(X, weight, bias):
    """X (N, G, K): the channels of a group stand along the last axis."""
    mean, var = X.mean(axis=2, keepdims=True), X.var(axis=2, keepdims=True)
    rstd = 1 / np.sqrt(var + EPS)
    Z = (X - mean) * rstd
    return weight * Z + bias, (Z, rstd, weight)


def group_norm_backward(dY, cache):
    Z, rstd, weight = cache
    dZ = dY * weight
    inner = dZ - dZ.mean(axis=2, keepdims=True) - Z * (dZ * Z).mean(axis=2, keepdims=True)
    return inner * rstd, (dY * Z).sum(axis=0), dY.sum(axis=0)


def rms_norm(X, weight):
    rms = np.sqrt((X**2).mean(axis=-1, keepdims=True) + EPS)
    return X / rms * weight, (X, rms, weight)


def rms_norm_backward(dY, cache):
    X, rms, weight = cache
    dZ = dY * weight
    along = (dZ * X).sum(axis=-1, keepdims=True)
    return dZ / rms - X * along / (X.shape[-1] * rms**3), (dY * X / rms).sum(axis=0)


def embedding(idx, weight):
    return weight[idx], (idx, weight)


def embedding_backward(dY, cache):
    idx, weight = cache
    dweight = np.zeros_like(weight)
    np.add.at(dweight, idx, dY)
    return (dweight,)


def embedding_bag(index, weight):
    return weight[index].mean(axis=1), (index, weight)


def embedding_bag_backward(dY, cache):
    index, weight = cache
    dweight = np.zeros_like(weight)
    np.add.at(dweight, index, dY[:, None] / index.shape[1])
    return (dweight,)


def gather(X, index):
    return np.take_along_axis(X, index, axis=1), (X, index)


def gather_backward(dY, cache):
    X, index = cache
    dX = np.zeros_like(X)
    np.add.at(dX, (np.arange(len(X))[:, None], index), dY)
    return (dX,)


def attention(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[-1])
    P, _ = softmax(S)
    return P @ V, (Q, K, V, P)


def attention_backward(dO, cache):
    Q, K, V, P = cache
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P.T @ dO


def multihead_attention(X, W_in, b_in, W_out, b_out):
    """Head by head; W_in (3, H, D, F) and W_out (F, H, D)."""
    Z, caches = b_out, []
    for h in range(W_in.shape[1]):
        projected = [X @ W_in[i, h].T + b_in[i, h] for i in range(3)]
        O, cache = attention(*projected)
        Z = Z + O @ W_out[:, h].T
        caches.append((O, cache))
    return Z, (X, W_in, W_out, caches)


def multihead_attention_backward(dZ, cache):
    X, W_in, W_out, caches = cache
    dX, dW_in, dW_out = np.zeros_like(X), np.zeros_like(W_in), np.zeros_like(W_out)
    db_in = np.zeros(W_in.shape[:3])
    for h, (O, inner) in enumerate(caches):
        dW_out[:, h] = dZ.T @ O
        for i, d in enumerate(attention_backward(dZ @ W_out[:, h], inner)):
            dX += d @ W_in[i, h]
            dW_in[i, h], db_in[i, h] = d.T @ X, d.sum(axis=0)
    return dX, dW_in, db_in, dW_out, dZ.sum(axis=0)
