"""A normal form for index expressions, in which equality for all sizes is equality of text.

Read in this order: affine (subscripts), poly (what the form is made of), names (canonical names
of summed indices), algebra (arithmetic; how a product is normalised), powers, substitution,
functions (elementwise functions), rules (in which order, and why they hold), differentiate,
read (from SymPy), dependence, definitions and gradients (named tensors), facts, clear, prove,
write (to SymPy).
"""

from gradcheck.derivations.calculus.normal import functions, rules

__all__ = ["functions", "rules"]
