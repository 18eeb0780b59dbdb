"""Naming the mistake in a wrong equation: what mends it, and what to say.

Read in this order: `edits` (what an edit is), `letters`, `sums`, `products`, `borrowed` (the kinds
of edit), `values` (a quick look at numbers), `repair` (the search), `layout` (right in the other
layout), `remarks` (what is suspicious before any arithmetic).
"""
