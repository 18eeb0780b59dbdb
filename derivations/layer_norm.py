"""Layer normalisation: Y = weight Z + bias, Z = (X - μ) / σ with μ and σ of each sample.

The variance is the mean of squares (divided by C, not C - 1), and eps is inside the root.

Family: normalisation.
Source: Ba, Kiros, Hinton, Layer normalization (2016); PyTorch, torch.nn.LayerNorm.
"""

from gradcheck.derivations.batch_norm import standardization
from gradcheck.derivations.notation import *

n, r, m = axis("N", "n r m")  # samples
c, k, l = axis("C", "c k l")  # features


def matrices(dY, Z, dZ, σ):
    """The gradients by X, weight and bias."""
    along = diag((dZ * Z) @ ones(c))
    centred = dZ - dZ @ ones(c) @ ones(c).T / size(c) - along @ Z / size(c)
    return diag(σ**-1) @ centred, (dY * Z).T @ ones(n), dY.T @ ones(n)


layer = standardization([(n, r, m), (c, k, l)], over=[1], per=[1], matrices=matrices)
