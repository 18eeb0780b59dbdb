"""`gradcheck derive`: gradients of formulas that are typed in, and verdicts on claims about them.

run.py does it, result.py is what comes out, text.py and machine.py print that, command.py is the
command line.
"""
