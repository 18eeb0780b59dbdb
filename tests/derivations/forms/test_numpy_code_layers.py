"""The NumPy code of every layer's gradients against its hand-written backward pass."""

import numpy as np
import pytest
from layers.which import looked_at

from gradcheck.checks import layers
from gradcheck.checks.points import cases, draw
from gradcheck.derivations.forms.numpy_code import function_code
from gradcheck.derivations.notation import vjp

RELATIVE = 1e-9  # both compute one gradient, by different formulas


def generated(layer):
    """The backward pass that follows from the forward formula, and its source."""
    forms = {t.name: vjp(layer.symbolic, t.name) for t in layer.symbolic.differentiable}
    source = function_code(layer.symbolic, forms)
    names = {"np": np}
    exec(source, names)  # noqa: S102, it is our own
    return names["backward"], source


@pytest.mark.parametrize("name", looked_at())
def test_it_computes_what_the_hand_written_one_does(name):
    layer = layers.load(name)
    backward, source = generated(layer)
    compared = 0
    for seed in range(3):
        for case in cases(layer, seed, fixed={}):
            point = draw(layer, case)
            inputs = [point.arrays[t.name] for t in layer.symbolic.inputs]
            expected = layer.backward(point.cotangent, *inputs, **point.options)
            found = backward(point.cotangent, *inputs, **point.options)
            for a, b in zip(found, expected, strict=True):
                assert np.shape(a) == np.shape(b), source
                np.testing.assert_allclose(a, b, rtol=RELATIVE, atol=RELATIVE, err_msg=source)
                compared += 1
    assert compared >= 6


@pytest.mark.parametrize("name", looked_at())
def test_it_gives_no_array_of_its_caller_away(name):
    layer = layers.load(name)
    backward, _ = generated(layer)
    point = draw(layer, cases(layer, 0, fixed={})[0])
    arguments = [point.cotangent, *(point.arrays[t.name] for t in layer.symbolic.inputs)]
    for gradient in backward(*arguments, **point.options):
        assert not any(np.shares_memory(gradient, argument) for argument in arguments)


READABLE = {
    "linear.rows": """
def backward(dY, X, W, b):
    \"""Pull dY (S, N) back to dX (S, M), dW (N, M), db (N,).\"""
    dX = dY @ W
    dW = dY.T @ X
    db = dY.sum(axis=0)
    return dX, dW, db
""",
    "softmax": """
def backward(dP, X):
    \"""Pull dP (N, C) back to dX (N, C).\"""
    part = np.exp(X)
    Γ = part.sum(axis=1)
    P = part / Γ[:, None]
    dX = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    return (dX,)
""",
    "rnn": """
def backward(dh, x, h0, W_hx, W_hh, b):
    \"""Pull dh (T, N, H) back to dx (T, N, D), dh0 (N, H), dW_hx (H, D), dW_hh (H, H), db (H,).\"""
    T, N, H = dh.shape
    h = np.zeros((T, N, H))
    for t in range(T):
        h_before = h[t - 1] if t >= 1 else h0
        h[t] = np.tanh(x[t] @ W_hx.T + h_before @ W_hh.T + b)
    λ = np.zeros((T, N, H))
    for t in reversed(range(T)):
        λ_after = λ[t + 1] if t + 1 < T else np.zeros((N, H))
        h_after = h[t + 1] if t + 1 < T else h0
        λ[t] = dh[t] + (λ_after * (1 - h_after**2)) @ W_hh
    part = λ * (1 - h**2)
    dx = part @ W_hx
    dh0 = (λ[0] * (1 - h[0] ** 2)) @ W_hh
    dW_hx = np.einsum("tnp,tnq->pq", part, x)
    dW_hh = np.einsum("tnp,tnl->pl", part, np.concatenate([h0[None], h])[:-1])
    db = part.sum(axis=(0, 1))
    return dx, dh0, dW_hx, dW_hh, db
""",
}


@pytest.mark.parametrize(("name", "expected"), READABLE.items(), ids=READABLE.keys())
def test_it_reads_like_a_person_s(name, expected):
    assert generated(layers.load(name))[1] == expected.strip()
