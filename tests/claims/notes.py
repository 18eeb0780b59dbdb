"""The five notes, and all that they claim."""

from claims import (
    activation,
    bilinear,
    classifier,
    columns,
    cross_entropy,
    fully_connected,
    linear,
    recurrent,
    relu,
    rows,
    rows_in_out,
    softmax,
)
from claims.claim import Note

NOTES = (
    Note(
        "S0",
        "linear, bilinear and recurrent layers (single vectors)",
        r"The weights of the linear layer are $H\times D$, those of the bilinear layer "
        r"$H\times D_1\times D_2$; $\delta_{out}$ is $\partial L/\partial\mathbf{z}$.",
        (linear.SECTION, bilinear.SECTION, recurrent.SECTION),
    ),
    Note(
        "S1",
        "linear and activation modules (samples in rows)",
        r"The linear module is $\mathbf{Y} = \mathbf{X}\mathbf{W}^\top + \mathbf{B}$ with "
        r"$\mathbf{X}$ of $S\times M$, $\mathbf{W}$ of $N\times M$ and $B_{sn} = b_n$, the "
        r"activation module $\mathbf{Y} = h(\mathbf{X})$.",
        (rows.SECTION, activation.SECTION),
    ),
    Note(
        "S2",
        "fully connected layer with an activation (single vector)",
        r"The layer is $\mathbf{z} = \mathbf{W}\mathbf{x} + \mathbf{b}$ and "
        r"$\mathbf{y} = f(\mathbf{z})$ with $\mathbf{W}$ of $m\times n$.",
        (fully_connected.SECTION,),
    ),
    Note(
        "S3",
        "linear layer (samples in rows, transposed derivatives)",
        r"The layer is $y = xW + b$ with $x$ of $N\times M_{in}$ and $W$ of "
        r"$M_{in}\times M_{out}$; $\nabla_W L$ has the shape of $W$, $\partial L/\partial W$ the "
        "transposed shape.",
        (rows_in_out.SECTION,),
    ),
    Note(
        "S4",
        "linear layer, softmax, cross entropy and ReLU (samples in columns)",
        r"The input of the linear layer is $in\times batch$, $W$ is $out\times in$, and "
        r"$dv_{output}$ is the gradient that the next layer hands down.",
        (
            columns.SECTION,
            softmax.SECTION,
            cross_entropy.SECTION,
            relu.SECTION,
            classifier.SECTION,
        ),
    ),
)
