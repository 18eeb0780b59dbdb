"""Group normalisation: mean and variance over the channels of a group, of each sample.

The channels are written with two axes, group g and channel k within it: X.reshape(N, G, K).

Family: normalisation.
Source: Wu, He, Group normalization (2018); PyTorch, torch.nn.GroupNorm.
"""

from gradcheck.derivations.batch_norm import standardization
from gradcheck.derivations.notation import *

n, r, m = axis("N", "n r m")  # samples
g, h, q = axis("G", "g h q")  # groups
k, j, i = axis("K", "k j i")  # channels of a group

layer = standardization([(n, r, m), (g, h, q), (k, j, i)], over=[2], per=[1, 2])
