"""The index calculus: terms, derivatives, contraction of deltas, values, equality.

Read in this order: `terms`, `functions`, `contract`, `fold`, `derivative`, `evaluate`, `compare`.
It knows nothing of layers.
"""
