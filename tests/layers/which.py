"""Which layers the slow tests look at: all of them only if GRADCHECK_LONG is set.

The laws hold for every layer in every run. What plants hundreds of mistakes into each is run on
the classics, on layers of yours in GRADCHECK_PATH, and in the long run on the rest.
"""

import os

from source import ROOT

from gradcheck.checks import layers

CLASSICS = {
    "activation.elementwise", "activation.relu", "activation.sigmoid", "activation.tanh",
    "batch_norm.train", "bilinear", "cross_entropy.logits", "cross_entropy.probabilities",
    "dropout", "embedding", "fully_connected", "layer_norm", "linear.columns",
    "linear.rows", "linear.rows_in_out", "linear.vector", "mse_loss.mean", "reduction.mean",
    "rms_norm", "rnn", "rnn_cell", "scaled_dot_product_attention.full", "softmax",
}  # fmt: skip


def looked_at() -> list[str]:
    """Full names of the layers that slow tests look at."""
    ours = {path.stem for path in (ROOT / "derivations").glob("*.py")}
    everything = bool(os.environ.get("GRADCHECK_LONG"))
    return [
        name
        for name in layers.names()
        if everything or name in CLASSICS or name.partition(".")[0] not in ours
    ]
