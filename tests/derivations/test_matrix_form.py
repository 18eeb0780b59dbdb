"""Matrix forms that are found, printed and read back; and what has none."""

from importlib import import_module
from pathlib import Path

import pytest
from calculus.expressions import SETTING as RANDOM
from calculus.expressions import simple, with_names
from hypothesis import assume, given
from layers.tables import row
from sympy import IndexedBase

import gradcheck.derivations
from gradcheck.derivations.calculus.compare import Comparer, Status
from gradcheck.derivations.calculus.terms import Setting, free_indices, indices_of
from gradcheck.derivations.forms import matrix_latex, matrix_text, tidy
from gradcheck.derivations.forms.numpy_code import with_definitions
from gradcheck.derivations.notation import (
    Formula,
    Sum,
    absolute,
    axis,
    bracket,
    delta,
    exp,
    grad,
    log,
    relu,
    size,
    sqrt,
    step,
    tanh,
    tensor,
    vjp,
)
from gradcheck.derivations.notation.formula import unwrap
from gradcheck.derivations.notation.matrix_form import matrix_form

s, r = axis("S", "s r")
m, j = axis("M", "m j")
n, i = axis("N", "n i")
c, k = axis("C", "c k")
h, l = axis("H", "h l")
t, u = axis("T", "t u")
(w,) = axis(size(t) - 1, "w")
C, N, S, H = map(size, (c, n, s, h))
a, L = tensor("a"), tensor("L")
X, W, V, Y, Z = (
    tensor("X", s, m), tensor("W", n, m), tensor("V", m, n), tensor("Y", s, n), tensor("Z", s, n)
)  # fmt: skip
x, y, b, v = tensor("x", m), tensor("y", n), tensor("b", n), tensor("v", n)
P, logP, g, σ = (
    tensor("P", s, c),
    tensor("logP", s, c),
    tensor("g", c),
    tensor("σ", s, positive=True),
)
A, Q, K, V_, O = (
    tensor("A", t, u), tensor("Q", t, h), tensor("K", u, h), tensor("V_", u, l), tensor("O", t, l)
)  # fmt: skip
B, R3, Y3 = tensor("B", n, i), tensor("R3", t, n, m), tensor("Y3", t, s, n)
z, d = tensor("z", s, integer=c), tensor("d", t)
dY, dP, dy, dA, dO, dL = map(grad, (Y, P, y, A, O, L))
TENSORS = (
    a, L, X, W, V, Y, Z, x, y, b, v, P, logP, g, σ, A, Q, K, V_, O, B, R3, Y3, z, d,
    dY, dP, dy, dA, dO, dL,
)  # fmt: skip
SETTING = Setting(
    {each.name: each.indices for each in TENSORS}, positive=frozenset({"σ"}), integer={"z": c}
)
COMPARER = Comparer(SETTING)


def at(*indices):
    """The left side: an entry of what is computed."""
    return IndexedBase("out")[indices] if indices else unwrap(tensor("out"))


