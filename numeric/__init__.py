"""How a layer is computed: its forward and backward pass, in NumPy."""
