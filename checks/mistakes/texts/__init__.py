"""The table of all kinds of mistakes, a file for each family."""
