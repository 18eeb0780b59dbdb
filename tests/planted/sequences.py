"""Recurrent layers: time first, then the batch."""

import numpy as np
from planted.catalogue import Layer, normal, only, wrong
from planted.elementwise import sigmoid


def rnn_states(x, Wx, Wh, b, h0):
    h = [h0]
    for xt in x:
        h.append(np.tanh(xt @ Wx + h[-1] @ Wh + b))
    return np.array(h)


def rnn(x, Wx, Wh, b, h0):
    return rnn_states(x, Wx, Wh, b, h0)[1:]


def rnn_back(d, x, Wx, Wh, b, h0, carry=1.0, slope=lambda y: 1 - y**2, steps=None):
    """`carry`, `slope` and `steps` are what mistakes change."""
    h = rnn_states(x, Wx, Wh, b, h0)
    da, dh = np.zeros_like(d), np.zeros_like(h0)
    for t in reversed(range(len(x))):
        cut = steps is not None and (len(x) - 1 - t) % steps == 0
        dh = d[t] + (0 if cut else carry) * dh
        da[t] = dh * slope(h[t + 1])
        dh = da[t] @ Wh.T
    return {
        "x": da @ Wx.T,
        "Wx": np.einsum("tsm,tsn->mn", x, da),
        "Wh": np.einsum("tsm,tsn->mn", h[:-1], da),
        "b": da.sum((0, 1)),
        "h0": dh,
    }


def rnn_with(*names, **how):
    """Those gradients of a backward pass that is changed throughout."""
    return {name: (lambda d, i, g, n=name: rnn_back(d, **vars(i), **how)[n]) for name in names}


def rnn_deltas(d, i):
    """What arrives before each tanh: a bias of every step and sample would get it."""
    h = rnn(**vars(i))
    da = [(d[-1]) * (1 - h[-1] ** 2)]
    for t in reversed(range(len(d) - 1)):
        da.insert(0, (d[t] + da[0] @ i.Wh.T) * (1 - h[t] ** 2))
    return np.array(da)


def lstm_steps(x, W, U, b, h, c):
    steps = []
    for xt in x:
        z = xt @ W + h @ U + b
        n = h.shape[1]
        i, f, o = (sigmoid(z[:, k * n : (k + 1) * n]) for k in range(3))
        g = np.tanh(z[:, 3 * n :])
        after = f * c + i * g
        steps.append((xt, h, c, i, f, o, g, after))
        h, c = o * np.tanh(after), after
    return steps, h


def lstm(x, W, U, b, h, c):
    steps, last = lstm_steps(x, W, U, b, h, c)
    return np.array([step[1] for step in steps[1:]] + [last])


def lstm_back(d, x, W, U, b, h, c, path=1.0, carry=1.0, gate=1.0, bend=1.0, swap=False):
    """`path`: the cell, `carry`: the state, `gate`: the output gate, `bend`: the last tanh."""
    dx, dW, dU, db = (np.zeros_like(a) for a in (x, W, U, b))
    dh, dc = np.zeros_like(h), np.zeros_like(c)
    steps, _ = lstm_steps(x, W, U, b, h, c)
    for t in reversed(range(len(x))):
        xt, before, cell, i, f, o, g, after = steps[t]
        dh = d[t] + carry * dh
        tanh = np.tanh(after)
        dc = path * dc + dh * o * (1 - bend * tanh**2)
        di, df = (dc * cell, dc * g) if swap else (dc * g, dc * cell)
        dz = np.hstack(
            [
                di * i * (1 - i),
                df * f * (1 - f),
                gate * dh * tanh * o * (1 - o),
                dc * i * (1 - g**2),
            ]
        )
        dx[t], dh, dc = dz @ W.T, dz @ U.T, dc * f
        dW, dU, db = dW + xt.T @ dz, dU + before.T @ dz, db + dz.sum(0)
    return {"x": dx, "W": dW, "U": dU, "b": db, "h": dh, "c": dc}


def lstm_with(*names, **how):
    return {name: (lambda d, i, g, n=name: lstm_back(d, **vars(i), **how)[n]) for name in names}


def gru_parts(x, h, W, U):
    n = h.shape[1]
    r, z = (
        sigmoid(x @ W[:, k * n : (k + 1) * n] + h @ U[:, k * n : (k + 1) * n]) for k in range(2)
    )
    return r, z, np.tanh(x @ W[:, 2 * n :] + (r * h) @ U[:, 2 * n :])


def gru(x, h, W, U):
    _, z, new = gru_parts(x, h, W, U)
    return z * h + (1 - z) * new


def gru_back(d, x, h, W, U, reset=1.0, update=1.0, keep=1.0):
    n = h.shape[1]
    r, z, new = gru_parts(x, h, W, U)
    dz = update * d * (h - new) * z * (1 - z)
    dn = d * (1 - z) * (1 - new**2)
    dr = reset * (dn @ U[:, 2 * n :].T) * h * r * (1 - r)
    da = np.hstack([dr, dz, dn])
    dh = keep * d * z + np.hstack([dr, dz]) @ U[:, : 2 * n].T + r * (dn @ U[:, 2 * n :].T)
    return {
        "x": da @ W.T,
        "h": dh,
        "W": x.T @ da,
        "U": np.hstack([h.T @ dr, h.T @ dz, (r * h).T @ dn]),
    }


