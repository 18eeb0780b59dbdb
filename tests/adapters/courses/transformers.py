"""Functions as one writes them to train a small language model without a framework."""

import numpy as np


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_backward(dout, x):
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    dt = (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return dout * (0.5 * (1 + t) + 0.5 * x * dt)


def layernorm_forward(x, w, b):
    eps = 1e-5
    mean = x.mean(-1, keepdims=True)
    rstd = (x.var(-1, keepdims=True) + eps) ** -0.5
    norm = (x - mean) * rstd
    out = norm * w + b
    cache = (norm, w, rstd)
    return out, cache


def layernorm_backward(dout, cache):
    norm, w, rstd = cache
    axes = tuple(range(dout.ndim - 1))
    db = dout.sum(axes)
    dw = (dout * norm).sum(axes)
    dnorm = dout * w
    dx = dnorm - dnorm.mean(-1, keepdims=True) - norm * (dnorm * norm).mean(-1, keepdims=True)
    dx *= rstd
    return dx, dw, db


def attention_forward(q, k, v):
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(-1, keepdims=True))
    att = e / e.sum(-1, keepdims=True)
    return att @ v, (q, k, v, att)


def attention_backward(dout, cache):
    q, k, v, att = cache
    dv = att.swapaxes(-1, -2) @ dout
    datt = dout @ v.swapaxes(-1, -2)
    ds = att * (datt - (datt * att).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    return ds @ k, ds.swapaxes(-1, -2) @ q, dv


def embedding_fwd(ids, wte):
    return wte[ids], (ids, wte)


def embedding_bwd(dout, cache):
    ids, wte = cache
    dwte = np.zeros_like(wte)
    np.add.at(dwte, ids, dout)
    return dwte


def cross_entropy(logits, targets):
    z = logits - logits.max(-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -logp[np.arange(len(targets)), targets].mean()


def cross_entropy_backward(logits, targets):
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    p[np.arange(len(targets)), targets] -= 1
    return p / len(targets)


def swiglu(x, w1, w2):
    a = x @ w1
    s = a / (1 + np.exp(-a))
    return s * (x @ w2)


def swiglu_backward(dout, x, w1, w2):
    a, b = x @ w1, x @ w2
    sig = 1 / (1 + np.exp(-a))
    da = dout * b * (sig + a * sig * (1 - sig))
    db = dout * a * sig
    return da @ w1.T + db @ w2.T, x.T @ da, x.T @ db


def rmsnorm(x, weight, eps=1e-6):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * weight


def rmsnorm_backward(dout, x, weight, eps=1e-6):
    r = 1 / np.sqrt((x**2).mean(-1, keepdims=True) + eps)
    g = dout * weight
    dx = r * g - x * r**3 * (g * x).mean(-1, keepdims=True)
    dweight = (dout * x * r).reshape(-1, x.shape[-1]).sum(0)
    return dx, dweight


def triplet_loss(anchor, positive, negative):
    d = np.sum((anchor - positive) ** 2, 1) - np.sum((anchor - negative) ** 2, 1) + 1.0
    return np.maximum(0, d).mean()


def triplet_loss_backward(anchor, positive, negative):
    d = np.sum((anchor - positive) ** 2, 1) - np.sum((anchor - negative) ** 2, 1) + 1.0
    m = (d > 0)[:, None] / len(d)
    return 2 * m * (negative - positive), 2 * m * (positive - anchor), 2 * m * (anchor - negative)
