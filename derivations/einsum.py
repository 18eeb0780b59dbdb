"""Einsum: the product of all operands, summed over every letter that the output lacks.

For its gradient an operand changes places with the output: the gradient of A in "nk,mk->nm" is
"nm,mk->nk". A letter that only this operand has is repeated; a letter that it has twice
takes the diagonal.

Family: linear.
Source: PyTorch, torch.einsum; NumPy, numpy.einsum.
"""

from math import prod

from gradcheck.derivations.notation import *

LETTERS = {
    letter: axis(letter.upper(), f"{letter} {other}")
    for letter, other in zip("snmkhtu", "rijlgvw", strict=True)
}


def einsum(spec):
    """The layer of a specification such as "nk,mk->nm"; its operands are A, B, C."""
    subscripts, output = spec.split("->")
    operands = subscripts.split(",")
    arrays = [tensor(name, *declared(own)) for name, own in zip("ABC", operands, strict=False)]
    entries = [a[run(own)] for a, own in zip(arrays, operands, strict=True)]
    summed = [i for i in dict.fromkeys("".join(operands)) if i not in output]
    product = prod(entries[1:], start=entries[0])
    Y = tensor("Y", *run(output))
    value = Sum(product, *run(summed)) if summed else product
    return Layer(tuple(arrays), (define(Y[run(output)] if output else Y, value),))


def run(letters):
    """The indices that these letters stand for."""
    return tuple(LETTERS[letter][0] for letter in letters)


def declared(letters):
    """The axes of an operand: a letter that comes twice is two axes of one length."""
    return [LETTERS[i][letters[:place].count(i)] for place, i in enumerate(letters)]


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
