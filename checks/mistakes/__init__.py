"""What kind of mistake it is: the codes with their texts, and the search for what mends a gradient.

code.py         one kind of mistake, as data: title, meaning, example, cause, fix
texts/          the table of all kinds, by family
explain.py      the table as text for the terminal and for the documentation
evidence.py     what is known of one wrong gradient, and whether another would fit
diagnose.py     the search: hypotheses in order, the first that mends the gradient
hypotheses/     the hypotheses, by family

Explaining a code needs the standard library alone; only the search imports NumPy.
"""
