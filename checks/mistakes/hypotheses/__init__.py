"""Hypotheses about a wrong gradient, by family; each yields guesses, the likeliest first."""
