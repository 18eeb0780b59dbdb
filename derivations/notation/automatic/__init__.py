"""Derivations that nobody wrote: from forward formulas alone, the steps a person would write.

Read in this order: `naming` (recurring parts get names), `graph` (which tensors a gradient passes
on its way back), `letters`, `steps` (one chain), `brackets`, `jacobians`, `derive` (all of it).
"""
