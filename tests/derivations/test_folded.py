"""Closed forms for readers: shorter, written with names, and equal to what follows without them."""

from dataclasses import replace

import pytest
from layers.tables import row
from layers.which import looked_at

from gradcheck.checks import layers
from gradcheck.derivations.calculus.compare import Comparer
from gradcheck.derivations.calculus.simplify import length
from gradcheck.derivations.forms import definition_text, text, tidy
from gradcheck.derivations.notation import jacobian, vjp
from gradcheck.derivations.notation.folded import folded_jacobian, folded_vjp

# layer, input, Jacobian, gradient, definitions of what the gradient mentions
SHORT = [
    row("batch norm", "batch_norm.train", "X",
        "δ_ck weight[c] (δ_nr − 1/N − 1/N Z[n,c] Z[r,c]) / σ[c]",
        "(dZ[r,k] − 1/N Σ_n dZ[n,k] − 1/N Z[r,k] Σ_n dZ[n,k] Z[n,k]) / σ[k]",
        ["dZ[i,j] = dY[i,j] weight[j]"]),
    row("layer norm", "layer_norm", "X",
        "δ_nr weight[c] (δ_ck − 1/C − 1/C Z[n,c] Z[n,k]) / σ[n]",
        "(dZ[r,k] − 1/C Σ_c dZ[r,c] − 1/C Z[r,k] Σ_c dZ[r,c] Z[r,c]) / σ[r]",
        ["dZ[i,j] = dY[i,j] weight[j]"]),
    row("RMS norm", "rms_norm", "X",
        "δ_nr weight[c] (δ_ck − 1/C Z[n,c] Z[n,k]) / ρ[n]",
        "(dZ[r,k] − 1/C Z[r,k] Σ_c dZ[r,c] Z[r,c]) / ρ[r]",
        ["dZ[i,j] = dY[i,j] weight[j]"]),
    row("what is short stays as it was", "linear.rows", "W", "δ_ni X[s,j]", "Σ_s dY[s,i] X[s,j]",
        []),
    row("a recursion too", "rnn", "b",
        "(1 − h[t,n,i]²) (δ_ip + Σ_k W_hh[i,k] ∂h[t-1,n,k]/∂b[p])",
        "Σ_{t,n} λ[t,n,p] (1 − h[t,n,p]²)",
        ["λ[t,n,i] = dh[t,n,i] + Σ_i′ λ[t+1,n,i′] (1 − h[t+1,n,i′]²) W_hh[i′,i],  λ[T+1,n,i] = 0"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "wrt", "whole", "pulled", "needed"), SHORT)
def test_a_reader_sees(name, wrt, whole, pulled, needed):
    layer = layers.load(name).symbolic
    gradient = folded_vjp(layer, wrt)
    assert text(tidy(folded_jacobian(layer, wrt).rhs, layer.output.indices)) == whole
    assert text(tidy(gradient.rhs)) == pulled
    assert [definition_text(replace(d, rhs=tidy(d.rhs))) for d in gradient.recursions] == needed


@pytest.mark.parametrize("name", looked_at())
def test_it_is_equal_and_no_longer(name):
    layer = layers.load(name).symbolic
    for wrt in (t.name for t in layer.differentiable):
        for find, fold in ((jacobian, folded_jacobian), (vjp, folded_vjp)):
            whole, folded = find(layer, wrt), fold(layer, wrt)
            assert folded.lhs == whole.lhs
            assert length(folded.rhs) <= length(whole.rhs)
            needed = {d.name: d for d in folded.recursions}
            setting = replace(
                layer.setting,
                indices={**layer.setting.indices, **{n: d.indices for n, d in needed.items()}},
                definitions={**layer.setting.definitions, **needed},
            )
            verdict = Comparer(setting).compare(whole.rhs, folded.rhs)
            assert verdict.holds, verdict.reason
