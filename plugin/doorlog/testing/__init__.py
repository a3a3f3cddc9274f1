"""The tests that stand in a mapping, or in a file beside it: a record, what is changed of it, and what has to come."""
