"""Derivations that nobody wrote: the steps are those of a textbook, and every one of them holds."""

import dataclasses
import itertools
import runpy

import pytest
import sympy
from layers.tables import row
from layers.which import looked_at
from source import ROOT

import gradcheck.derivations
import gradcheck.numeric
from gradcheck.checks import layers, run
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.terms import D, indices_of, name_of, rename
from gradcheck.derivations.forms import definition_text, text
from gradcheck.derivations.notation import (
    REASONS,
    Layer,
    Sum,
    axis,
    define,
    exp,
    log,
    sigmoid,
    size,
    sqrt,
    tanh,
    tensor,
    vjp,
)

FOLDER = ROOT / "tests" / "automatic"
ONES = {p.stem: runpy.run_path(str(p))["layer"] for p in sorted(FOLDER.glob("derivations/*.py"))}

(n,) = axis("N", "n")
c, k, l = axis("C", "c k l")
m, q = axis("M", "m q")
t, u = axis("T", "t u")
(s,) = axis("S", "s", start=1)
X, Y, W = tensor("X", n, c), tensor("Y", n, c), tensor("W", m, c)
E, y, L = tensor("E", c, m), tensor("y", n, integer=c), tensor("L")
x, h, h0, z = tensor("x", s, c), tensor("h", s, c), tensor("h0", c), tensor("z", s, c)
U, cell, c0 = tensor("U", c, k), tensor("cell", s, c), tensor("c0", c)
v, w, lost = tensor("v", t), tensor("w", c), tensor("lost", t)

linear = Layer((X, W), (define(tensor("Z", n, m)[n, m], Sum(X[n, c] * W[m, c], c)),))
softmax = Layer((X,), (define(Y[n, c], exp(X[n, c]) / Sum(exp(X[n, k]), k)),))
embedding = Layer((E, y), (define(tensor("V", n, m)[n, m], E[y[n], m]),))
likelihood = Layer(
    (X, y),
    (define(L, -1 / size(n) * Sum(log(exp(X[n, y[n]]) / Sum(exp(X[n, k]), k)), n)),),
)
residual = Layer(
    (X,),
    (
        define(tensor("R", n, c)[n, c], tanh(X[n, c])),
        define(Y[n, c], X[n, c] + tensor("R", n, c)[n, c] * X[n, c]),
    ),
)
recurrent = Layer(
    (x, h0, U),
    (define(h[s, c], tanh(x[s, c] + Sum(U[c, k] * h[s - 1, k], k)), outside=h0[c]),),
)
in_two_steps = Layer(
    (x, h0, U),
    (
        define(z[s, c], x[s, c] + Sum(U[c, k] * h[s - 1, k], k)),
        define(h[s, c], tanh(z[s, c]), outside=h0[c]),
    ),
)
coupled = Layer(
    (x, h0, c0, U),
    (
        define(
            cell[s, c],
            sigmoid(Sum(U[c, k] * h[s - 1, k], k)) * cell[s - 1, c] + x[s, c],
            outside=c0[c],
        ),
        define(h[s, c], tanh(cell[s, c]) * x[s, c], outside=h0[c]),
    ),
)
backwards = Layer(
    (v,),
    (define(lost[t], v[t] * Sum(v[u], (u, 0, t)) + 1 / sqrt(Sum(v[u] ** 2, u))),),
)
MORE = {
    "linear": linear,
    "softmax in one line": softmax,
    "embedding in one line": embedding,
    "cross entropy in one line": likelihood,
    "residual": residual,
    "recurrent": recurrent,
    "recurrent in two steps": in_two_steps,
    "coupled recursions": coupled,
    "a running sum": backwards,
}


def without_derivations(layer):
    """A layer as if its author had written the formula alone."""
    return Layer(
        layer.inputs,
        layer.forward,
        functions=layer.functions,
        cases=layer.cases,
        facts=layer.facts,
        parameters=layer.parameters,
        options=layer.options,
        lengths=layer.lengths,
    )


WRITTEN = {name: layers.load(name).symbolic for name in looked_at()}
LAYERS = {name: without_derivations(layer) for name, layer in WRITTEN.items()} | ONES | MORE


