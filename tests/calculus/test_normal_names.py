"""Canonical names: what summed letters are called, and how they are ordered, changes no key."""

import math
import random
import time

import pytest
from calculus.normal_expressions import SETTING, A, W, X, Z, i, j, k, m
from calculus.normal_values import reader
from layers.tables import row
from sympy import Idx

from gradcheck.derivations.calculus.terms import plain
from gradcheck.derivations.notation import Sum, delta, exp
from gradcheck.derivations.notation.formula import Formula, unwrap

L = [Idx(f"l{n}", i.args[1]) for n in range(9)]


def cycle(letters):
    """A[l0,l1] A[l1,l2] ... A[ln,l0], summed over all letters: the trace of a power."""
    around = zip(letters, [*letters[1:], letters[0]], strict=True)
    return Sum(math.prod((A[p] for p in around), start=Formula(unwrap(1))), *letters)


def star(tensor, centre, letters):
    """Many letters that may be exchanged, around one."""
    entries = (tensor[letter, centre] for letter in letters)
    return Sum(math.prod(entries, start=Formula(unwrap(1))), centre, *letters)


def pairs(function, letters):
    """Σ f(x_i - x_j) f(x_k - x_l) ..., summed over all letters."""
    factors = (function(X[p] - X[q]) for p, q in zip(letters[::2], letters[1::2], strict=True))
    return Sum(math.prod(factors, start=Formula(unwrap(1))), *letters)


def nested(outer, inner):
    """A sum whose letters go into a sum under a function."""
    return exp(Sum(A[j, k] * W[outer, m] * X[j] * Z[k] + A[inner, j] * X[k], j, k, m))


# A sum as a function of its letters, and how many letters it has.
MANY = [
    row("(Σ x)⁸", lambda ls: Sum(X[ls[0]], ls[0]) ** 4 * Sum(X[ls[1]], ls[1]) ** 4, 2),
    row("the trace of A²", cycle, 2),
    row("the trace of A⁵", cycle, 5),
    row("the trace of A⁸", cycle, 8),
    row("eight copies of Σ A", lambda ls: Sum(A[ls[0], ls[1]], *ls) ** 8, 2),
    row("a star of eight", lambda ls: star(W, m, ls), 8),
    row("a star of its own axis", lambda ls: star(A, ls[0], ls[1:]), 9),
    row("traces of traces", lambda ls: cycle(ls[:2]) ** 2 * cycle(ls[2:]) ** 2, 5),
    row("pairs under an even function", lambda ls: pairs(lambda x: exp(-(x**2)), ls), 8),
    row("two letters under a function", lambda ls: Sum(nested(*ls) * X[ls[0]], *ls), 2),
    row("a delta under a function", lambda ls: Sum(exp(delta(*ls) * X[ls[0]]) * Z[ls[1]], *ls), 2),
]  # fmt: skip


@pytest.mark.parametrize(("sum_of", "count"), MANY)
def test_many_letters_in_any_order_have_one_name_in_no_time(sum_of, count):
    rng = random.Random(0)
    forms, seconds = set(), []
    for _ in range(3):
        letters = rng.sample(L, count)
        started = time.perf_counter()
        forms.add(reader(SETTING).poly(plain(unwrap(sum_of(letters)))))
        seconds.append(time.perf_counter() - started)
    assert len(forms) == 1
    assert min(seconds) < 0.5
