"""Reads formulas in a small Python-like notation: `Y[s,n] = sum(X[s,m]*W[n,m], m) + b[n]`.

What is read is parsed by a fixed list of node kinds and never evaluated. docs/derive.md is the
reference of the notation.
"""

from gradcheck.derivations.reading.errors import IndexMistake, ReadingError, Span
from gradcheck.derivations.reading.problem import Claim, Problem, Turned
from gradcheck.derivations.reading.read import read

__all__ = ["Claim", "IndexMistake", "Problem", "ReadingError", "Span", "Turned", "read"]
