"""The header of an IDX file held against its size, before anything trusts it."""

import struct
from math import prod
from pathlib import Path

BYTES = 0x08
"""IDX's code for unsigned bytes."""
MOST_BYTES = 2**30
"""More than any of MNIST's family has."""
MOST_SIDE = 1024
"""Pixels."""


def check_idx(path: Path, dimensions: int) -> None:
    """ValueError unless the file is of unsigned bytes in so many dimensions, exactly as many as it promises."""
    size = path.stat().st_size
    if not path.is_file() or size > MOST_BYTES:
        raise ValueError(f"{path.name} must be a file of at most {MOST_BYTES:,} bytes")
    with path.open("rb") as file:
        header = file.read(4 + 4 * dimensions)
    if header[:4] != bytes([0, 0, BYTES, dimensions]) or len(header) < 4 + 4 * dimensions:
        raise ValueError(f"{path.name} is not an IDX file of bytes in {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    promised, there = prod(shape), size - len(header)
    if promised != there or not all(0 < side <= MOST_SIDE for side in shape[1:]):
        raise ValueError(f"{path.name} declares {' × '.join(map(str, shape))} bytes but has {there:,}")
