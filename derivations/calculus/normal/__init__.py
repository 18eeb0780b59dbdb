"""A normal form for index expressions, in which equality for all sizes is equality of text.

Read in this order: affine (subscripts), poly (what the form is made of), names (canonical names
of summed indices), algebra (arithmetic), rules (how one product is simplified), functions
(elementwise functions), differentiate, read (from SymPy), write (to SymPy), prove.
"""

from gradcheck.derivations.calculus.normal import functions, rules

__all__ = ["functions", "rules"]
