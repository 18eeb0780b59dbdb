"""Einsum: the product of all operands, summed over every letter that the output lacks."""

import numpy as np


def einsum(spec):
    """The passes of np.einsum(spec, ...) of one, two or three operands."""
    subscripts, output = spec.split("->")
    operands = subscripts.split(",")

    def backward_all(dY, *arrays):
        return tuple(gradient(k, dY, arrays) for k in range(len(arrays)))

    def gradient(k, dY, arrays):
        """The operand changes places with the output."""
        others = [other for place, other in enumerate(operands) if place != k]
        letters = "".join(dict.fromkeys(operands[k]))
        known = "".join(i for i in letters if i in "".join((output, *others)))
        rest = [array for place, array in enumerate(arrays) if place != k]
        found = np.einsum(f"{','.join((output, *others))}->{known}", dY, *rest, optimize=True)
        result = np.zeros_like(arrays[k])
        alone = tuple(axis for axis, i in enumerate(letters) if i not in known)
        diagonal = np.einsum(f"{operands[k]}->{letters}", result)  # a view, where letters repeat
        diagonal[...] = np.expand_dims(found, alone)
        return result

    passes = {1: of_one, 2: of_two, 3: of_three}
    forward, backward = passes[len(operands)](spec, backward_all)
    shapes = [shape(letters) for letters in operands]
    given = ", ".join(f"{name} {own}" for name, own in zip("ABC", shapes, strict=False))
    found = ", ".join(f"d{name} {own}" for name, own in zip("ABC", shapes, strict=False))
    result = f" {shape(output)}" if output else ", a number,"
    forward.__doc__ = f"Y{result} of {given}."
    backward.__doc__ = f"Pull dY{result} back to {found}."
    return forward, backward


def of_one(spec, gradients):
    def forward(A):
        return np.einsum(spec, A, optimize=True).copy()

    def backward(dY, A):
        return gradients(dY, A)

    return forward, backward


def of_two(spec, gradients):
    def forward(A, B):
        return np.einsum(spec, A, B, optimize=True)

    def backward(dY, A, B):
        return gradients(dY, A, B)

    return forward, backward


def of_three(spec, gradients):
    def forward(A, B, C):
        return np.einsum(spec, A, B, C, optimize=True)

    def backward(dY, A, B, C):
        return gradients(dY, A, B, C)

    return forward, backward


def shape(letters):
    """As it is written: "(N, K)"."""
    return f"({', '.join(letters.upper())}{',' * (len(letters) == 1)})"


layers = {
    "transposed": einsum("nk,mk->nm"),
    "batched": einsum("shtk,shuk->shtu"),
    "three": einsum("sn,nm,sm->s"),
    "outer": einsum("n,m->nm"),
    "inner": einsum("nm,nm->"),
    "permuted": einsum("nmk->knm"),
    "column_sums": einsum("nm->m"),
    "own_letters": einsum("nk,m->n"),
    "diagonal": einsum("nn->n"),
    "trace": einsum("nn->"),
    "rows_of_diagonal": einsum("nnm,nk->mk"),
}
