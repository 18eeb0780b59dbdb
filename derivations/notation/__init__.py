"""What a derivation is written in; a layer file imports its vocabulary from here.

s, i = axis("S", "s i")                        two letters that run over an axis of size S
X = tensor("X", s, m)                          an array, one index for each axis
define(Y[s, n], Sum(X[s, m] * W[n, m], m))     a named tensor: an intermediate or the output
chain(D(Y[s, n], W[i, j]), (..., "linearity")) equal expressions, each with its reason
Layer(inputs, forward, derivations)            all of it
"""

from sympy import Eq, Ne, Rational, oo

from gradcheck.derivations.notation.formula import (
    D,
    Formula,
    NotationError,
    Sum,
    absolute,
    argmax,
    axis,
    bracket,
    cos,
    delta,
    erf,
    exp,
    function,
    log,
    pi,
    relu,
    sigmoid,
    sign,
    sin,
    size,
    softplus,
    sqrt,
    step,
    tanh,
)
from gradcheck.derivations.notation.gradients import ClosedForm, jacobian, vjp
from gradcheck.derivations.notation.layer import (
    REASONS,
    Chain,
    Derivation,
    Layer,
    Step,
    chain,
    define,
    derivation,
)
from gradcheck.derivations.notation.matrix import Matrix, diag, ones
from gradcheck.derivations.notation.tensor import Option, Tensor, grad, option, tensor

__all__ = [
    "REASONS",
    "Chain",
    "ClosedForm",
    "D",
    "Derivation",
    "Eq",
    "Formula",
    "Layer",
    "Matrix",
    "Ne",
    "NotationError",
    "Option",
    "Rational",
    "Step",
    "Sum",
    "Tensor",
    "absolute",
    "argmax",
    "axis",
    "bracket",
    "chain",
    "cos",
    "define",
    "delta",
    "derivation",
    "diag",
    "erf",
    "exp",
    "function",
    "grad",
    "jacobian",
    "log",
    "ones",
    "oo",
    "option",
    "pi",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "size",
    "softplus",
    "sqrt",
    "step",
    "tanh",
    "tensor",
    "vjp",
]
