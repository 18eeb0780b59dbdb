"""Index expressions as text and as LaTeX."""

import pytest
from sympy import Float, Idx, IndexedBase, Rational, Symbol

from gradcheck.derivations.forms import latex, shape_latex, shape_text, text
from gradcheck.derivations.notation import (
    D,
    Formula,
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
    grad,
    log,
    option,
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
    tensor,
)

s, r = axis("S", "s r")
m, j = axis("M", "m j")
n, i, n_ = axis("N", "n i n′")
k, alpha = axis("K", "k α")
t, u = axis("T", "t u", start=1)
(c,) = axis("C", "c")
reach = Idx("v", (0, size(t).expr + size(k).expr - 2))
S, N, T = size(s), size(n), size(t)
X, W, Y, b = tensor("X", s, m), tensor("W", n, m), tensor("Y", s, n), tensor("b", n)
H, h0 = tensor("H", t, s, n), tensor("h0", s, n)
W_hx, x1, w = tensor("W_hx", n, m), tensor("x1", m), tensor("w", n)
Γ, μ, σ2, x̂ = tensor("Γ", s), tensor("μ", s), tensor("σ²", s), tensor("x̂", s, m)
y, P, V, z = tensor("y", s, integer=c), tensor("P", s, c), tensor("V", k), tensor("z", n, n)
L, σ2_all, ε = tensor("L"), tensor("σ²"), tensor("ε")
dY, dL = grad(Y), grad(L)
f = function("f")
act = function("act")
a, x = tensor("a"), tensor("x")
p, q = tensor("p"), tensor("q")
stride = option("stride", 1, whole=(1, 3))
half = Formula(Rational(1, 2))


def at(subscript):
    """An entry of x, which is as long as its windows need."""
    return Formula(IndexedBase("x")[subscript])


