"""People's unchanged code, in any of the usual calling conventions, as a `Function` to check.

Read in this order:

request.py     what a convention is asked: someone's object, and what is known about feeding it
load.py        a target such as `path/file.py::Name`, and the object that it names
inputs.py      the arrays: given, from a hook, of given shapes, or guessed
recognise.py   the conventions in order; a file without a name
pairs.py       `f_forward(x, w) -> (out, cache)` with `f_backward(dout, cache)`, and without cache
scalar.py      an element-wise function and its derivative
"""
