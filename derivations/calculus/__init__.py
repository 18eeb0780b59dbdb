"""The index calculus: terms, derivatives, contraction, values, proofs, mistakes.

Read in this order: `terms` and `functions` (what index expressions are made of), `evaluate` and
`points` (their values), `normal` (the proof engine), `compare` (the one place that decides
equality), `mistakes` (what is wrong with a wrong equation). Expressions in the order a person
writes them are made by `written`, `ranges`, `contract`, `simplify`, `fold`, `named`, `push` and
`derivative`.
It knows nothing of layers.
"""
