"""Recurrent layers beside PyTorch's: (ours, theirs), outputs and gradients."""

from importlib import import_module

import numpy as np
from layers.tables import row

T, N, D, H = 5, 3, 4, 2
LINEAR = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _shapes(gates, suffix="", features=D):
    """The parameters of one layer of PyTorch, by name, in the order of its signature."""
    shapes = ((gates * H, features), (gates * H, H), (gates * H,), (gates * H,))
    return dict(zip((f"{name}{suffix}" for name in LINEAR), shapes, strict=True))


def _both(name, make, shapes, first, theirs, stacked=False):
    """Output and gradients of one layer, ours and PyTorch's, end to end.

    make    PyTorch's module, given torch
    shapes  its parameters, by name
    first   shapes of the inputs before them
    theirs  its result, of the module and the inputs
    stacked whether two parameters at a time are one array of ours
    """

    def rows():
        import torch

        normal = np.random.default_rng(1).normal
        inputs = [normal(size=shape) for shape in first]
        parameters = {key: 0.5 * normal(size=shape) for key, shape in shapes.items()}
        arrays = list(parameters.values())
        if stacked:
            half = len(arrays) // 2
            arrays = [np.stack(pair) for pair in zip(arrays[:half], arrays[half:], strict=True)]
        file, _, member = name.partition(".")
        numeric = import_module(f"gradcheck.numeric.{file}")
        forward, backward = (
            numeric.layers[member] if member else (numeric.forward, numeric.backward)
        )
        out = forward(*inputs, *arrays)
        cotangent = normal(size=out.shape)
        ours = [out, *backward(cotangent, *inputs, *arrays)]

        module = make(torch).double()
        module.load_state_dict({key: torch.tensor(value) for key, value in parameters.items()})
        x, *states = leaves = [torch.tensor(a, requires_grad=True) for a in inputs]
        wanted = theirs(torch, module, x, *states)
        wanted.backward(torch.tensor(cotangent))
        of_parameters = [dict(module.named_parameters())[key].grad for key in parameters]
        if stacked:
            pairs = zip(of_parameters[:half], of_parameters[half:], strict=True)
            of_parameters = [torch.stack(pair) for pair in pairs]
        given = [wanted.detach(), *(leaf.grad for leaf in leaves), *of_parameters]
        assert [a.shape for a in ours] == [tuple(a.shape) for a in given]
        return tuple(np.concatenate([np.ravel(a) for a in side]) for side in (ours, given))

    return rows


def _all(torch, module, x, h0):
    """All states, of a layer that takes one initial state for each layer and direction."""
    return module(x, h0 if h0.dim() == 3 else h0[None])[0]


def _lstm(torch, module, x, h0, c0):
    return module(x, (h0[None], c0[None]))[0]


def _lstm_last(torch, module, x, h0, c0):
    _, (h, c) = module(x, (h0[None], c0[None]))
    return torch.cat([h, c])


SEQUENCE, STEP = [(T, N, D), (N, H)], [(N, D), (N, H)]
BOTH = [(T, N, D), (2, N, H)]
ROWS = [
    row("rnn", _both("two_bias_rnn.with_tanh", lambda torch: torch.nn.RNN(D, H), _shapes(1, "_l0"),
        SEQUENCE, _all)),
    row("rnn with relu", _both("two_bias_rnn.with_relu",
        lambda torch: torch.nn.RNN(D, H, nonlinearity="relu"), _shapes(1, "_l0"), SEQUENCE, _all)),
    row("rnn, the last state", _both("two_bias_rnn.last", lambda torch: torch.nn.RNN(D, H),
        _shapes(1, "_l0"), SEQUENCE, lambda torch, module, x, h0: module(x, h0[None])[1][0])),
    row("rnn in both directions", _both("bidirectional_rnn",
        lambda torch: torch.nn.RNN(D, H, bidirectional=True),
        _shapes(1, "_l0") | _shapes(1, "_l0_reverse"), BOTH, _all, stacked=True)),
    row("two rnns, one on the other", _both("stacked_rnn",
        lambda torch: torch.nn.RNN(D, H, num_layers=2),
        _shapes(1, "_l0") | _shapes(1, "_l1", H), BOTH, _all)),
    row("lstm", _both("lstm.all", lambda torch: torch.nn.LSTM(D, H), _shapes(4, "_l0"),
        [*SEQUENCE, (N, H)], _lstm)),
    row("lstm, the last state and cell", _both("lstm.last", lambda torch: torch.nn.LSTM(D, H),
        _shapes(4, "_l0"), [*SEQUENCE, (N, H)], _lstm_last)),
    row("lstm cell", _both("lstm_cell", lambda torch: torch.nn.LSTMCell(D, H), _shapes(4),
        [*STEP, (N, H)],
        lambda torch, module, x, h0, c0: torch.stack(module(x, (h0, c0))))),
    row("gru", _both("gru.reset_after", lambda torch: torch.nn.GRU(D, H), _shapes(3, "_l0"),
        SEQUENCE, _all)),
    row("gru cell", _both("gru_cell.reset_after", lambda torch: torch.nn.GRUCell(D, H), _shapes(3),
        STEP, lambda torch, module, x, h0: module(x, h0))),
]  # fmt: skip
