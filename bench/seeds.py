"""Every random number of the bench is a function of what it is for, never of what ran before."""

import hashlib


def derive_seed(*parts: str | int) -> int:
    """A 63-bit seed for a purpose, e.g. `derive_seed("order", seed, epoch)`; same parts, same seed."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
