"""Every random number of the bench is a function of what it is for, never of what ran before."""

import hashlib

SEED_STRIDE = 10_000
"""From the models' seeds of a plan to those of the plan whose seed is one more."""
FIRST_TUNING_SEED = 5_000
"""Of a plan's range tuning seeds start here and confirmation seeds at 0, so that no model serves both."""


def derive_seed(*parts: str | int) -> int:
    """A 63-bit seed for a purpose, e.g. `derive_seed("order", seed, epoch)`; same parts, same seed."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def confirmation_range(seed: int, count: int) -> range:
    """The first of the seeds that confirm, under a plan with this seed."""
    return range(seed * SEED_STRIDE, seed * SEED_STRIDE + count)


def tuning_range(seed: int, count: int) -> range:
    """The first of the seeds that serve trials, under a plan with this seed."""
    first = seed * SEED_STRIDE + FIRST_TUNING_SEED
    return range(first, first + count)
