"""Is one backward pass right at one point? Read in this order:

function.py     what is checked: named inputs, a forward and a backward pass, a session
finding.py      what is found
calls.py        calling the code: counted, its results made comparable
contract.py     what must hold before any number counts: shapes, dtypes, nothing changed
line.py         a step in a random direction, and the slope along it from five points
screen.py       the cheap check: two points, a direction through each, three backward passes

bench.py        for what it leaves open: calls that do not disturb each other
subject.py      one point to look at more closely
noise.py, ladder.py, careful.py, fitted.py, complex_step.py    slopes, as sharp as can be
compared.py     a gradient against a slope, measured quickly, soberly or carefully
kinks.py, kinked.py     one-sided slopes, and what they mean for a gradient
structure.py, columns.py, budget.py, jacobian.py    whole Jacobians, compressed by structure
look.py         is this gradient right?
localise.py, blame.py    if not: where, how much, and what kind of mistake it is

whole.py        on demand: every entry of the Jacobian
check.py        all of it

Nothing here knows layers, SymPy or how a report looks.
"""
