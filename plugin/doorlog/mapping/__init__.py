"""The mapping language: strict YAML with positions, a model, checks, and a compiler to Python functions."""
