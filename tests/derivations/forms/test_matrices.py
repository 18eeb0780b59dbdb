"""Matrix expressions as text and as LaTeX."""

from types import SimpleNamespace

import pytest
from sympy import Idx, Rational

from gradcheck.derivations.forms import matrix_latex, matrix_text
from gradcheck.derivations.notation import (
    Sum,
    axis,
    diag,
    exp,
    function,
    grad,
    ones,
    relu,
    size,
    tensor,
)

(s,) = axis("S", "s")
(m,) = axis("M", "m")
(n,) = axis("N", "n")
t, u = axis("T", "t u", start=1)
after = Idx("v", (0, size(t).expr))
N = size(n)
A, B, C = tensor("A", s, m), tensor("B", s, m), tensor("C", s, m)
W, b, W_hx, x1 = tensor("W", n, m), tensor("b", n), tensor("W_hx", n, m), tensor("x1", m)
X, h1 = tensor("X", t, s, m), tensor("h1", t, s, n)
dA, dX = grad(A), grad(X)
Γ = tensor("Γ", s)
f = function("f")

TABLE = {
    "a tensor": (A, "A", "A"),
    "a name with a subscript": (W_hx.T, "W_hxᵀ", "W_{hx}^\\top"),
    "a slice": (X[t] @ W.T, "X[t] Wᵀ", "X_{t} W^\\top"),
    "a slice with an offset": (h1[t - 1].T, "h1[t-1]ᵀ", "[h_{1}]_{t-1}^\\top"),
    "a product": (A @ W.T, "A Wᵀ", "A W^\\top"),
    "a product of products": (A @ (W.T @ W), "A Wᵀ W", "A W^\\top W"),
    "a transposed product": ((A @ W.T).T, "(A Wᵀ)ᵀ", "(A W^\\top)^\\top"),
    "a transpose transposed": (A.T.T, "(Aᵀ)ᵀ", "(A^\\top)^\\top"),
    "a column of ones": (ones(s).T @ A, "1_Sᵀ A", "\\mathbf{1}_{S}^\\top A"),
    "ones after a factor": (A.T @ ones(s), "Aᵀ 1_S", "A^\\top \\mathbf{1}_{S}"),
    "ones as long as a compound size": (ones(after), "1_(T+1)", "\\mathbf{1}_{T+1}"),
    "an entrywise product": (A * B * C, "A ⊙ B ⊙ C", "A \\odot B \\odot C"),
    "an entrywise product in a product": (
        (A * B) @ W.T, "(A ⊙ B) Wᵀ", "(A \\odot B) W^\\top"),
    "a product in an entrywise product": (
        A * (B @ W.T @ W), "A ⊙ (B Wᵀ W)", "A \\odot (B W^\\top W)"),
    "a sum in an entrywise product": (A * (B - C), "A ⊙ (B − C)", "A \\odot (B - C)"),
    "an entrywise product in a sum": (A * B - C, "A ⊙ B − C", "A \\odot B - C"),
    "an entrywise product transposed": (
        (dA * (1 - A**2)).T @ B, "(dA ⊙ (1 − A²))ᵀ B",
        "\\left(\\frac{\\partial L}{\\partial A} \\odot (1 - A^{2})\\right)^\\top B"),
    "a − (b − c)": (A - (B - C), "A − (B − C)", "A - (B - C)"),
    "a − b + c": (A - B + C, "A − B + C", "A - B + C"),
    "a + (b + c)": (A + (B + C), "A + (B + C)", "A + (B + C)"),
    "−a + b": (-A + B, "−A + B", "-A + B"),
    "a − (−b)": (A - -B, "A − (−B)", "A - (-B)"),
    "−(a + b)": (-(A + B), "−(A + B)", "-(A + B)"),
    "−a ⊙ b": (-(A * B), "−A ⊙ B", "-A \\odot B"),
    "(−a) ⊙ b": (-A * B, "(−A) ⊙ B", "(-A) \\odot B"),
    "−a b": (-(A @ W.T), "−A Wᵀ", "-A W^\\top"),
    "a (−b)": (A @ -W.T, "A (−Wᵀ)", "A (-W^\\top)"),
    "a number before": (2 * A @ W.T, "2 A Wᵀ", "2 A W^\\top"),
    "a number before a sum": (2 * (A + B), "2 (A + B)", "2 (A + B)"),
    "a number before an entrywise product": (2 * (A * B), "2 (A ⊙ B)", "2 (A \\odot B)"),
    "an entrywise product with a multiple": ((2 * A) * B, "(2 A) ⊙ B", "(2 A) \\odot B"),
    "division by a size": (A / N, "1/N A", "\\frac{1}{N} A"),
    "a negative fraction": (
        (A @ W.T) * (-1 / N), "−1/N A Wᵀ", "-\\frac{1}{N} A W^\\top"),
    "a transposed multiple": ((2 * A).T, "(2 A)ᵀ", "(2 A)^\\top"),
    "a number among entries": (A + 1 / N, "A + 1/N", "A + \\frac{1}{N}"),
    "a function entry by entry": (
        A * f.prime(B), "A ⊙ f′(B)", "A \\odot f'(B)"),
    "a function of a product": (
        relu(A @ W.T), "relu(A Wᵀ)", "\\operatorname{relu}(A W^\\top)"),
    "exp entry by entry": (exp(A).T, "exp(A)ᵀ", "\\exp(A)^\\top"),
    "a square entry by entry": (A**2, "A²", "A^{2}"),
    "the square of a transpose": (A.T**2, "(Aᵀ)²", "(A^\\top)^{2}"),
    "the transpose of a square": ((A**2).T, "(A²)ᵀ", "(A^{2})^\\top"),
    "no inverse": (Γ**-1, "Γ^⊙(−1)", "\\Gamma^{\\odot (-1)}"),
    "division entry by entry": (
        A * B**-1 * C, "A ⊙ C ⊘ B", "A \\odot C \\oslash B"),
    "by a square, a sum or a product": (
        A * B**-2 * (1 + C) ** -1, "A ⊘ B² ⊘ (1 + C)", "A \\oslash B^{2} \\oslash (1 + C)"),
    "of a quotient": (A * (B * C**-1), "A ⊙ B ⊘ C", "A \\odot B \\oslash C"),
    "without a numerator": (A**-1 * B**-1, "A^⊙(−1) ⊘ B", "A^{\\odot (-1)} \\oslash B"),
    "a diagonal matrix that divides": (
        diag(Γ**-1) @ A, "diag(Γ)⁻¹ A",
        "\\operatorname{diag}(\\Gamma)^{-1} A"),
    "by squares": (
        diag(Γ**-2) @ A, "diag(Γ²)⁻¹ A", "\\operatorname{diag}(\\Gamma^{2})^{-1} A"),
    "no matrix root": (Γ ** Rational(1, 2), "Γ^⊙(1/2)", "\\Gamma^{\\odot (\\frac{1}{2})}"),
    "a diagonal matrix": (
        diag(Γ - Γ**2) @ A, "diag(Γ − Γ²) A", "\\operatorname{diag}(\\Gamma - \\Gamma^{2}) A"),
    "a sum over slices": (
        Sum(h1[t].T @ X[t], t), "Σ_t h1[t]ᵀ X[t]", "\\sum_{t} [h_{1}]_{t}^\\top X_{t}"),
    "a sum over part of the slices": (
        Sum(X[u], (u, 1, t)), "Σ_{u=1}^{t} X[u]", "\\sum_{u=1}^{t} X_{u}"),
    "a sum of terms": (Sum(X[t] - A, t), "Σ_t (X[t] − A)", "\\sum_{t} (X_{t} - A)"),
    "a sum of entrywise products": (Sum(X[t] * A, t), "Σ_t X[t] ⊙ A", "\\sum_{t} X_{t} \\odot A"),
    "a sum ends before a plus": (Sum(X[t], t) + A, "Σ_t X[t] + A", "\\sum_{t} X_{t} + A"),
    "a sum before a factor": (
        Sum(X[t], t) @ W.T, "(Σ_t X[t]) Wᵀ", "\\left(\\sum_{t} X_{t}\\right) W^\\top"),
    "a sum after a factor": (
        W.T @ Sum(h1[t].T, t), "Wᵀ Σ_t h1[t]ᵀ", "W^\\top \\sum_{t} [h_{1}]_{t}^\\top"),
    "a product that ends in a sum, before a factor": (
        (W.T @ Sum(h1[t].T, t)) @ A, "Wᵀ (Σ_t h1[t]ᵀ) A",
        "W^\\top \\left(\\sum_{t} [h_{1}]_{t}^\\top\\right) A"),
    "a sum over slices in an entrywise product": (
        A * Sum(X[t], t), "A ⊙ (Σ_t X[t])", "A \\odot \\left(\\sum_{t} X_{t}\\right)"),
    "a sum transposed": (
        Sum(X[t], t).T, "(Σ_t X[t])ᵀ", "\\left(\\sum_{t} X_{t}\\right)^\\top"),
    "a gradient transposed": (
        dA.T @ A, "dAᵀ A", "\\left(\\frac{\\partial L}{\\partial A}\\right)^\\top A"),
    "a slice of a gradient": (
        dX[t] @ W.T, "dX[t] Wᵀ", "\\frac{\\partial L}{\\partial X_{t}} W^\\top"),
    "a negative factor in front": (
        -dA @ W.T, "(−dA) Wᵀ",
        "\\left(-\\frac{\\partial L}{\\partial A}\\right) W^\\top"),
}  # fmt: skip


@pytest.mark.parametrize(("matrix", "expected"), [r[:2] for r in TABLE.values()], ids=TABLE.keys())
def test_text(matrix, expected):
    assert matrix_text(matrix) == expected


@pytest.mark.parametrize(("matrix", "expected"), [r[::2] for r in TABLE.values()], ids=TABLE.keys())
def test_latex(matrix, expected):
    assert matrix_latex(matrix, {"dA": "A", "dX": "X"}) == expected


@pytest.mark.parametrize("form", [matrix_text, matrix_latex])
def test_an_unknown_kind_of_matrix_is_refused(form):
    strange = SimpleNamespace(kind="inverse", args=(A,))
    strange.matrix = lambda: strange
    with pytest.raises(NotImplementedError, match="no printed form of a matrix of kind 'inverse'"):
        form(strange)