NODES = {
    "an entry has one letter for each axis": (X[s, m], "X[s,m]", "X_{sm}"),
    "an index with an offset puts commas between all": (
        H[t - 1, s, n], "H[t-1,s,n]", "H_{t-1,s,n}"),
    "an index that is a number puts commas between all": (H[1, s, n], "H[1,s,n]", "H_{1,s,n}"),
    "an index with a factor": (H[2 * t + 1, s, n], "H[2·t+1,s,n]", "H_{2 t+1,s,n}"),
    "an index with a sum times a factor": (
        V[N.expr * (k + 1) - 2], "V[N·(k+1)-2]", "V_{N (k+1)-2}"),
    "an index that is an entry": (P[s, y[s]], "P[s,y[s]]", "P_{s,y_{s}}"),
    "an index with a prime is one letter": (W[n_, m], "W[n′,m]", "W_{n'm}"),
    "a Greek index": (V[alpha], "V[α]", "V_{\\alpha}"),
    "a name with a subscript": (W_hx[i, j], "W_hx[i,j]", "[W_{hx}]_{ij}"),
    "a name that ends in a digit": (x1[j], "x1[j]", "[x_{1}]_{j}"),
    "a Greek name": (Γ[s], "Γ[s]", "\\Gamma_{s}"),
    "a name with a superscript": (σ2[s], "σ²[s]", "\\sigma^{2}_{s}"),
    "a name with an accent": (x̂[s, m], "x̂[s,m]", "\\hat{x}_{sm}"),
    "a name with a composed accent": (tensor("ŷ", n)[n], "ŷ[n]", "\\hat{y}_{n}"),
    "a scalar": (L, "L", "L"),
    "a word is upright": (tensor("loss"), "loss", "\\mathrm{loss}"),
    "a name that is none": (Symbol("a.b"), "a.b", "\\mathrm{a.b}"),
    "a size": (N, "N", "N"),
    "a bare index": (half * t, "1/2 t", "\\frac{1}{2} t"),
    "a whole number": (7, "7", "7"),
    "a negative number": (-7, "−7", "-7"),
    "a fraction of numbers": (Rational(2, 3), "2/3", "\\frac{2}{3}"),
    "a decimal": (Float("0.01"), "0.01", "0.01"),
    "a power of ten": (Float("1e-5"), "1e-05", "10^{-5}"),
    "a small decimal": (Float("2.5e-7"), "2.5e-07", "2.5 \\cdot 10^{-7}"),
    "a number with many decimals": (
        Rational("1.0507009873554805"), "1.0507009873554805", "1.0507009873554805"),
    "a number rounded down": (
        Formula(N.expr + 2) // T, "⌊(N + 2)/T⌋",
        "\\left\\lfloor \\frac{N + 2}{T} \\right\\rfloor"),
    "a delta of two letters": (delta(n, i), "δ_ni", "\\delta_{ni}"),
    "a delta with a primed letter": (delta(n, n_), "δ_nn′", "\\delta_{nn'}"),
    "a delta with an offset": (delta(t - 1, u), "δ(t-1,u)", "\\delta_{t-1,u}"),
    "a delta with an entry": (delta(y[s], c), "δ(y[s],c)", "\\delta_{y_{s},c}"),
    "half of a fraction": (half * a / x, "a/(2 x)", "\\frac{a}{2 x}"),
    "three halves of one": (
        Rational(3, 2) * a / b[n], "3 a / (2 b[n])", "\\frac{3 a}{2 b_{n}}"),
    "a half divided by sizes": (
        half / (N * T) * Sum(b[n], n), "1/(2 N T) Σ_n b[n]", "\\frac{1}{2 N T} \\sum_{n} b_{n}"),
    "a decimal over a size": (Rational(1, 10) / N, "0.1/N", "\\frac{0.1}{N}"),
    "a bracket": (bracket(u, t), "[u ≤ t]", "[u \\le t]"),
    "a bracket with an offset": (bracket(u + 1, t), "[u+1 ≤ t]", "[u+1 \\le t]"),
    "a bracket is a factor": (w[n] * bracket(u, t), "w[n] [u ≤ t]", "w_{n} [u \\le t]"),
    "an absolute value": (absolute(w[n]), "|w[n]|", "|w_{n}|"),
    "a tall absolute value": (
        absolute(Sum(w[n], n)), "|Σ_n w[n]|", "\\left|\\sum_{n} w_{n}\\right|"),
    "its square": (absolute(a - x) ** 2, "|a − x|²", "|a - x|^{2}"),
    "a sign": (sign(x), "sign(x)", "\\operatorname{sign}(x)"),
    "trigonometric functions": (sin(x) * cos(a), "sin(x) cos(a)", "\\sin(x) \\cos(a)"),
    "the error function": (
        erf(x) / sqrt(pi), "erf(x) / √π", "\\frac{\\operatorname{erf}(x)}{\\sqrt{\\pi}}"),
    "softplus": (softplus(x), "softplus(x)", "\\operatorname{softplus}(x)"),
    "a window is its place and what is summed within it": (
        Sum(at(t + k) * V[k], k), "Σ_k x[t+k] V[k]", "\\sum_{k} x_{t+k} V_{k}"),
    "whichever letter comes first in the alphabet": (
        Sum(at(t + k) * b[n], t), "Σ_t x[k+t] b[n]", "\\sum_{t} x_{k+t} b_{n}"),
    "a window with a stride": (
        Sum(at(2 * t + k - 1), k), "Σ_k x[2·t+k-1]", "\\sum_{k} x_{2 t+k-1}"),
    "a window whose stride has a name": (
        at(stride * t + k), "x[stride·t+k]", "x_{\\mathrm{stride}\\,t+k}"),
    "a window that runs backward": (
        Sum(at(t - k) * V[k], k), "Σ_k x[t-k] V[k]", "\\sum_{k} x_{t-k} V_{k}"),
    "where a greatest value is": (
        argmax(X[s, m], m), "argmax_m X[s,m]", "\\operatorname*{argmax}_{m} X_{sm}"),
    "in a window": (
        argmax(at(2 * t + k - 1), k), "argmax_k x[2·t+k-1]",
        "\\operatorname*{argmax}_{k} x_{2 t+k-1}"),
    "one of two places": (
        argmax(W[n, m] + X[s, m], n, m)[1], "(argmax_{n,m} (W[n,m] + X[s,m]))_m",
        "(\\operatorname*{argmax}_{n,m} (W_{nm} + X_{sm}))_{m}"),
    "a size of several": (
        1 / (N + S - 1), "1/(N + S − 1)", "\\frac{1}{N + S - 1}"),
    "as SymPy has sorted it": (
        Formula(1 / (N.expr + S.expr - 1)), "1/(N + S − 1)", "\\frac{1}{N + S - 1}"),
    "a derivative": (
        D(Y[s, n], W[i, j]), "∂Y[s,n]/∂W[i,j]",
        "\\frac{\\partial Y_{sn}}{\\partial W_{ij}}"),
    "a derivative of a scalar": (
        D(L, X[s, m]), "∂L/∂X[s,m]", "\\frac{\\partial L}{\\partial X_{sm}}"),
    "an immediate derivative": (
        D(H[t, s, n], W[i, j], held=H), "∂⁺H[t,s,n]/∂W[i,j]",
        "\\frac{\\partial^{+} H_{tsn}}{\\partial W_{ij}}"),
    "a derivative of a function": (
        D(tanh(X[s, m]), X[r, j]), "∂tanh(X[s,m])/∂X[r,j]",
        "\\frac{\\partial \\tanh(X_{sm})}{\\partial X_{rj}}"),
    "a derivative of a product": (
        D(X[s, m] * W[n, m], W[i, j]), "∂(X[s,m] W[n,m])/∂W[i,j]",
        "\\frac{\\partial}{\\partial W_{ij}} (X_{sm} W_{nm})"),
    "a derivative of a sum": (
        D(Sum(x1[m], m) + b[n], x1[j]), "∂(Σ_m x1[m] + b[n])/∂x1[j]",
        "\\frac{\\partial}{\\partial [x_{1}]_{j}} \\left(\\sum_{m} [x_{1}]_{m} + b_{n}\\right)"),
    "a derivative of a derivative": (
        D(D(L, x1[m]), x1[j]), "∂(∂L/∂x1[m])/∂x1[j]",
        "\\frac{\\partial}{\\partial [x_{1}]_{j}}"
        " \\left(\\frac{\\partial L}{\\partial [x_{1}]_{m}}\\right)"),
    "a function that LaTeX knows": (log(P[s, c]), "log(P[s,c])", "\\log(P_{sc})"),
    "functions that LaTeX does not know": (
        relu(x) * step(x) * sigmoid(x), "relu(x) step(x) sigmoid(x)",
        "\\operatorname{relu}(x) \\operatorname{step}(x) \\operatorname{sigmoid}(x)"),
    "a function of which nothing is known": (f(x), "f(x)", "f(x)"),
    "the derivative of one": (f.prime(x), "f′(x)", "f'(x)"),
    "the derivative of one with a long name": (
        act.prime(x), "act′(x)", "\\operatorname{act}'(x)"),
    "exp of an entry is a power of e": (exp(X[s, m]), "exp(X[s,m])", "e^{X_{sm}}"),
    "exp of a negated entry too": (exp(-X[s, m]), "exp(−X[s,m])", "e^{-X_{sm}}"),
    "exp of more is not": (
        exp(X[s, m] - μ[s]), "exp(X[s,m] − μ[s])", "\\exp(X_{sm} - \\mu_{s})"),
    "a function of a sum has tall brackets": (
        tanh(Sum(w[n], n)), "tanh(Σ_n w[n])", "\\tanh\\left(\\sum_{n} w_{n}\\right)"),
    "a square root": (
        1 / sqrt(σ2[s] + ε), "1 / √(σ²[s] + ε)",
        "\\frac{1}{\\sqrt{\\sigma^{2}_{s} + \\varepsilon}}"),
    "a square root of an entry": (sqrt(Γ[s]), "√Γ[s]", "\\sqrt{\\Gamma_{s}}"),
    "a broken power": (x ** Rational(3, 2), "x^(3/2)", "x^{\\frac{3}{2}}"),
    "a power with a letter": (x**k, "x^k", "x^{k}"),
    "a power with a negative letter": (x**-k, "x^(−k)", "x^{-k}"),
}  # fmt: skip