def unreset(d, i):
    """What the candidate's weights get too much if the state is not reset for them."""
    r, z, new = gru_parts(**vars(i))
    excess = ((1 - r) * i.h).T @ (d * (1 - z) * (1 - new**2))
    return np.hstack([np.zeros((4, 8)), excess])


def gru_with(*names, **how):
    return {name: (lambda d, i, g, n=name: gru_back(d, **vars(i), **how)[n]) for name in names}


RNN = Layer("rnn", rnn, rnn_back, normal(x=(5, 2, 3), Wx=(3, 4), Wh=(4, 4), b=(4,), h0=(2, 4)))
LSTM = Layer(
    "lstm", lstm, lstm_back, normal(x=(4, 2, 3), W=(3, 20), U=(5, 20), b=(20,), h=(2, 5), c=(2, 5))
)
GRU = Layer("gru cell", gru, gru_back, normal(x=(2, 3), h=(2, 4), W=(3, 12), U=(4, 12)))

LAYERS = [RNN, LSTM, GRU]

WRONG = [
    wrong(
        "later steps are forgotten",
        RNN,
        "x Wx Wh b h0",
        "recurrent-path",
        **rnn_with("x", "Wx", "Wh", "b", "h0", carry=0),
    ),
    wrong(
        "later steps are forgotten for Wh", RNN, "Wh", "recurrent-path", **rnn_with("Wh", carry=0)
    ),
    wrong("later steps are forgotten for x", RNN, "x", "recurrent-path", **rnn_with("x", carry=0)),
    wrong("cut every two steps", RNN, "x Wx Wh b", **rnn_with("x", "Wx", "Wh", "b", steps=2)),
    wrong("later steps count twice", RNN, "Wx", **rnn_with("Wx", carry=2)),
    wrong(
        "dx comes in the order of the loop",
        RNN,
        "x",
        "time-reversed",
        x=lambda d, i, g: g.x[::-1].copy(),
    ),
    wrong(
        "tanh is not differentiated",
        RNN,
        "x Wx Wh b h0",
        "missing-activation",
        **rnn_with("x", "Wx", "Wh", "b", "h0", slope=np.ones_like),
    ),
    wrong(
        "tanh' of the output",
        RNN,
        "b Wx",
        "wrong-variable",
        **rnn_with("b", "Wx", slope=lambda y: 1 - np.tanh(y) ** 2),
    ),
    wrong(
        "the state after the step",
        RNN,
        "Wh",
        Wh=lambda d, i, g: np.einsum("tsm,tsn->mn", rnn(**vars(i)), rnn_deltas(d, i)),
    ),
    wrong("Wh is transposed", RNN, "Wh", "transposed", Wh=lambda d, i, g: g.Wh.T),
    wrong("the initial state gets none", RNN, "h0", "zero", h0=lambda d, i, g: 0 * g.h0),
    wrong("divided by the steps", RNN, "Wx", "factor", Wx=lambda d, i, g: g.Wx / 5),
    wrong("divided by the batch", RNN, "Wh", "factor", Wh=lambda d, i, g: g.Wh / 2),
    wrong(
        "only the first step's weights",
        RNN,
        "Wx",
        Wx=lambda d, i, g: i.x[0].T @ rnn_deltas(d, i)[0],
    ),
    wrong(
        "only the last step's bias",
        RNN,
        "b",
        b=lambda d, i, g: (d[-1] * (1 - rnn(**vars(i))[-1] ** 2)).sum(0),
    ),
    wrong("clipped at 5", RNN, "Wh", "nonlinear", Wh=lambda d, i, g: np.clip(g.Wh, -5, 5)),
    wrong(
        "the bias keeps the batch axis", RNN, "b", "kept-axis shape", b=lambda d, i, g: g.b[None]
    ),
    wrong("only the last step of x", RNN, "x", "last-sample", x=lambda d, i, g: only(g.x, -1)),
    wrong(
        "the cell's path is cut",
        LSTM,
        "x W U b h c",
        "recurrent-path missing-path",
        **lstm_with("x", "W", "U", "b", "h", "c", path=0),
    ),
    wrong(
        "the state's path is cut",
        LSTM,
        "W U b",
        "recurrent-path",
        **lstm_with("W", "U", "b", carry=0),
    ),
    wrong("the output gate is a constant", LSTM, "W", "missing-path", **lstm_with("W", gate=0)),
    wrong(
        "the cell's tanh is not differentiated",
        LSTM,
        "x W U b h c",
        "missing-activation",
        **lstm_with("x", "W", "U", "b", "h", "c", bend=0),
    ),
    wrong("the input and the forget gate are exchanged", LSTM, "U", **lstm_with("U", swap=True)),
    wrong(
        "the initial cell gets the state's",
        LSTM,
        "c h",
        "swapped",
        c=lambda d, i, g: g.h,
        h=lambda d, i, g: g.c,
    ),
    wrong("both paths are cut", LSTM, "x", "recurrent-path", **lstm_with("x", path=0, carry=0)),
    wrong(
        "the reset gate is a constant",
        GRU,
        "x h W U",
        "missing-path",
        **gru_with("x", "h", "W", "U", reset=0),
    ),
    wrong("the update gate is a constant", GRU, "W", "missing-path", **gru_with("W", update=0)),
    wrong("the direct path is forgotten", GRU, "h", "missing-path", **gru_with("h", keep=0)),
    wrong("the state is not reset for U", GRU, "U", U=lambda d, i, g: g.U + unreset(d, i)),
]
