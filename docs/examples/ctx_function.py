"""Functions of a home-made autograd: forward and backward are given a context.

    gradcheck docs/examples/ctx_function.py
    gradcheck docs/examples/ctx_function.py::Gather --shape table=5,3 --shape idx=4:int5

Mul is right. Gather is wrong [overwritten]: where an index occurs twice, `=` keeps only one of the
gradients that np.add.at would add up.
"""

import numpy as np


class Function:
    @classmethod
    def apply(cls, *arrays): ...


class Mul(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        return grad_output * b, grad_output * a


class Gather(Function):
    @staticmethod
    def forward(ctx, table, idx):
        ctx.idx, ctx.shape = idx, table.shape
        return table[idx]

    @staticmethod
    def backward(ctx, grad_output):
        grad_table = np.zeros(ctx.shape)
        grad_table[ctx.idx] = grad_output
        return grad_table, None
