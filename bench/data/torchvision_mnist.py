"""torchvision's MNIST classes, importable beside a CPU build of torch, and their IDX files checked before use."""

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from importlib import import_module
from math import prod
from pathlib import Path
from types import ModuleType

import torch

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


def torchvision_mnist() -> ModuleType:
    """The module `torchvision.datasets.mnist`.

    torchvision's wheel on PyPI is built against CUDA torch. Beside a CPU build its C++ operators do not load,
    and its import fails where it describes two of them. Declaring those two is enough, for nothing here calls
    them; it is done only where the import fails for that reason.
    """
    try:
        return import_module("torchvision.datasets.mnist")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    for operator in ("nms", "qnms"):
        torch.library.define(
            f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
    return import_module("torchvision.datasets.mnist")


SECONDS = 10
"""Without an answer for so long, a mirror is taken to be out of reach."""


@contextlib.contextmanager
def timeout(seconds: float) -> Iterator[None]:
    """For sockets opened meanwhile, which torchvision leaves without one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
