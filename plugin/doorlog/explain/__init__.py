"""Explains one record: which rule wrote which field, from which facts and values, and what no rule has consumed."""
