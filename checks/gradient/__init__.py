"""Is one backward pass right at one point? Read in this order:

function.py    what is checked: named inputs, a forward and a backward pass
calls.py       calling it: counted, on private copies, with an eye on what it changes
line.py        the slope of the forward pass along a line, with an estimate of its own error
contract.py    what must hold before any number counts: shapes, dtypes, no changed inputs
screen.py      the cheap check along random directions
localise.py    if that fails: which input, which entries
check.py       all of it, and the findings

Nothing here knows layers, SymPy or how a report looks.
"""
