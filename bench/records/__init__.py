"""What is trained and its results, field by field, and what must hold of them.

Knows the plan; trains nothing.
"""
