"""Layers as courses and from-scratch libraries write them: plain NumPy, forward keeps a cache.

A forward pass returns its output and what its backward pass needs, `backward(dY, cache)` the
gradients, in the order of the inputs. Written for comparing times, in the usual style and not the
fastest possible: loops over time steps, im2col for convolutions, np.add.at where entries repeat.
"""

from typing import Any

import numpy as np

EPS = 1e-5
Cache = tuple[Any, ...]


def linear(X, W, b):
    return X @ W.T + b, (X, W)


def linear_backward(dY, cache):
    X, W = cache
    return dY @ W, dY.T @ X, dY.sum(axis=0)


def relu(X):
    return np.maximum(0, X), (X,)


def relu_backward(dY, cache):
    return (dY * (cache[0] > 0),)


def sigmoid(X):
    Y = 1 / (1 + np.exp(-X))
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


def embedding(idx, weight):
    return weight[idx], (idx, weight)


def embedding_backward(dY, cache):
    idx, weight = cache
    dweight = np.zeros_like(weight)
    np.add.at(dweight, idx, dY)
    return (dweight,)


def attention(Q, K, V):
    S = Q @ K.T / np.sqrt(Q.shape[-1])
    P, _ = softmax(S)
    return P @ V, (Q, K, V, P)


def attention_backward(dO, cache):
    Q, K, V, P = cache
    dP = dO @ V.T
    dS = P * (dP - (dP * P).sum(axis=-1, keepdims=True)) / np.sqrt(Q.shape[-1])
    return dS @ K, dS.T @ Q, P.T @ dO


def _columns(X, KH, KW, stride, padding):
    """Every window of the padded images as a row, and the indices that it was taken with."""
    _, C, H, W = X.shape
    rows = (H + 2 * padding - KH) // stride + 1
    columns = (W + 2 * padding - KW) // stride + 1
    i = np.tile(np.repeat(np.arange(KH), KW), C)[:, None]
    j = np.tile(np.arange(KW), KH * C)[:, None]
    i = i + stride * np.repeat(np.arange(rows), columns)[None]
    j = j + stride * np.tile(np.arange(columns), rows)[None]
    c = np.repeat(np.arange(C), KH * KW)[:, None]
    padded = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    taken = padded[:, c, i, j].transpose(1, 2, 0).reshape(C * KH * KW, -1)
    return taken, (c, i, j), (rows, columns)


def conv2d(X, W, b, stride=1, padding=1):
    O, _, KH, KW = W.shape
    taken, places, (rows, columns) = _columns(X, KH, KW, stride, padding)
    Y = (W.reshape(O, -1) @ taken + b[:, None]).reshape(O, rows, columns, len(X))
    return Y.transpose(3, 0, 1, 2), (X.shape, W, taken, places, padding)


def conv2d_backward(dY, cache):
    (N, C, H, V), W, taken, places, padding = cache
    flat = dY.transpose(1, 2, 3, 0).reshape(len(W), -1)
    dW = (flat @ taken.T).reshape(W.shape)
    pulled = (W.reshape(len(W), -1).T @ flat).reshape(len(places[1]), -1, N).transpose(2, 0, 1)
    padded = np.zeros((N, C, H + 2 * padding, V + 2 * padding))
    np.add.at(padded, (slice(None), *places), pulled)
    dX = padded[:, :, padding : padding + H, padding : padding + V]
    return dX, dW, dY.sum(axis=(0, 2, 3))


def max_pool2d(X, size=2, stride=2):
    N, C, H, W = X.shape
    rows, columns = (H - size) // stride + 1, (W - size) // stride + 1
    Y = np.empty((N, C, rows, columns))
    for h in range(rows):
        for w in range(columns):
            window = X[:, :, h * stride : h * stride + size, w * stride : w * stride + size]
            Y[:, :, h, w] = window.max(axis=(2, 3))
    return Y, (X, Y, size, stride)


def max_pool2d_backward(dY, cache):
    X, Y, size, stride = cache
    dX = np.zeros_like(X)
    for h in range(Y.shape[2]):
        for w in range(Y.shape[3]):
            at = np.s_[:, :, h * stride : h * stride + size, w * stride : w * stride + size]
            greatest = X[at] == Y[:, :, h, w][..., None, None]
            dX[at] += greatest * dY[:, :, h, w][..., None, None]
    return (dX,)


def rnn(x, h0, W_ih, W_hh, b):
    h, states = h0, [h0]
    for t in range(len(x)):
        h = np.tanh(x[t] @ W_ih.T + h @ W_hh.T + b)
        states.append(h)
    return np.stack(states[1:]), (x, states, W_ih, W_hh)


def rnn_backward(dh, cache):
    x, states, W_ih, W_hh = cache
    dx, later = np.zeros_like(x), np.zeros_like(states[0])
    dW_ih, dW_hh, db = np.zeros_like(W_ih), np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in reversed(range(len(x))):
        dz = (dh[t] + later) * (1 - states[t + 1] ** 2)
        dx[t], later = dz @ W_ih, dz @ W_hh
        dW_ih += dz.T @ x[t]
        dW_hh += dz.T @ states[t]
        db += dz.sum(axis=0)
    return dx, later, dW_ih, dW_hh, db