def chains(layer):
    """All chains of a layer."""
    return [*layer.lemmas, *(c for d in layer.derivations for c in d.chains)]


def chain_of(layer, left):
    """The chain whose left side prints like this, as lines."""
    (found,) = [c for c in chains(layer) if text(c.lhs) == left]
    return [f"{text(step.expr)}   {step.reason}" for step in found.steps]


STEPS = [
    row("a weight: one entry", linear, "∂Z[n,m]/∂W[i,j]",
        "Σ_c X[n,c] ∂W[m,c]/∂W[i,j]   linearity",
        "Σ_c X[n,c] δ_mi δ_cj   independent entries",
        "X[n,j] δ_mi   delta contraction"),
    row("a weight: its gradient", linear, "dW[i,j]",
        "Σ_{n,m} dZ[n,m] ∂Z[n,m]/∂W[i,j]   chain rule",
        "Σ_{n,m} dZ[n,m] X[n,j] δ_mi   substitution",
        "Σ_n dZ[n,i] X[n,j]   delta contraction"),
    row("softmax: the denominator", softmax, "∂Z[n]/∂X[i,j]",
        "Σ_k ∂exp(X[n,k])/∂X[i,j]   linearity",
        "Σ_k exp(X[n,k]) ∂X[n,k]/∂X[i,j]   function derivative",
        "Σ_k exp(X[n,k]) δ_ni δ_kj   independent entries",
        "exp(X[n,j]) δ_ni   delta contraction"),
    row("softmax: the gradient", softmax, "dX[i,j]",
        "Σ_{n,c} dY[n,c] ∂Y[n,c]/∂X[i,j]   chain rule",
        "Σ_{n,c} dY[n,c] Y[n,c] δ_ni (δ_cj − Y[n,j])   substitution",
        "dY[i,j] Y[i,j] − Y[i,j] Σ_c dY[i,c] Y[i,c]   delta contraction",
        "Y[i,j] (dY[i,j] − Σ_c dY[i,c] Y[i,c])   algebra"),
    row("an embedding: an entry is looked up", embedding, "∂V[n,m]/∂E[c,i]",
        "∂E[y[n],m]/∂E[c,i]   definition",
        "δ(y[n],c) δ_mi   independent entries"),
    row("a convolution: the input", ONES["found_conv1d"], "∂Y[n,o,t]/∂X[j,l,s]",
        "Σ_{i,k} ∂X[n,i,t+k]/∂X[j,l,s] W[o,i,k]   linearity",
        "Σ_{i,k} δ_nj δ_il δ(t+k,s) W[o,i,k]   independent entries",
        "δ_nj W[o,l,s-t] [0 ≤ s-t] [s-t ≤ K-1]   delta contraction"),
    row("back through time", recurrent, "λ[u,i]",
        "dh[u,i] + Σ_c λ[u+1,c] ∂h[u+1,c]/∂h[u,i]   recursion",
        "dh[u,i] + Σ_c λ[u+1,c] (1 − h[u+1,c]²) U[c,i]   substitution"),
    row("back through time in two steps", in_two_steps, "λ[u,i]",
        "dh[u,i] + Σ_{s,c} dz[s,c] U[c,i] δ(s-1,u)   recursion",
        "dh[u,i] + [u+1 ≤ S] Σ_c dz[u+1,c] U[c,i]   delta contraction",
        "dh[u,i] + Σ_c dz[u+1,c] U[c,i]   algebra"),
    row("a residual connection", residual, "dX[i,j]",
        "Σ_{n,c} dR[n,c] ∂R[n,c]/∂X[i,j] + Σ_{n,c} dY[n,c] δ_ni δ_cj (1 + R[n,c])   chain rule",
        "Σ_{n,c} dR[n,c] (1 − R[n,c]²) δ_ni δ_cj"
        " + Σ_{n,c} dY[n,c] δ_ni δ_cj (1 + R[n,c])   substitution",
        "dR[i,j] (1 − R[i,j]²) + dY[i,j] (1 + R[i,j])   delta contraction"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "left", "steps"), [
    pytest.param(r.values[0], r.values[1], [*r.values[2:]], id=r.id) for r in STEPS
])  # fmt: skip
def test_the_steps_are_those_of_a_person(layer, left, steps):
    assert chain_of(layer, left) == steps