SUMS = {
    "a sum over a whole axis": (Sum(w[n], n), "Σ_n w[n]", "\\sum_{n} w_{n}"),
    "a sum over two axes, the outer one first": (
        Sum(Y[s, n], s, n), "Σ_{s,n} Y[s,n]", "\\sum_{s,n} Y_{sn}"),
    "a sum over a primed letter": (Sum(w[n_], n_), "Σ_n′ w[n′]", "\\sum_{n'} w_{n'}"),
    "a sum over part of an axis": (
        Sum(x1[j], (j, 0, m)), "Σ_{j=0}^{m} x1[j]", "\\sum_{j=0}^{m} [x_{1}]_{j}"),
    "a sum with bounds to be reckoned": (
        Sum(x1[j], (j, m + 1, size(m).expr - 2)), "Σ_{j=m+1}^{M-2} x1[j]",
        "\\sum_{j=m+1}^{M-2} [x_{1}]_{j}"),
    "a triangular sum": (
        Sum(H[u, s, n], (u, 1, t)), "Σ_{u=1}^{t} H[u,s,n]", "\\sum_{u=1}^{t} H_{usn}"),
    "a triangle": (
        Sum(H[u, s, n], t, (u, t + 1, T)), "Σ_t Σ_{u=t+1}^{T} H[u,s,n]",
        "\\sum_{t} \\sum_{u=t+1}^{T} H_{usn}"),
    "whole and partial ranges together": (
        Sum(H[u, s, n], s, (u, 1, t), n), "Σ_s Σ_{u=1}^{t} Σ_n H[u,s,n]",
        "\\sum_{s} \\sum_{u=1}^{t} \\sum_{n} H_{usn}"),
    "nested sums are one sum": (Sum(Sum(Y[s, n], n), s), "Σ_{s,n} Y[s,n]", "\\sum_{s,n} Y_{sn}"),
    "a sum at the end of a product needs no brackets": (
        a * Sum(w[n], n), "a Σ_n w[n]", "a \\sum_{n} w_{n}"),
    "a sum within a sum of products": (
        Sum(w[n] * Sum(W[n, m], m), n), "Σ_n w[n] Σ_m W[n,m]",
        "\\sum_{n} w_{n} \\sum_{m} W_{nm}"),
    "a sum before a factor": (
        Sum(w[n], n) * a, "(Σ_n w[n]) a", "\\left(\\sum_{n} w_{n}\\right) a"),
    "a sum before a sum": (
        Sum(w[n], n) * Sum(x1[m], m), "(Σ_n w[n]) Σ_m x1[m]",
        "\\left(\\sum_{n} w_{n}\\right) \\sum_{m} [x_{1}]_{m}"),
    "a sum ends before a plus": (
        Sum(X[s, m] * W[n, m], m) + b[n], "Σ_m X[s,m] W[n,m] + b[n]",
        "\\sum_{m} X_{sm} W_{nm} + b_{n}"),
    "a sum of terms": (
        Sum(w[n] * a + b[n], n), "Σ_n (w[n] a + b[n])", "\\sum_{n} (w_{n} a + b_{n})"),
    "a sum of negative terms": (Sum(-w[n], n), "Σ_n (−w[n])", "\\sum_{n} (-w_{n})"),
    "a sum of quotients": (
        Sum(w[n] / b[n], n), "Σ_n w[n] / b[n]", "\\sum_{n} \\frac{w_{n}}{b_{n}}"),
    "a sum divided": (
        Sum(w[n], n) / a, "(Σ_n w[n]) / a", "\\frac{\\sum_{n} w_{n}}{a}"),
    "a product with a sum divided": (
        x * Sum(w[n], n) / a, "x (Σ_n w[n]) / a", "\\frac{x \\sum_{n} w_{n}}{a}"),
    "division by a sum": (
        a / Sum(w[n], n), "a / (Σ_n w[n])", "\\frac{a}{\\sum_{n} w_{n}}"),
    "a sum squared": (
        Sum(w[n], n) ** 2, "(Σ_n w[n])²", "\\left(\\sum_{n} w_{n}\\right)^{2}"),
    "a negative sum": (-Sum(w[n], n) + a, "−Σ_n w[n] + a", "-\\sum_{n} w_{n} + a"),
    "a mean": (1 / N * Sum(w[n], n), "1/N Σ_n w[n]", "\\frac{1}{N} \\sum_{n} w_{n}"),
    "a negative mean": (-1 / N * Sum(w[n], n), "−1/N Σ_n w[n]", "-\\frac{1}{N} \\sum_{n} w_{n}"),
}  # fmt: skip

