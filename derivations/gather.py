"""Gather: entries picked by an index, which may repeat: Y[n,t] = X[n,index[n,t]].

Family: shapes.
Source: PyTorch, torch.gather.
"""

from gradcheck.derivations.notation import *

n, r = axis("N", "n r")  # samples
c, k = axis("C", "c k")  # what is picked from
(t,) = axis("T", "t")  # how many are picked


def columns():
    """dim=1: a row is picked from by an index of its own."""
    X, index, Y = tensor("X", n, c), tensor("index", n, t, integer=c), tensor("Y", n, t)
    return Layer((X, index), (define(Y[n, t], X[n, index[n, t]]),))


def rows():
    """dim=0: a column is picked from by an index of its own."""
    X, index, Y = tensor("X", c, n), tensor("index", t, n, integer=c), tensor("Y", t, n)
    return Layer((X, index), (define(Y[t, n], X[index[t, n], n]),))


layers = {"columns": columns(), "rows": rows()}
