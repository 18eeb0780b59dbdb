"""What a layer means: its formula and its gradients derived step by step, in SymPy."""
