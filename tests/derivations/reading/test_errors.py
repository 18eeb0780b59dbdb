"""What cannot be read: every error says what is wrong, points at it, and says what to do."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layers.tables import row

from gradcheck.derivations.notation import NotationError
from gradcheck.derivations.reading import IndexMistake, ReadingError, read

# Formulas, the column of the error, and parts of the problem and of the advice.
ERRORS = [
    row("nothing", "", 1, "there is no formula", "write one"),
    row("blanks", " ;\n", 1, "there is no formula", "write one"),
    row("no equal sign", "X[i]", 1, "a formula has one = sign", "claims"),
    row("two equal signs", "Y[i] = X[i] = Z[i]", 1, "a formula has one = sign", "claims"),
    row("an empty side", "Y[i] = ", 7, "one side of = is empty", "write what stands there"),
    row("an unknown sign", "Y[i] = X[i] % 2", 13, "'%' has no meaning", "are known"),
    row("a caret", "Y[i] = X[i]^2", 12, "'^' has no meaning", "powers with **"),
    row("a Σ", "Y = Σ X[i]", 5, "'Σ' has no meaning", "sum(expression, index)"),
    row("a string", "Y = 'a'", 5, '"\'" has no meaning', "are known"),
    row("a bracket too many", "Y[i] = X[i])", 12, ") closes nothing", "delete it"),
    row("a bracket too few", "Y[i] = exp(X[i]", 11, "( is never closed", "put the missing )"),
    row("the wrong bracket", "Y[i] = exp(X[i)", 15, ") closes nothing", "delete it"),
    row("brackets without end", "Y = " + "(" * 50, 45, "more than 40 deep", "name parts"),
    row("no product sign", "Y[i] = 2X[i]", 9, "an operator is missing", "products with *"),
    row("two names", "Y[i] = a X[i]", 10, "an operator is missing", "products with *"),
    row("a keyword", "Y[i] = lambda*X[i]", 8, "lambda cannot be a name", "another name"),
    row("two operators", "Y[i] = X[i] */ 2", 14, "this is not a formula", "entries as X[i,j]"),
    row("an attribute", "Y[i] = X.T[i]", 8, "has no meaning in a formula", "known are"),
    row("a call of an entry", "Y[i] = X[i](2)", 8, "has no meaning in a formula", "known are"),
    row("a keyword argument", "Y = sum(X[i], k=2)", 5, "has no meaning in a formula", "known are"),
    row("a remainder", "Y[i] = X[i] // 2", 8, "has no meaning in a formula", "known are"),
    row("a tuple", "Y[i] = X[i], 2", 8, "has no meaning in a formula", "known are"),
    row("an imaginary number", "y = 2j*x", 5, "2j is no number", "such as 2 or 0.5"),
    row("a huge number", "y = 1e99*x", 5, "too large or too small", "give it a name"),
    row("a huge power", "y = (10**99)**99", 6, "too large a number", "give it a name"),
    row("an unknown function", "Y[i] = sigmoyd(X[i])", 8, "no function sigmoyd", "mean sigmoid?"),
    row("one like none", "Y[i] = q(X[i])", 8, "there is no function q", "f, g and h stand"),
    row("two arguments", "Y[i] = exp(X[i], 2)", 8, "exp takes one argument, 2 given", "correct"),
    row("one argument", "Y[i] = max(X[i])", 8, "max takes two arguments, 1 given", "correct"),
    row("a power that varies", "Y[i] = X[i]**b", 14, "exponent must be a number", "exp(b*log(a))"),
    row("a high power", "Y[i] = X[i]**1000", 14, "between -100 and 100", "give a power"),
    row("a division by zero", "y = x/(1 - 1)", 8, "this divides by 0", "correct the divisor"),
    row("a power of zero", "y = x*0**-1", 7, "this divides by 0", "correct the divisor"),
    row("a division by a mask", "Y[t] = sum(X[u]/(u <= t), u)", 18, "it cannot divide", "multiply"),
    row("a division by a delta", "Y[t] = sum(X[u]/(2*delta(u,t)), u)", 18, "it cannot divide",
        "multiply"),
    row("a sum beyond its axis", "Y[t] = sum(X[u], (u, 0, size(u)))", 8, "leaves its axis",
        "size(m)-1"),
    row("a sum before its axis", "Y[t] = sum(X[u], (u, -1, t))", 8, "leaves its axis", "size(m)-1"),
    row("both ways at once", "h[t] = tanh(z[t]); z[t] = h[t-1] + h[t+1]; h[-1] = 0", 1,
        "need each other", "looks back"),
    row("a left side with a sum", "2*Y = X", 1, "the left side is no tensor", "Y[i,j]"),
    row("a diagonal", "Y[i,i] = X[i]", 5, "a letter of its own", "delta(i,j)"),
    row("one entry alone", "Y[0] = x", 3, "cannot be defined at one place", "Y[-1,...]"),
    row("the same name twice", "Y[i] = X[i]; Y[i] = Z[i]", 14, "defined twice", "another name"),
    row("a word of the notation", "sum[i] = X[i]", 1, "a word of the notation", "another name"),
    row("a sum over nothing", "Y = sum(X[i])", 5, "does not say what it runs over", "sum(exp"),
    row("a sum over a number", "Y = sum(X[i], 3)", 15, "a sum runs over indices", "(i, low, high)"),
    row("a dangling index", "Y[i] = X[i]*W[j]", 15, "j is in no sum", "sum over j"),
    row("a capital index", "Y[i] = X[I]", 10, "the index I is in no sum", "lower-case"),
    row("an index after its sum", "Y = sum(X[k], k)*X[k]", 20, "k is in no sum", "sum over k"),
    row("an index as a number", "Y[i] = i*X[i]", 8, "i is used as a number", "in brackets"),
    row("a sum of nothing", "Y[i] = sum(X[i], k)", 18, "nothing in the sum depends", "size(k)"),
    row("summed twice", "Y = sum(sum(X[i], i), i)", 19, "i is summed twice", "another letter"),
    row("summed and free", "Y[i] = sum(X[i], i)", 18, "on the left side too", "another letter"),
    row("wrong rank", "Y[i] = X[i]*X[i,i]", 13, "X has 1 axis, 2 indices given", "one index"),
    row("another rank", "Y[i] = X[i,i] + X", 17, "X has 2 axes, 0 indices given", "one index"),
    row("a squared index", "Y[i] = X[i*i]", 10, "two indices are multiplied", "by numbers"),
    row("a halved index", "Y[i] = X[i/2]", 10, "cannot stand in a subscript", "whole numbers"),
    row("half an index", "Y[i] = X[i+0.5]", 12, "cannot stand in a subscript", "whole numbers"),
    row("a derivative", "Y[i] = D(X[i], X[i])", 8, "cannot contain a derivative", "claims"),
    row("a subscript that is a value", "Y[s] = Z[y[s]] + y[s]", 18, "stands in a subscript",
        "an integer input"),
    row("a bound that is an entry", "Y[s] = sum(X[k], (k, 0, y[s]))", 25, "cannot end at an entry",
        "comparison"),
    row("before the start", "Y[t] = X[t-1]", 10, "may read before the first entry", "padded(X)"),
    row("beyond the end", "Y = sum(X[i]*X[i+2], (i, 0, size(i)-2))", 16,
        "reads beyond the last entry of X, which is I - 1", "state a range"),
    row("a stride that is an index", "Y[s] = X[s]; Z[t] = Y[s*t]", 23, "an index elsewhere",
        "another letter"),
    row("a recursion without a start", "h[t] = h[t-1]*x[t]", 8, "h has no start", "h[-1,...] ="),
    row("a start at the other end", "h[t] = h[t-1]*x[t]; h[size(t)] = 1", 23, "the other end",
        "state h[-1,...]"),
    row("a start of nothing", "h[-1] = 0; y = x", 1, "no formula says how it goes on", "h[t,...]"),
    row("a definition by itself", "Y[i] = Y[i] + X[i]", 8, "defined by itself", "Y[t-1,...]"),
    row("time that is not first", "h[i,t] = h[i,t-1]; h[-1,t] = 0", 10, "defined by itself",
        "along the first axis"),
    row("a circle", "A[i] = B[i]; B[i] = A[i]", 1, "A and B need each other", "h[t-1]"),
    row("a size of nothing", "Y[i] = X[i]/size(n)", 13, "no index is called n", "size(m)"),
    row("a size of two axes", "Y[i] = X[i]/size(k) + sum(A[k], k) + sum(B[k], k)", 13,
        "runs over several axes", "different letters"),
    row("a gradient's name", "dX[i] = X[i]", 1, "also be the gradient by X", "another name"),
]  # fmt: skip


@pytest.mark.parametrize(("formulas", "column", "problem", "advice"), ERRORS)
def test_error(formulas, column, problem, advice):
    with pytest.raises(ReadingError) as caught:
        read(formulas)
    assert problem in caught.value.problem
    assert advice in caught.value.advice
    assert (caught.value.line, caught.value.column) == (1, column)


# Facts about Y[s] = sum(X[s,k]*W[k], k), the column, parts of problem and advice.
FACTS = [
    row("an unknown kind", "X[s,k] = 2", 1, "no fact that is known", "known are sum("),
    row("an unknown tensor", "positive(Xs)", 10, "there is no Xs", "did you mean X?"),
    row("a computed tensor", "Y[s] > 0", 1, "Y is computed", "inputs only"),
    row("a wrong rank", "W[s,k] > 0", 1, "W has 1 axes, 2 indices given", "one index"),
    row("an index it lacks", "onehot(X[s,k], m)", 1, "m is no index of X[s,k]", "known are"),
    row("not quite symmetric", "X[s,k] = X[k,k]", 1, "more than two exchanged", "known are"),
    row("symmetric with one axis", "symmetric(W)", 11, "no two axes to exchange", "A[i,j,k]"),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "column", "problem", "advice"), FACTS)
def test_error_in_a_fact(fact, column, problem, advice):
    with pytest.raises(ReadingError) as caught:
        read("Y[s] = sum(X[s,k]*W[k], k)", [fact])
    assert problem in caught.value.problem
    assert advice in caught.value.advice
    assert caught.value.column == column


# Claims about an embedding that cannot be read, the column, parts of problem and advice.
CLAIMS = [
    row("no equation", "dE[v,d]", 1, "two things are equal", "dX[i] = ..."),
    row("an unknown name", "dE[v,d] = dZ[s,d]", 11, "there is no dZ", "did you mean dY?"),
    row("a derivative by a sum", "D(Y[s,d], 2*E[v,e]) = 0", 11, "by an entry of an input", "D(Y["),
    row("a derivative by an integer", "D(Y[s,d], w[s]) = 0", 11, "subscripts, and no values",
        "in brackets"),
    row("an integer as a value", "dE[v,d] = w[v]", 11, "subscripts, and no values", "in brackets"),
    row("an axis that nobody knows", "dE[v,d] = sum(delta(p+1, q), p, q)", 30, "which axis p",
        "use the letter"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "column", "problem", "advice"), CLAIMS)
def test_error_in_a_claim(claim, column, problem, advice):
    with pytest.raises(ReadingError) as caught:
        read("Y[s,d] = E[w[s],d]", claims=[claim])
    assert not isinstance(caught.value, IndexMistake)
    assert problem in caught.value.problem
    assert advice in caught.value.advice
    assert caught.value.column == column


def test_an_error_shows_the_place():
    with pytest.raises(NotationError) as caught:
        read("A[i] = B[i];\n  Y[i] = A[i] + Σ")
    assert str(caught.value).split("\n") == [
        "'Σ' has no meaning here (column 17)",
        "    Y[i] = A[i] + Σ",
        "                  ^",
        "write sums as sum(expression, index)",
    ]


WORDS = [
    *("sum(", "mean(", "delta(", "size(", "D(", "exp(", "f(", "max(", "X[", "Y[", "h[", "dY["),
    *("(", ")", "]", ",", ";", "=", "==", "<=", "<", "+", "-", "*", "**", "/", " ", "\n"),
    *("i", "j", "t", "k", "s", "X", "Y", "0", "1", "-1", "2", "0.5", "if ", "for "),
]


@given(st.lists(st.sampled_from(WORDS), max_size=25).map("".join))
def test_random_words_are_read_or_refused(words):
    read_or_refused(f"Y[i] = {words}", "", words)


@given(st.text(alphabet=string.printable + "Σδ′²éℓ∂", max_size=30))
def test_random_text_is_read_or_refused(text):
    read_or_refused(text, text, text)


def read_or_refused(formula, fact, claim):
    for what in ((formula, [], []), ("Y[i] = X[i]", [fact], []), ("Y[i] = X[i]", [], [claim])):
        try:
            read(*what)
        except ReadingError as error:
            assert 1 <= error.column <= len(error.text) + 1  # noqa: PT017
            assert error.advice  # noqa: PT017
            assert "^" in str(error)  # noqa: PT017