PRECEDENCE = {
    "a − (b − c)": (a - (p - q), "a − (p − q)", "a - (p - q)"),
    "a − b − c": (a - p - q, "a − p − q", "a - p - q"),
    "a + (−b)": (a + -p, "a − p", "a - p"),
    "−a + b": (-a + p, "−a + p", "-a + p"),
    "a − (−b)": (a - -p, "a − (−p)", "a - (-p)"),
    "(a + b) c": ((a + p) * q, "(a + p) q", "(a + p) q"),
    "a (b + c)": (a * (p + q), "a (p + q)", "a (p + q)"),
    "−(a + b)": (-(a + p), "−(a + p)", "-(a + p)"),
    "−a b": (-(a * p), "−a p", "-a p"),
    "−(−a)": (-1 * -a, "−(−a)", "-(-a)"),
    "a (−b c)": (a * -p * q, "a (−p q)", "a (-p q)"),
    "a (−b) / c": (a * -p / q, "a (−p/q)", "a \\left(-\\frac{p}{q}\\right)"),
    "(−a)²": ((-a) ** 2, "(−a)²", "(-a)^{2}"),
    "−a²": (-(a**2), "−a²", "-a^{2}"),
    "(a b)²": ((a * p) ** 2, "(a p)²", "(a p)^{2}"),
    "a b²": (a * p**2, "a p²", "a p^{2}"),
    "(a + b)²": ((a + p) ** 2, "(a + p)²", "(a + p)^{2}"),
    "(a²)²": ((a**2) ** 2, "(a²)²", "(a^{2})^{2}"),
    "X[s,m]²": (X[s, m] ** 2, "X[s,m]²", "X_{sm}^{2}"),
    "H[t,s,n]¹⁰": (H[t, s, n] ** 10, "H[t,s,n]¹⁰", "H_{tsn}^{10}"),
    "tanh(x)²": (tanh(x) ** 2, "tanh(x)²", "\\tanh(x)^{2}"),
    "(e^x)²": (exp(x) ** 2, "exp(x)²", "(e^{x})^{2}"),
    "(√a)²": (sqrt(a) ** 2, "(√a)²", "\\left(\\sqrt{a}\\right)^{2}"),
    "the square of a name with a superscript": (
        σ2_all**2, "(σ²)²", "(\\sigma^{2})^{2}"),
    "the square of an entry with a superscript": (
        σ2[s] ** 2, "σ²[s]²", "(\\sigma^{2}_{s})^{2}"),
    "the square of a derivative": (
        D(L, x) ** 2, "(∂L/∂x)²", "\\left(\\frac{\\partial L}{\\partial x}\\right)^{2}"),
    "1/(a b)": (1 / (a * p), "1/(a p)", "\\frac{1}{a p}"),
    "1/(x[m] y[n])": (1 / (b[n] * w[n]), "1 / (b[n] w[n])", "\\frac{1}{b_{n} w_{n}}"),
    "a/b/c": (a / b[n] / w[n], "a / (b[n] w[n])", "\\frac{a}{b_{n} w_{n}}"),
    "a/(b/c)": (a / (b[n] / w[n]), "a / (b[n] / w[n])", "\\frac{a}{\\frac{b_{n}}{w_{n}}}"),
    "(a/b) c": (a / b[n] * w[n], "(a / b[n]) w[n]", "\\frac{a}{b_{n}} w_{n}"),
    "a b/c": (a * b[n] / w[n], "a b[n] / w[n]", "\\frac{a b_{n}}{w_{n}}"),
    "a (1/N)": (w[n] * (1 / N), "w[n] · 1/N", "w_{n} \\frac{1}{N}"),
    "(a/b)²": ((a / b[n]) ** 2, "(a / b[n])²", "\\left(\\frac{a}{b_{n}}\\right)^{2}"),
    "(1/N)²": ((1 / N) ** 2, "(1/N)²", "\\left(\\frac{1}{N}\\right)^{2}"),
    "1/N²": (w[n] / N**2, "w[n] / N²", "\\frac{w_{n}}{N^{2}}"),
    "a / x²": (a / w[n] ** 2, "a / w[n]²", "\\frac{a}{w_{n}^{2}}"),
    "(a + b) / (p + q)": (
        (a + w[n]) / (p + q), "(a + w[n]) / (p + q)", "\\frac{a + w_{n}}{p + q}"),
    "a / b + c": (a / w[n] + p, "a / w[n] + p", "\\frac{a}{w_{n}} + p"),
    "a − b / c": (a - w[n] / p, "a − w[n] / p", "a - \\frac{w_{n}}{p}"),
    "division by a derivative": (
        a / D(L, x), "a / (∂L/∂x)", "\\frac{a}{\\frac{\\partial L}{\\partial x}}"),
    "a derivative divided": (
        D(L, x) * a / w[n], "∂L/∂x a / w[n]", "\\frac{\\partial L}{\\partial x} \\frac{a}{w_{n}}"),
    "number by number": (2 * (3 * a), "2 · 3 a", "2 \\cdot 3 a"),
    "a number within a product": (a * 2 * p, "a · 2 p", "a \\cdot 2 p"),
    "a fraction of numbers before a sum": (
        half * (a + p), "1/2 (a + p)", "\\frac{1}{2} (a + p)"),
    "a negative fraction of numbers": (
        a * Rational(-1, 2), "a (−1/2)", "a \\left(-\\frac{1}{2}\\right)"),
    "exp(−x)": (1 / (1 + exp(-x)), "1 / (1 + exp(−x))", "\\frac{1}{1 + e^{-x}}"),
    "a function times a bracket": (
        Y[s, n] * (1 - Y[s, n]), "Y[s,n] (1 − Y[s,n])", "Y_{sn} (1 - Y_{sn})"),
}  # fmt: skip

