"""MNIST and its family through torchvision: its module beside a CPU build of torch, downloads, IDX files checked."""

import contextlib
import io
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from math import prod
from pathlib import Path
from types import ModuleType

import torch

from bench.data.split import Images
from bench.io.errors import BenchError

TIMEOUT_SECONDS = 10
"""Without an answer for so long, a mirror is taken to be out of reach."""
UINT8_CODE = 0x08
"""IDX's code for unsigned bytes."""
MAX_BYTES = 2**30
"""More than any of MNIST's family has."""
MAX_SIDE = 1024
"""Pixels."""


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


@contextlib.contextmanager
def timeout(seconds: float) -> Iterator[None]:
    """For sockets opened meanwhile, which torchvision leaves without one."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def download(folder: Path, kind: str, split: str | None = None) -> None:
    """Let torchvision's class of this kind put its raw files into a data folder, over HTTPS where a mirror has it.

    It checks what it downloads by its MD5.
    """
    loader = getattr(torchvision_mnist(), kind)
    secure = [mirror for mirror in loader.mirrors if mirror.startswith("https:")]
    loader = type(kind, (loader,), {"mirrors": secure or loader.mirrors})
    arguments = {"split": split} if split else {}
    with (
        timeout(TIMEOUT_SECONDS),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        loader(folder, **arguments, download=True)


def check_idx(path: Path, dimensions: int) -> None:
    """ValueError unless the file is of unsigned bytes in so many dimensions, exactly as many as it promises."""
    size = path.stat().st_size
    if not path.is_file() or size > MAX_BYTES:
        raise ValueError(f"{path.name} must be a file of at most {MAX_BYTES:,} bytes")
    with path.open("rb") as file:
        header = file.read(4 + 4 * dimensions)
    if header[:4] != bytes([0, 0, UINT8_CODE, dimensions]) or len(header) < 4 + 4 * dimensions:
        raise ValueError(f"{path.name} is not an IDX file of bytes in {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", header[4:])
    promised, there = prod(shape), size - len(header)
    if promised != there or not all(0 < side <= MAX_SIDE for side in shape[1:]):
        raise ValueError(f"{path.name} declares {' × '.join(map(str, shape))} bytes but has {there:,}")


def read_idx(
    name: str, paths: Sequence[Path], *, transposed: bool = False
) -> tuple[Images, Images, tuple[int, int]]:
    """Training images, test images, height and width, from the files of images and labels of either part.

    transposed: whether the files hold every image with rows and columns exchanged. Raises BenchError for files that
    are damaged, or do not belong together.
    """
    images, labels, test_images, test_labels = paths
    training, shape = _read(name, images, labels, transposed)
    test, test_shape = _read(name, test_images, test_labels, transposed)
    if shape != test_shape:
        raise BenchError(f"{name} has training images of {shape} pixels and test images of {test_shape}")
    return training, test, shape


def _read(name: str, images: Path, labels: Path, transposed: bool) -> tuple[Images, tuple[int, int]]:
    mnist = torchvision_mnist()
    try:
        check_idx(images, 3)
        check_idx(labels, 1)
        pixels, classes = mnist.read_image_file(str(images)), mnist.read_label_file(str(labels))
    except Exception as error:  # torchvision asserts, casts and indexes its way through a file
        raise BenchError(
            f"not IDX files of images and labels, or truncated: {images}, {labels}; "
            f"delete them and run `aebench data --dataset {name}`"
        ) from error
    if len(pixels) != len(classes):
        raise BenchError(f"{images} has {len(pixels)} images but {labels} has {len(classes)} labels")
    if transposed:
        pixels = pixels.mT
    height, width = pixels.shape[1:]
    return Images(pixels.flatten(1).to(torch.float32).div_(255), classes), (height, width)
