"""Normalisations, dropout, embedding, attention and linear layers beside PyTorch's.

In a row, `ours` and `theirs` take no arguments and return the output and the gradients.
"""

from importlib import import_module

import numpy as np
from layers.tables import row

EPS = 1e-5  # PyTorch's default


def draw(seed, *shapes):
    """Random arrays."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(-2, 2, shape) for shape in shapes]


def both(sentence, layer, call, shapes, *, before=(), seed=0):
    """A row: our layer of arrays of these shapes, and `call(torch, *tensors)`.

    before  arguments without a gradient, ahead of the arrays
    """
    file, _, member = layer.partition(".")

    def ours():
        module = import_module(f"gradcheck.numeric.{file}")
        forward, backward = module.layers[member] if member else (module.forward, module.backward)
        arrays = [*before, *draw(seed, *shapes)]
        output = forward(*arrays)
        return output, *backward(cotangent(output), *arrays)

    def theirs():
        import torch

        tensors = [torch.tensor(a, requires_grad=True) for a in draw(seed, *shapes)]
        output = call(torch, *tensors)
        output.backward(torch.tensor(cotangent(output.detach().numpy())))
        return tuple(a.numpy() for a in (output.detach(), *(t.grad for t in tensors)))

    return row(sentence, ours, theirs)


def cotangent(output):
    """The same for both sides."""
    return np.random.default_rng(1).uniform(-1, 1, output.shape)


def in_groups(torch, X, weight, bias):
    """Group norm of channels that have two axes, G and K."""
    flat = X.reshape(len(X), -1)
    found = torch.nn.functional.group_norm(flat, X.shape[1], weight.flatten(), bias.flatten(), EPS)
    return found.reshape(X.shape)


def at_zero():
    """A row of zeros, a row shorter than PyTorch's 1e-12, and an ordinary one."""
    return np.array([[0.0, 0.0, 0.0], [3e-14, -4e-14, 0.0], [1.0, -2.0, 0.5]])


def normalized_at_zero():
    from gradcheck.numeric.normalize import backward, forward

    return forward(at_zero()), *backward(cotangent(at_zero()), at_zero())


def theirs_normalized_at_zero():
    import torch

    X = torch.tensor(at_zero(), requires_grad=True)
    Y = torch.nn.functional.normalize(X, dim=1)
    Y.backward(torch.tensor(cotangent(at_zero())))
    return Y.detach().numpy(), X.grad.numpy()


def dropped_out():
    from gradcheck.numeric.dropout import backward, forward

    (X,) = draw(0, (50, 8))
    mask = (theirs_dropped_out()[0] != 0).astype(int)  # the mask is PyTorch's
    return forward(X, mask, p=0.3), *backward(cotangent(X), X, mask, p=0.3)


def theirs_dropped_out():
    import torch

    torch.manual_seed(0)
    X = torch.tensor(draw(0, (50, 8))[0], requires_grad=True)
    Y = torch.nn.functional.dropout(X, p=0.3)
    Y.backward(torch.tensor(cotangent(X.detach().numpy())))
    return Y.detach().numpy(), X.grad.numpy()


MEAN, VARIANCE = np.array([0.3, -1.0, 0.5]), np.array([0.2, 1.5, 3.0])
INDICES = np.array([2, 0, 2, 2, 1])  # 2 three times, 3 never


def evaluated():
    from gradcheck.numeric.batch_norm import layers

    forward, backward = layers["eval"]
    X, weight, bias = draw(0, (5, 3), (3,), (3,))
    arrays = (X, MEAN, VARIANCE, weight, bias)
    dX, _, _, dweight, dbias = backward(cotangent(X), *arrays)
    return forward(*arrays), dX, dweight, dbias


def theirs_evaluated():
    import torch

    X, weight, bias = (torch.tensor(a, requires_grad=True) for a in draw(0, (5, 3), (3,), (3,)))
    given = torch.tensor(MEAN), torch.tensor(VARIANCE)
    Y = torch.nn.functional.batch_norm(X, *given, weight, bias, eps=EPS)
    Y.backward(torch.tensor(cotangent(X.detach().numpy())))
    return tuple(a.numpy() for a in (Y.detach(), X.grad, weight.grad, bias.grad))


ROWS = [
    both("layer norm", "layer_norm",
         lambda torch, X, w, b: torch.nn.functional.layer_norm(X, (6,), w, b, EPS),
         [(4, 6), (6,), (6,)]),
    both("layer norm of equal features", "layer_norm",
         lambda torch, X, w, b: torch.nn.functional.layer_norm(X, (1,), w, b, EPS),
         [(4, 1), (1,), (1,)]),
    both("batch norm in training", "batch_norm.train",
         lambda torch, X, w, b: torch.nn.functional.batch_norm(
             X, None, None, w, b, training=True, eps=EPS),
         [(5, 3), (3,), (3,)]),
    both("batch norm with positions", "batch_norm.train_ncl",
         lambda torch, X, w, b: torch.nn.functional.batch_norm(
             X, None, None, w, b, training=True, eps=EPS),
         [(5, 3, 4), (3,), (3,)]),
    both("batch norm of images", "batch_norm.train_2d",
         lambda torch, X, w, b: torch.nn.functional.batch_norm(
             X, None, None, w, b, training=True, eps=EPS),
         [(5, 3, 4, 2), (3,), (3,)]),
    row("batch norm in evaluation", evaluated, theirs_evaluated),
    both("RMS norm", "rms_norm",
         lambda torch, X, w: torch.nn.functional.rms_norm(X, (6,), w, EPS),
         [(4, 6), (6,)]),
    both("group norm", "group_norm", in_groups, [(4, 3, 5), (3, 5), (3, 5)]),
    both("instance norm", "instance_norm",
         lambda torch, X, w, b: torch.nn.functional.instance_norm(X, weight=w, bias=b, eps=EPS),
         [(4, 3, 5), (3,), (3,)]),
    both("local response norm", "local_response_norm",
         lambda torch, X: torch.nn.functional.local_response_norm(X, 3), [(4, 5, 3)]),
    both("normalize", "normalize",
         lambda torch, X: torch.nn.functional.normalize(X, dim=1), [(4, 6)]),
    row("normalize at zero and next to it", normalized_at_zero, theirs_normalized_at_zero),
    row("dropout", dropped_out, theirs_dropped_out),
    both("embedding with repeated indices", "embedding",
         lambda torch, weight: torch.nn.functional.embedding(torch.tensor(INDICES), weight),
         [(4, 3)], before=(INDICES,)),
    both("attention", "scaled_dot_product_attention.full",
         lambda torch, Q, K, V: torch.nn.functional.scaled_dot_product_attention(Q, K, V),
         [(5, 3), (4, 3), (4, 6)]),
    both("causal attention", "scaled_dot_product_attention.causal",
         lambda torch, Q, K, V: torch.nn.functional.scaled_dot_product_attention(
             Q, K, V, is_causal=True),
         [(5, 3), (5, 3), (5, 6)]),
    both("linear of sequences", "linear_sequence.bias",
         lambda torch, X, W, b: torch.nn.functional.linear(X, W, b), [(4, 5, 3), (6, 3), (6,)]),
    both("linear without bias", "linear_sequence.no_bias",
         lambda torch, X, W: torch.nn.functional.linear(X, W), [(4, 5, 3), (6, 3)]),
    both("residual block", "residual_block",
         lambda torch, X, W: X + torch.tanh(X @ W), [(4, 3), (3, 3)]),
    both("positional embedding", "positional_embedding",
         lambda torch, X, P: X + P, [(4, 5, 3), (5, 3)]),
]  # fmt: skip
