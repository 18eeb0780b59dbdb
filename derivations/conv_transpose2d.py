"""Transposed convolution of images: every pixel of X adds its multiple of the kernel to Y.

    Y[n,o,h,w] = Σ_{i,y,x,k,l} X[n,i,y,x] weight[i,o,k,l]
                 δ(stride y + dilation k - padding,h) δ(stride x + dilation l - padding,w) + bias[o]

It is what convolution with the same options does to the gradient of its output. What falls outside
of Y is lost: `padding` rows and columns all around; `output_padding` adds some at the ends of Y.
The options hold for both axes; the NumPy side takes pairs too.

Family: convolution.
Source: PyTorch, torch.nn.ConvTranspose2d; Dumoulin, Visin, A guide to convolution arithmetic for
deep learning (2016), chapter 4.
"""

from gradcheck.derivations.conv_transpose1d import transposed
from gradcheck.derivations.notation import *

ROWS = (*axis("H", "y"), *axis("P", "h"), *axis("K", "k"))
COLUMNS = (*axis("W", "x"), *axis("Q", "w"), *axis("L", "l"))
layer = transposed([ROWS, COLUMNS])
