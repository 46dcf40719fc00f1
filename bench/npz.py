"""The arrays of a NumPy archive, no larger than they say, and nothing in it ever executed."""

import zipfile
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

MOST_MEMBERS = 16
MOST_HEADER = 10_000
"""Characters; NumPy's own bound."""
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def packed_bytes(path: Path) -> int:
    """How much the archive says that it unpacks to; ValueError where it has more members than any has arrays."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"it has {len(members):,} members")
    return sum(member.file_size for member in members)


def check_headers(path: Path) -> None:
    """ValueError unless each member is a plain array of exactly the size that its header promises.

    NumPy takes the memory that a header declares before it looks at what is there.
    """
    with zipfile.ZipFile(path) as archive:
        names = [member.filename.removesuffix(".npy") for member in archive.infolist()]
        if len(names) != len(set(names)):
            raise ValueError("two of its arrays have the same name")
        for member, name in zip(archive.infolist(), names, strict=True):
            with archive.open(member) as file:
                _check_header(file, name, member.file_size)


def read(path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays by name, of an archive whose headers are checked."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _check_header(file: IO[bytes], name: str, size: int) -> None:
    if file.read(len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX:
        raise ValueError(f"{name} is not an array")
    version = tuple(file.read(2))
    if version not in HEADERS:
        raise ValueError(f"{name} is of an unknown version of NumPy's format, {version}")
    shape, _, dtype = HEADERS[version](file, max_header_size=MOST_HEADER)
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects")
    promised, there = prod(shape) * dtype.itemsize, size - file.tell()
    if promised != there or min(shape, default=0) < 0:
        raise ValueError(f"{name} declares {promised:,} bytes but has {there:,}")
