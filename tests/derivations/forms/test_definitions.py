"""Definitions, cases and shapes as text and as LaTeX."""

import pytest

from gradcheck.derivations.forms import (
    definition_latex,
    definition_text,
    shape_latex,
    shape_text,
    where_latex,
    where_text,
)
from gradcheck.derivations.notation import Eq, Ne, Sum, axis, define, exp, grad, tanh, tensor

(s,) = axis("S", "s")
k, i = axis("N", "k i")
(t,) = axis("T", "t", start=1)
(tau,) = axis("T", "τ")
(p,) = axis("P_1", "p")
X, Γ = tensor("X", s, k), tensor("Γ", s)
h, h0, W, λ = tensor("h", t, k), tensor("h0", k), tensor("W", k, i), tensor("λ", t, k)
g = tensor("g", tau)
L = tensor("L")
dh = grad(h)

DEFINITIONS = {
    "an intermediate": (
        define(Γ[s], Sum(exp(X[s, k]), k)), "Γ[s] = Σ_k exp(X[s,k])",
        "\\Gamma_{s} = \\sum_{k} e^{X_{sk}}"),
    "a scalar": (
        define(L, Sum(Γ[s], s)), "L = Σ_s Γ[s]", "L = \\sum_{s} \\Gamma_{s}"),
    "a recursion starts before the first entry": (
        define(h[t, k], tanh(Sum(W[k, i] * h[t - 1, i], i)), outside=h0[k]),
        "h[t,k] = tanh(Σ_i W[k,i] h[t-1,i]),  h[0,k] = h0[k]",
        "h_{tk} = \\tanh\\left(\\sum_{i} W_{ki} h_{t-1,i}\\right), \\quad h_{0,k} = [h_{0}]_{k}"),
    "a backward recursion starts after the last": (
        define(λ[t, k], dh[t, k] + Sum(λ[t + 1, i] * W[i, k], i), outside=0),
        "λ[t,k] = dh[t,k] + Σ_i λ[t+1,i] W[i,k],  λ[T+1,k] = 0",
        "\\lambda_{tk} = \\frac{\\partial L}{\\partial h_{tk}}"
        " + \\sum_{i} \\lambda_{t+1,i} W_{ik}, \\quad \\lambda_{T+1,k} = 0"),
    "an axis that is counted from 0": (
        define(g[tau], g[tau - 1] + 1, outside=0), "g[τ] = g[τ-1] + 1,  g[-1] = 0",
        "g_{\\tau} = g_{\\tau-1} + 1, \\quad g_{-1} = 0"),
    "a value at the start that depends on time": (
        define(g[tau], g[tau + 1] + 1, outside=Γ[s].expr.base[tau]),
        "g[τ] = g[τ+1] + 1,  g[T] = Γ[T]",
        "g_{\\tau} = g_{\\tau+1} + 1, \\quad g_{T} = \\Gamma_{T}"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "as_text", "as_latex"), DEFINITIONS.values(), ids=DEFINITIONS.keys()
)
def test_definition(definition, as_text, as_latex):
    assert definition_text(definition) == as_text
    assert definition_latex(definition, {"dh": "h"}) == as_latex


CASES = {
    "two letters are equal": (Eq(k, i), "k = i", "k = i"),
    "two letters differ": (Ne(k, i), "k ≠ i", "k \\neq i"),
    "the order stays": (Ne(i, k), "i ≠ k", "i \\neq k"),
    "with an offset": (Eq(t - 1, 1), "t-1 = 1", "t-1 = 1"),
}


@pytest.mark.parametrize(("case", "as_text", "as_latex"), CASES.values(), ids=CASES.keys())
def test_where(case, as_text, as_latex):
    assert (where_text(case), where_latex(case)) == (as_text, as_latex)


SHAPES = {
    "no axes": ((), "scalar", "\\text{scalar}"),
    "one axis": ((t,), "T", "T"),
    "several axes": ((s, k, i, t), "S×N×N×T", "S \\times N \\times N \\times T"),
    "a size with a subscript": ((p,), "P_1", "P_{1}"),
}


@pytest.mark.parametrize(("indices", "as_text", "as_latex"), SHAPES.values(), ids=SHAPES.keys())
def test_shape(indices, as_text, as_latex):
    assert (shape_text(indices), shape_latex(indices)) == (as_text, as_latex)
