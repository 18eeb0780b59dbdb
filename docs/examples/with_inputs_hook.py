"""What cannot be guessed is said by a function gradcheck_inputs in the file.

    gradcheck docs/examples/with_inputs_hook.py
    gradcheck docs/examples/with_inputs_hook.py::embedding_mean_forward

It returns what forward is called with: NumPy arrays are inputs, anything else is passed on as it
is. With an argument it is given the name that is checked. embedding_sum is right. embedding_mean
is wrong [overwritten]: `dtable[ids] = ...` counts a word that occurs twice only once.
"""

import numpy as np


def gradcheck_inputs(name):
    table = np.random.default_rng(0).normal(size=(7, 3))
    return {"table": table, "ids": np.array([4, 1, 4, 6, 1]), "scale": 0.5}


def embedding_sum_forward(table, ids, scale):
    return scale * table[ids].sum(axis=0), (table, ids, scale)


def embedding_sum_backward(dout, cache):
    table, ids, scale = cache
    dtable = np.zeros_like(table)
    np.add.at(dtable, ids, scale * dout)
    return dtable


def embedding_mean_forward(table, ids, scale):
    return scale * table[ids].mean(axis=0), (table, ids, scale)


def embedding_mean_backward(dout, cache):
    table, ids, scale = cache
    dtable = np.zeros_like(table)
    dtable[ids] = scale * dout / len(ids)
    return dtable
