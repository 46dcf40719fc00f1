"""What may become of a stored file: cut short, or one bit of it turned."""

import random

PLACES = 64
"""Of each kind of damage in one file."""


def damages(content: bytes, seed: str) -> list[bytes]:
    """The content cut at evenly spread places, then with one bit turned at seeded ones."""
    size = len(content)
    cuts = [content[: size * place // PLACES] for place in range(PLACES)]
    bits = random.Random(seed)
    return cuts + [_turned(content, bits.randrange(8 * size)) for _ in range(PLACES)]


def _turned(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
