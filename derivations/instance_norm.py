"""Instance normalisation: mean and variance over the positions, of each sample and channel.

The positions are one axis; an image has L = H W of them.

Family: normalisation.
Source: Ulyanov, Vedaldi, Lempitsky, Instance normalization (2016); PyTorch,
torch.nn.InstanceNorm1d with affine=True.
"""

from gradcheck.derivations.batch_norm import standardization
from gradcheck.derivations.notation import *

n, r, m = axis("N", "n r m")  # samples
c, k, o = axis("C", "c k o")  # channels
l, p, i = axis("L", "l p i")  # positions

layer = standardization([(n, r, m), (c, k, o), (l, p, i)], over=[2], per=[1])