FORMS = [
    row("a linear layer, by its input", at(r, j), Sum(dY[r, n] * W[n, j], n), "dY W"),
    row("by its weights", at(i, j), Sum(dY[s, i] * X[s, j], s), "dYᵀ X"),
    row("by weights stored in-out", at(j, i), Sum(dY[s, i] * X[s, j], s), "Xᵀ dY"),
    row("by its bias", at(i), Sum(dY[s, i], s), "dYᵀ 1_S"),
    row("of one sample, by its input", at(j), Sum(dy[n] * W[n, j], n), "Wᵀ dy"),
    row("by its weights alone", at(i, j), dy[i] * x[j], "dy xᵀ"),
    row("by its bias alone", at(i), dy[i], "dy"),
    row("with a bias in every row", at(s, n), Sum(X[s, m] * W[n, m], m) + b[n], "X Wᵀ + 1_S bᵀ"),
    row("dense and tanh, by its weights", at(i, j),
        Sum(dY[s, i] * (1 - Y[s, i] ** 2) * X[s, j], s), "(dY ⊙ (1 − Y²))ᵀ X"),
    row("by its input", at(s, j), Sum(dY[s, n] * (1 - Y[s, n] ** 2) * W[n, j], n),
        "(dY ⊙ (1 − Y²)) W"),
    row("by its bias, dense and tanh", at(i), Sum(dY[s, i] * (1 - Y[s, i] ** 2), s),
        "(dY ⊙ (1 − Y²))ᵀ 1_S"),
    row("softmax", at(s, k), dP[s, k] * P[s, k] - P[s, k] * Sum(dP[s, c] * P[s, c], c),
        "dP ⊙ P − diag((dP ⊙ P) 1_C) P"),
    row("softmax, factored", at(s, k), P[s, k] * (dP[s, k] - Sum(dP[s, c] * P[s, c], c)),
        "P ⊙ dP − diag((dP ⊙ P) 1_C) P"),
    row("softmax along columns", at(s, k), P[s, k] * (dP[s, k] - Sum(dP[r, k] * P[r, k], r)),
        "P ⊙ dP − P diag((dP ⊙ P)ᵀ 1_S)"),
    row("log-softmax", at(s, k), dP[s, k] - exp(logP[s, k]) * Sum(dP[s, c], c),
        "dP − diag(dP 1_C) exp(logP)"),
    row("attention, by the queries", at(t, h), Sum(dA[t, u] * K[u, h], u) / sqrt(H),
        "1/√H dA K"),
    row("by the keys", at(u, h), Sum(dA[t, u] * Q[t, h], t) / sqrt(H), "1/√H dAᵀ Q"),
    row("by the values", at(u, l), Sum(A[t, u] * dO[t, l], t), "Aᵀ dO"),
    row("through the scores", at(t, h),
        Sum(A[t, u] * (dA[t, u] - d[t]) * K[u, h], u), "(A ⊙ dA − diag(d) A) K"),
    row("RMS norm", at(s, k),
        (dP[s, k] * g[k] - P[s, k] * Sum(dP[s, c] * g[c] * P[s, c], c) / C) / σ[s],
        "diag(σ)⁻¹ (dP diag(g) − 1/C diag((dP ⊙ P) g) P)"),
    row("its gain", at(k), Sum(dP[s, k] * P[s, k], s), "(dP ⊙ P)ᵀ 1_S"),
    row("mean squared error", at(s, n), 2 / N * dL * (Y[s, n] - Z[s, n]), "2/N dL (Y − Z)"),
    row("bilinear, by one side", at(m), Sum(v[n] * W[n, m], n) * a, "a Wᵀ v"),
    row("a quadratic form", at(), Sum(y[n] * B[n, i] * y[i], n, i), "yᵀ B y"),
    row("its gradient", at(n), Sum((B[n, i] + B[i, n]) * y[i], i), "(B + Bᵀ) y"),
    row("a chain of three", at(s, i), Sum(X[s, m] * V[m, n] * B[n, i], m, n), "X V B"),
    row("a Gram matrix, weighted", at(j, m), Sum(W[n, j] * v[n] * W[n, m], n), "Wᵀ diag(v) W"),
    row("an inner product", at(), Sum(y[n] * v[n], n), "yᵀ v"),
    row("an inner product times a column", at(i), b[i] * Sum(y[n] * v[n], n), "b yᵀ v"),
    row("a sum of all entries", at(), Sum(Y[s, n], s, n), "1_Sᵀ Y 1_N"),
    row("a diagonal", at(n, i), delta(n, i) * y[n], "diag(y)"),
    row("the Jacobian of softmax", at(n, i), y[n] * (delta(n, i) - y[i]), "diag(y) − y yᵀ"),
    row("the identity", at(n, i), delta(n, i) - v[n] * v[i], "diag(1_N) − v vᵀ"),
    row("a contracted delta", at(i, m), Sum(delta(n, i) * W[n, m], n), "W"),
    row("functions", at(s, n), relu(Y[s, n]) * step(Y[s, n]) - tanh(log(Z[s, n] ** 2)),
        "relu(Y) ⊙ step(Y) − tanh(log(Z²))"),
    row("an absolute value", at(n), absolute(y[n] - v[n]), "|y − v|"),
    row("a column in a function", at(s, c), exp(logP[s, c] - log(σ[s])),
        "exp(logP − log(σ) 1_Cᵀ)"),
    row("minus first", at(n), -y[n] + v[n], "−y + v"),
    row("a number everywhere", at(s, n), 1 / N * a, "1/N a"),
    row("a number beside", at(n), y[n] + 1 / N, "y + 1/N"),
    row("the length of an axis", at(n), Sum(y[n], m), "M y"),
    row("a transpose", at(m, n), W[n, m], "Wᵀ"),
    row("a sum over slices", at(n, m), Sum(R3[t, n, m] * d[t], t), "Σ_t d[t] R3[t]"),
    row("a product of slices", at(i, m), Sum(Y3[t, s, i] * X[s, m], t, s), "Σ_t Y3[t]ᵀ X"),
    row("a slice at the start", at(s, m), Sum(Y3[0, s, n] * W[n, m], n), "Y3[0] W"),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "formula", "expected"), FORMS)