RESULTS = [
    row("log-softmax", ONES["found_log_softmax"], "X",
        "dY[i,j] − (exp(X[i,j]) / Z[i]) Σ_c dY[i,c]"),
    row("layer norm", ONES["found_layer_norm"], "X",
        "(dH[i,j] − 1/C Σ_c dH[i,c] − (H[i,j] / C) Σ_c dH[i,c] H[i,c]) / √(v[i] + eps)"),
    row("layer norm, its scale", ONES["found_layer_norm"], "g", "Σ_n dY[n,i] H[n,i]"),
    row("RMS norm", ONES["found_rms_norm"], "X",
        "r[i] (dY[i,j] g[j] − (r[i]² X[i,j] / C) Σ_c dY[i,c] g[c] X[i,c])"),
    row("attention, queries", ONES["attention"], "Q", "1/√D Σ_u dS[i,u] K[u,j]"),
    row("attention, keys", ONES["attention"], "K", "1/√D Σ_t dS[t,i] Q[t,j]"),
    row("attention, values", ONES["attention"], "V", "Σ_t dO[t,j] P[t,i]"),
    row("causal attention, values", ONES["causal_attention"], "V", "Σ_t dO[t,j] P[t,i] [i ≤ t]"),
    row("convolution, input", ONES["found_conv1d"], "X",
        "Σ_{o,t} dY[j,o,t] W[o,l,s-t] [0 ≤ s-t] [s-t ≤ K-1]"),
    row("convolution, kernel", ONES["found_conv1d"], "W", "Σ_{n,t} dY[n,j,t] X[n,l,p+t]"),
    row("cross entropy", likelihood, "X", "dL (P[i,j] − δ(y[i],j)) / N"),
    row("embedding", embedding, "E", "Σ_n dV[n,i] δ(y[n],c)"),
    row("an initial state", recurrent, "h0", "Σ_c λ[1,c] (1 − h[1,c]²) U[c,i]"),
    row("a recurrent weight", recurrent, "U", "Σ_s λ[s,i] (1 − h[s,i]²) h[s-1,j]"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "name", "result"), RESULTS)
def test_the_gradient_is_that_of_a_textbook(layer, name, result):
    assert text(layer.derivation_by(name).chains[-1].result) == result


NAMES = [
    row("layer norm", ONES["found_layer_norm"], [
        "μ[n] = 1/C Σ_k X[n,k]",
        "v[n] = 1/C Σ_l (X[n,l] − μ[n])²",
        "H[n,c] = (X[n,c] − μ[n]) / √(v[n] + eps)"]),
    row("causal attention", ONES["causal_attention"], [
        "A[t,w] = 1/√D Σ_d Q[t,d] K[w,d]",
        "Z[t] = Σ_{w=0}^{t} exp(A[t,w])",
        "P[t,u] = exp(A[t,u]) / Z[t]"]),
    row("cross entropy", likelihood, [
        "Z[n] = Σ_k exp(X[n,k])", "P[n,c] = exp(X[n,c]) / Z[n]"]),
    row("nothing recurs in a linear layer", linear, []),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "parts"), NAMES)
def test_recurring_parts_of_one_line_get_names(layer, parts):
    named = [d for d in layer.adjoints if not d.rhs.has(D)]
    assert [definition_text(d) for d in named] == parts


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_every_step_holds(layer):
    comparer = Comparer(layer.setting)
    for chain in chains(layer):
        left = chain.lhs
        for step in chain.steps:
            verdict = comparer.compare(left, step.expr, chain.where)
            assert verdict.holds, f"{text(left)} = {text(step.expr)}: {verdict}"
            left = step.expr


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_every_step_has_a_reason_and_changes_something(layer):
    for chain in chains(layer):
        sides = [chain.lhs, *(step.expr for step in chain.steps)]
        assert {step.reason for step in chain.steps} <= {*REASONS}
        assert all(text(a) != text(b) for a, b in itertools.pairwise(sides))


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_every_derivation_ends_in_the_gradient(layer):
    assert [d.input for d in layer.derivations] == [t.name for t in layer.differentiable]
    for derivation in layer.derivations:
        last = derivation.chains[-1]
        assert (name_of(last.lhs), last.where) == (f"d{derivation.input}", None)
        assert indices_of(last.lhs) == indices_of(derivation.wrt)
        assert not last.result.has(D)