ORDER = {
    "factors stay": (W[n, m] * X[s, m] * a, "W[n,m] X[s,m] a", "W_{nm} X_{sm} a"),
    "a delta stays behind": (X[s, j] * delta(n, i), "X[s,j] δ_ni", "X_{sj} \\delta_{ni}"),
    "letters of a delta stay": (
        delta(n, i) * delta(i, n), "δ_ni δ_in", "\\delta_{ni} \\delta_{in}"),
    "a minus may come first": (
        -(Y[s, n] ** 2) + 1, "−Y[s,n]² + 1", "-Y_{sn}^{2} + 1"),
    "one comes first": (1 - Y[s, n] ** 2, "1 − Y[s,n]²", "1 - Y_{sn}^{2}"),
    "a zero stays": (a + 0 * p, "a + 0 p", "a + 0 p"),
    "equal terms are not collected": (a + a, "a + a", "a + a"),
    "equal factors are not collected": (a * a, "a a", "a a"),
    "nothing cancels": (a * p / p, "a p / p", "\\frac{a p}{p}"),
    "deltas between entries": (
        Sum(W[n, m] * delta(m, j), m), "Σ_m W[n,m] δ_mj", "\\sum_{m} W_{nm} \\delta_{mj}"),
    "summed letters stay": (Sum(Y[s, n], n, s), "Σ_{n,s} Y[s,n]", "\\sum_{n,s} Y_{sn}"),
}  # fmt: skip

