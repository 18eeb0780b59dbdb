"""Convolution and pooling as courses and from-scratch libraries write them; see published.py."""

import numpy as np


def conv1d(X, W, b, stride=1, padding=0):
    X = np.pad(X, ((0, 0), (0, 0), (padding, padding)))
    T = (X.shape[2] - W.shape[2]) // stride + 1
    Y = np.empty((len(X), len(W), T))
    for t in range(T):
        window = X[:, :, t * stride : t * stride + W.shape[2]]
        Y[:, :, t] = np.tensordot(window, W, axes=([1, 2], [1, 2])) + b
    return Y, (X, W, stride, padding)


def conv1d_backward(dY, cache):
    X, W, stride, padding = cache
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for t in range(dY.shape[2]):
        at = np.s_[:, :, t * stride : t * stride + W.shape[2]]
        dX[at] += np.tensordot(dY[:, :, t], W, axes=1)
        dW += np.tensordot(dY[:, :, t], X[at], axes=([0], [0]))
    return dX[:, :, padding : X.shape[2] - padding], dW, dY.sum(axis=(0, 2))


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


def conv2d_taps(X, W, b, stride=1, padding=0):
    """The same with a loop over the entries of the kernel, each with a slice of the images."""
    (N, C, H, V), (O, _, KH, KW) = X.shape, W.shape
    rows, columns = (H + 2 * padding - KH) // stride + 1, (V + 2 * padding - KW) // stride + 1
    padded = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    taken = np.zeros((N, C, KH, KW, rows, columns))
    for k in range(KH):
        for l in range(KW):
            taken[:, :, k, l] = padded[
                :, :, k : k + stride * rows : stride, l : l + stride * columns : stride
            ]
    taken = taken.transpose(0, 4, 5, 1, 2, 3).reshape(N * rows * columns, -1)
    Y = (taken @ W.reshape(O, -1).T + b).reshape(N, rows, columns, O).transpose(0, 3, 1, 2)
    return Y, (padded.shape, W, taken, stride, padding)


def conv2d_taps_backward(dY, cache):
    shape, W, taken, stride, padding = cache
    N, O, rows, columns = dY.shape
    _, C, KH, KW = W.shape
    flat = dY.transpose(0, 2, 3, 1).reshape(-1, O)
    pulled = (flat @ W.reshape(O, -1)).reshape(N, rows, columns, C, KH, KW)
    pulled = pulled.transpose(0, 3, 4, 5, 1, 2)
    padded = np.zeros(shape)
    for k in range(KH):
        for l in range(KW):
            padded[:, :, k : k + stride * rows : stride, l : l + stride * columns : stride] += (
                pulled[:, :, k, l]
            )
    dX = padded[:, :, padding : shape[2] - padding, padding : shape[3] - padding]
    return dX, (flat.T @ taken).reshape(W.shape), flat.sum(axis=0)


def max_pool2d(X, kernel_size=2, stride=2):
    N, C, H, W = X.shape
    size = kernel_size
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


def max_pool2d_reshaped(X, kernel_size=2, stride=2):
    """Of windows that do not overlap: an axis for each side of the window."""
    N, C, H, W = X.shape
    windows = X.reshape(N, C, H // kernel_size, kernel_size, W // kernel_size, kernel_size)
    Y = windows.max(axis=3).max(axis=4)
    return Y, (X.shape, windows, Y)


def max_pool2d_reshaped_backward(dY, cache):
    shape, windows, Y = cache
    greatest = windows == Y[:, :, :, None, :, None]
    dX = greatest * dY[:, :, :, None, :, None]
    return ((dX / greatest.sum(axis=(3, 5), keepdims=True)).reshape(shape),)


def avg_pool2d(X, kernel_size=2, stride=2):
    N, C, H, W = X.shape
    rows, columns = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
    Y = np.empty((N, C, rows, columns))
    for h in range(rows):
        for w in range(columns):
            at = np.s_[h * stride : h * stride + kernel_size, w * stride : w * stride + kernel_size]
            Y[:, :, h, w] = X[:, :, *at].mean(axis=(2, 3))
    return Y, (X.shape, kernel_size, stride)


def avg_pool2d_backward(dY, cache):
    shape, size, stride = cache
    dX = np.zeros(shape)
    for h in range(dY.shape[2]):
        for w in range(dY.shape[3]):
            at = np.s_[:, :, h * stride : h * stride + size, w * stride : w * stride + size]
            dX[at] += dY[:, :, h, w][..., None, None] / size**2
    return (dX,)