def test_the_form_that_is_found(lhs, formula, expected):
    form = matrix_form(lhs, unwrap(formula), SETTING)
    assert matrix_text(form) == expected
    verdict = COMPARER.compare(unwrap(formula), form.entry(*indices_of(lhs)).expr)
    assert verdict.holds, verdict.reason
    assert matrix_latex(form)


NONE = [
    row("three axes", at(t, n, m), R3[t, n, m]),
    row("a window", at(t), Sum(Formula(IndexedBase("d")[t + u]), u)),
    row("a triangular sum", at(t), Sum(d[u], (u, 0, t))),
    row("a bracket", at(t, u), A[t, u] * bracket(u, t)),
    row("a lookup", at(s), P[s, z[s]]),
    row("a delta with a lookup", at(s, k), P[s, k] - delta(z[s], k)),
    row("a delta with an offset", at(t, u), delta(t, u + 1) * d[t]),
    row("the diagonal of a matrix", at(t), A[t, t]),
    row("the diagonal of a product", at(n), Sum(B[n, i] * delta(n, i), i)),
    row("a matrix times an inner product", at(s, n), Y[s, n] * Sum(y[i] * v[i], i)),
    row("three matrices at one letter", at(s, m),
        Sum(Y[s, n] * W[n, m] * B[n, i] * Z[s, i] * W[i, m], n, i)),
    row("an index as a number", at(t), t * d[t]),
    row("part of an axis", at(w), Formula(IndexedBase("d")[w])),
]  # fmt: skip


@pytest.mark.parametrize(("lhs", "formula"), NONE)
def test_no_matrix_form(lhs, formula):
    assert matrix_form(lhs, unwrap(formula), SETTING) is None


def layers():
    """Every layer that is written down, with its name."""
    for path in sorted(Path(gradcheck.derivations.__file__).parent.glob("[!_]*.py")):
        module = import_module(f"gradcheck.derivations.{path.stem}")
        variants = getattr(module, "layers", None) or {"": module.layer}
        for variant, layer in variants.items():
            yield f"{path.stem} {variant}".strip(), layer


GRADIENTS = {
    f"{name} by {each.name}": (layer, each.name)
    for name, layer in layers()
    for each in layer.differentiable
}


def found(layer, name):
    """The gradient by an input, its matrix form and the setting of both."""
    form = vjp(layer, name)
    setting = with_definitions(layer.setting, form.recursions)
    rhs = tidy(form.rhs)
    return rhs, matrix_form(form.lhs, rhs, setting, slices=True), setting, form.lhs


@pytest.mark.parametrize(("layer", "name"), GRADIENTS.values(), ids=GRADIENTS.keys())
def test_the_gradient_of_every_layer(layer, name):
    rhs, matrix, setting, lhs = found(layer, name)
    entry = rhs if matrix is None else matrix.entry(*indices_of(lhs)[-2:]).expr
    verdict = Comparer(setting).compare(rhs, entry)
    assert verdict.holds, verdict.reason


# The closed gradient has no names for dS and for the gates' adjoints, which their authors' forms
# need: dQ = 1/√D dS K.
UNNAMED = {f"scaled_dot_product_attention full by {name}" for name in "QK"}
UNNAMED |= {f"lstm_cell by {name}" for name in ("x", "h0", "W_ih", "W_hh", "b_ih", "b_hh")}


def test_a_form_is_found_wherever_an_author_wrote_one():
    written = [
        which
        for which, (layer, name) in GRADIENTS.items()
        if layer.written and layer.derivation_by(name).matrix is not None
    ]
    assert written
    assert {which for which in written if found(*GRADIENTS[which])[1] is None} == UNNAMED


def of_random(expr):
    """The left side and the matrix form of a random expression of at most two indices."""
    letters = tuple(free_indices(expr))
    assume(len(letters) <= 2)
    return letters, matrix_form(at(*letters), expr, RANDOM)


@pytest.mark.parametrize("formulas", [simple, with_names])
def test_random_forms_are_right(formulas):
    @given(expr=formulas)
    def agrees(expr):
        letters, form = of_random(expr)
        assume(form is not None)
        verdict = Comparer(RANDOM).compare(expr, form.entry(*letters).expr)
        assume(verdict.status is not Status.UNREADABLE)
        assert verdict.holds, verdict.reason

    agrees()
