"""Function pairs with a cache, as in CS231n.

    gradcheck docs/examples/function_pairs.py
    gradcheck docs/examples/function_pairs.py::wrong_affine_forward --shape x=6,4 --shape w=4,2

affine is right. wrong_affine is wrong [kept-axis]: db has the sum over the batch kept as an axis.
"""


def affine_forward(x, w, b):
    out = x @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def wrong_affine_forward(x, w, b):
    return affine_forward(x, w, b)


def wrong_affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0, keepdims=True)
    return dx, dw, db
