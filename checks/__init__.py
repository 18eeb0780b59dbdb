"""Where the three witnesses meet: symbolic, analytic and numerical gradients are compared."""