TABLE = {**NODES, **SUMS, **PRECEDENCE, **ORDER}


@pytest.mark.parametrize(("expr", "expected"), [r[:2] for r in TABLE.values()], ids=TABLE.keys())
def test_text(expr, expected):
    assert text(expr) == expected


@pytest.mark.parametrize(("expr", "expected"), [r[::2] for r in TABLE.values()], ids=TABLE.keys())
def test_latex(expr, expected):
    assert latex(expr) == expected


GRADIENTS = {
    "a cotangent": (
        dY[s, n] * W[n, j], "L",
        "\\frac{\\partial L}{\\partial Y_{sn}} W_{nj}"),
    "a gradient by a name with a subscript": (
        grad(W_hx)[i, j], "L", "\\frac{\\partial L}{\\partial [W_{hx}]_{ij}}"),
    "a cotangent squared": (
        dY[s, n] ** 2, "L", "\\left(\\frac{\\partial L}{\\partial Y_{sn}}\\right)^{2}"),
    "a cotangent is not put on top of a fraction": (
        dY[s, n] * w[n] / N, "L", "\\frac{\\partial L}{\\partial Y_{sn}} \\frac{w_{n}}{N}"),
    "nor is a lone one": (
        dY[s, n] / N, "L", "\\frac{\\partial L}{\\partial Y_{sn}} \\frac{1}{N}"),
    "a layer whose output is called L": (
        dL * D(L, X[s, m]), "\\mathcal{L}",
        "\\frac{\\partial \\mathcal{L}}{\\partial L} \\frac{\\partial L}{\\partial X_{sm}}"),
    "a tensor that is no gradient": (b[n], "L", "b_{n}"),
}  # fmt: skip


@pytest.mark.parametrize(("expr", "loss", "expected"), GRADIENTS.values(), ids=GRADIENTS.keys())
def test_latex_of_gradients(expr, loss, expected):
    gradients = {"dY": "Y", "dW_hx": "W_hx", "dL": "L"}
    assert latex(expr, gradients, loss) == expected


def test_without_a_list_of_gradients_they_are_names():
    assert latex(dY[s, n]) == "\\mathrm{dY}_{sn}"


SHAPES = {
    "sizes": ((s, n), "S×N", "S \\times N"),
    "a size of several": ((reach, n), "(K+T-1)×N", "(K+T-1) \\times N"),
    "none": ((), "scalar", "\\text{scalar}"),
}


@pytest.mark.parametrize(("indices", "in_text", "in_latex"), SHAPES.values(), ids=SHAPES.keys())
def test_shapes(indices, in_text, in_latex):
    assert (shape_text(indices), shape_latex(indices)) == (in_text, in_latex)


@pytest.mark.parametrize("form", [text, latex])
def test_what_has_no_form_is_refused(form):
    with pytest.raises(NotImplementedError, match="no printed form of BooleanTrue"):
        form(True)
