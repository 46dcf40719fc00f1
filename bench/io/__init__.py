"""Files, JSON, numbers and words as people read them, errors, interrupts.

Knows nothing of autoencoders, and no other wing.
"""
