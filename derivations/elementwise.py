"""Elementwise operations on two arrays, Y = f(A, B), the smaller one broadcast as NumPy does it.

What is broadcast is used in several places, so that its gradient is a sum over them.
Where A = B, half of the gradient of a maximum or minimum goes to either, as in PyTorch.

Family: arithmetic.
Source: PyTorch, torch.add, torch.mul, torch.maximum and others; NumPy, rules of broadcasting.
"""

from gradcheck.derivations.notation import *

(s,) = axis("S", "s")  # samples
(m,) = axis("M", "m")  # features
(one,) = axis(1, "o")  # an axis of length 1
Y = tensor("Y", s, m)


def binary(f, A=(s, m), B=(m,), positive=False):
    """Y = f(A, B) of arrays with these axes; `positive` if f needs a B greater than 0."""
    a, b = tensor("A", *A), tensor("B", *B, positive=positive)
    return Layer((a, b), (define(Y[s, m], f(entry(a, A), entry(b, B))),))


def entry(array, axes):
    """The entry of an array that is used for Y[s, m]."""
    return array[tuple(0 if i is one else i for i in axes)] if axes else array


def power(exponent):
    """Y = A to a fixed power."""
    a = tensor("A", s, m)
    return Layer((a,), (define(Y[s, m], a[s, m] ** exponent),))


def exponential():
    """Y = A to the power of B, of a positive A."""
    a, b = tensor("A", s, m, positive=True), tensor("B", m)
    return Layer((a, b), (define(Y[s, m], exp(b[m] * log(a[s, m]))),))


def maximum(a, b):
    return (a + b + absolute(a - b)) / 2


def minimum(a, b):
    return (a + b - absolute(a - b)) / 2


def product(a, b):
    return a * b


layers = {
    "add": binary(lambda a, b: a + b),
    "sub": binary(lambda a, b: a - b),
    "mul": binary(product),
    "div": binary(lambda a, b: a / b, positive=True),
    "maximum": binary(maximum, B=(s, m)),
    "minimum": binary(minimum, B=(s, m)),
    "pow": power(3),
    "pow_tensor": exponential(),
    # other ways to broadcast
    "mul_scalar": binary(product, B=()),
    "mul_same": binary(product, B=(s, m)),
    "mul_column": binary(product, B=(s, one)),
    "mul_outer": binary(product, A=(s, one), B=(m,)),
}
