"""The index calculus against brute force, on random expressions."""

import pytest
from calculus.expressions import (
    LETTERS,
    REFERENCE,
    SETTING,
    evaluator,
    intermediates,
    simple,
    variables,
    with_names,
)
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.derivations.calculus.contract import collect, contract
from gradcheck.derivations.calculus.derivative import Differentiator
from gradcheck.derivations.calculus.fold import folder
from gradcheck.derivations.calculus.terms import D, free_indices, plain, rename

letters = st.sampled_from(LETTERS["N"])


def close(values):
    """Nearly these values: large ones may cancel to small ones."""
    return pytest.approx(values, rel=1e-9, abs=1e-9 * max([1, *map(abs, values)]))


def free(*expressions):
    """All indices that are free in some of the expressions."""
    return tuple({i: None for e in expressions for i in free_indices(e)})


def assert_same_value(left, right):
    indices = free(left, right)
    assert evaluator().flat(left, indices) == close(evaluator().flat(right, indices))


@given(with_names)
def test_the_evaluator_agrees_with_brute_force(expr):
    assert evaluator().flat(expr, free(expr)) == close(REFERENCE.values(expr, free(expr)))


@given(with_names)
def test_the_free_indices_are_just_those_that_need_a_value(expr):
    for missing in free(expr):
        given = tuple(i for i in free(expr) if i != missing)
        with pytest.raises(NotImplementedError, match=f"the index {missing} belongs to no sum"):
            evaluator().flat(expr, given)


@given(with_names)
def test_plain_keeps_the_value(expr):
    assert_same_value(plain(expr), expr)


@given(simple, st.dictionaries(letters, letters))
def test_renaming_reads_the_value_at_the_new_indices(expr, new):
    renamed = rename(expr, new)
    before, after = free(expr), free(renamed)
    values = dict(zip(places(before), evaluator().flat(expr, before), strict=True))
    found = evaluator().flat(renamed, after)
    for at, value in zip(places(after), found, strict=True):
        now = dict(zip(after, at, strict=True))
        # an index may cancel: then it does not matter where the value is read
        assert [value] == close(
            [values[tuple(now.get(new.get(i, i), int(i.lower)) for i in before)]]
        )


def places(indices):
    """The values that indices take together, the last one fastest."""
    return list(evaluator().places(indices))


@given(simple, st.sets(letters))
def test_contraction_keeps_the_value(expr, avoid):
    assert_same_value(contract(plain(expr), avoid), expr)


@given(simple)
def test_collecting_keeps_the_value(expr):
    assert_same_value(collect(plain(expr)), expr)


@given(with_names)
def test_folding_keeps_the_value(expr):
    assert_same_value(folder(SETTING.definitions)(plain(expr)), expr)


@given(with_names, st.one_of(variables, intermediates))
def test_the_derivative_is_that_of_brute_force(expr, by):
    indices = free(expr, by)
    derivative = Differentiator(SETTING).derivative(expr, by)
    assert evaluator().flat(derivative, indices) == close(REFERENCE.values(D(expr, by), indices))