BY_HAND = {
    f"{name} by {d.input}": (name, d) for name, layer in WRITTEN.items() for d in layer.derivations
}


@pytest.mark.parametrize(("name", "written"), BY_HAND.values(), ids=BY_HAND)
def test_the_gradient_is_the_written_one(name, written):
    found = LAYERS[name].derivation_by(written.input)
    letters = dict(zip(indices_of(found.wrt), indices_of(written.wrt), strict=True))
    setting = both(LAYERS[name].setting, WRITTEN[name].setting)
    result = rename(found.chains[-1].result, letters)
    assert Comparer(setting).compare(written.chains[-1].result, result).holds


@pytest.mark.parametrize("name", ["recurrent", "recurrent in two steps", "coupled recursions"])
def test_the_closed_gradient_of_a_recursion_is_the_derived_one(name):
    layer = LAYERS[name]
    for derivation in layer.derivations:
        closed = vjp(layer, derivation.input)
        own = {d.name: d for d in closed.recursions}
        setting = dataclasses.replace(
            layer.setting,
            indices={**layer.setting.indices, **{n: d.indices for n, d in own.items()}},
            definitions={**layer.setting.definitions, **own},
        )
        assert Comparer(setting).compare(closed.lhs, closed.rhs).holds
        assert Comparer(setting).compare(closed.rhs, derivation.chains[-1].result).holds


def both(automatic, written):
    """A setting that has the definitions of two, those of the written layer first."""
    return dataclasses.replace(
        written,
        indices={**automatic.indices, **written.indices},
        definitions={**automatic.definitions, **written.definitions},
    )


@pytest.mark.parametrize("name", ONES)
def test_a_layer_without_derivations_is_checked_like_any_other(name, monkeypatch):
    for package in (gradcheck.derivations, gradcheck.numeric):
        monkeypatch.setattr(package, "__path__", [*package.__path__])
    (report,) = run.check(name, path=str(FOLDER)).layers
    assert (report.error, [f.message for f in report.findings if not f.ok]) == ("", [])
    assert {s.input for s in report.steps} >= {t.name for t in report.symbolic.differentiable}


def network(depth):
    """A multilayer perceptron of some depth, every layer with its own weight."""
    square = [tensor(f"W{i}", c, k) for i in range(depth)]
    before = tensor("a", c)
    forward = []
    for i, weight in enumerate(square):
        inner, outer = tensor(f"z{i}", c), tensor(f"a{i}", c)
        forward.append(define(inner[c], Sum(weight[c, k] * before[k], k)))
        forward.append(define(outer[c], tanh(inner[c])))
        before = outer
    return Layer((tensor("a", c), *square), tuple(forward))


def effort(layer):
    """How many steps a derivation has, and how many nodes the formulas of all of them have."""
    steps = [step.expr for chain in chains(layer) for step in chain.steps]
    return len(steps), sum(1 for e in steps for _ in sympy.preorder_traversal(e))


def test_the_effort_is_linear_in_the_depth():
    efforts = [effort(network(depth)) for depth in (5, 10, 20)]
    (steps_5, nodes_5), (steps_10, nodes_10), (steps_20, nodes_20) = efforts
    assert steps_20 - steps_10 == 2 * (steps_10 - steps_5)
    assert nodes_20 - nodes_10 == 2 * (nodes_10 - nodes_5)


def test_nothing_is_derived_before_it_is_asked_for():
    layer = without_derivations(softmax)
    assert "automatic" not in layer.__dict__
    assert layer.derivation_by("X").input == "X"
    assert "automatic" in layer.__dict__
