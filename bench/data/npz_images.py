"""Your own images, a NumPy archive, as a split; nothing in it is ever executed."""

import zipfile
from collections.abc import Collection, Mapping
from math import prod
from pathlib import Path
from textwrap import shorten
from typing import IO, Any

import numpy as np
import torch
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from bench.data.split import Images, Split, split_parts
from bench.io.errors import UsageError
from bench.io.text import printable

MAX_MEMBERS = 16
MAX_HEADER = 10_000
"""Characters; NumPy's own bound."""
HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
LAYOUTS = (
    {"images"},
    {"images", "labels"},
    {"train", "test"},
    {"train", "test", "train_labels", "test_labels"},
)
TEST_DIVISOR = 6
"""Without test images of their own the last one in so many is for the test."""
MAX_BYTES = 2**30
"""Unpacked: more than a million images of 28 by 28 bytes."""
MIN_PIXELS = 4
MAX_PIXELS = 128 * 128
MAX_CLASSES = 100
"""The probe's time grows with the square of their number."""


def packed_bytes(path: Path) -> int:
    """How much the archive says that it unpacks to; ValueError where it has more members than any has arrays."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if len(members) > MAX_MEMBERS:
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


def read_npz(path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays by name, of an archive whose headers are checked."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def load_archive(path: Path) -> Split:
    """The file's images in their order; UsageError that says what is wrong with it.

    It holds `images`, of which the last sixth is for the test, or `train` and `test`: (n, pixels) or
    (n, height, width), uint8 or floats in [0, 1]; and, if the classes are known, `labels`, or `train_labels` and
    `test_labels`: whole numbers, (n,). The last twelfth of the training images is for validation.
    """
    arrays = _arrays(path)
    if "images" in arrays:
        whole, shape = _images(path, arrays, "images", "labels")
        kept = len(whole) - len(whole) // TEST_DIVISOR
        return split_parts(whole[:kept], whole[kept:], shape, str(path))
    train, shape = _images(path, arrays, "train", "train_labels")
    test, test_shape = _images(path, arrays, "test", "test_labels")
    if (shape, train.images.shape[1]) != (test_shape, test.images.shape[1]):
        shapes = [" × ".join(map(str, arrays[name].shape[1:])) for name in ("train", "test")]
        raise _wrong(path, "train and test must be images of one shape", " and ".join(shapes))
    return split_parts(train, test, shape, str(path))


def check_archive_name(path: Path) -> None:
    """UsageError for a name that no archive of NumPy's has: by the name a plan knows the file."""
    if path.suffix != ".npz" or not path.name.isprintable():
        raise UsageError(f"--data must be a NumPy archive whose name ends in .npz but got {str(path)!r}")


def _check_header(file: IO[bytes], name: str, size: int) -> None:
    if file.read(len(npy.MAGIC_PREFIX)) != npy.MAGIC_PREFIX:
        raise ValueError(f"{name} is not an array")
    version = tuple(file.read(2))
    if version not in HEADERS:
        raise ValueError(f"{name} is of an unknown version of NumPy's format, {version}")
    shape, _, dtype = HEADERS[version](file, max_header_size=MAX_HEADER)
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects")
    promised, there = prod(shape) * dtype.itemsize, size - file.tell()
    if promised != there or min(shape, default=0) < 0:
        raise ValueError(f"{name} declares {promised:,} bytes but has {there:,}")


def _arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays by name, one of the layouts."""
    check_archive_name(path)
    try:
        size = max(path.stat().st_size, packed_bytes(path))
        if size > MAX_BYTES:
            raise _wrong(path, f"the arrays must be at most {MAX_BYTES:,} bytes", f"{size:,}")
        check_headers(path)
        arrays = read_npz(path)
    except UsageError:
        raise
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except Exception as error:  # a damaged archive fails in as many ways as it has parts
        reason = shorten(printable(error), 120) or repr(error)
        raise UsageError(f"{path} is not a NumPy archive of plain arrays, or is damaged: {reason}") from error
    _check_names(path, list(arrays))
    return arrays


def _check_names(path: Path, names: Collection[str]) -> None:
    if set(names) not in LAYOUTS:
        found = shorten(", ".join(map(ascii, names)), 120) or "none"
        rule = "the arrays must be images, or train and test; beside them labels, or train_labels and test_labels"
        raise _wrong(path, rule, found)


def _images(
    path: Path, arrays: Mapping[str, NDArray[Any]], name: str, labels: str
) -> tuple[Images, tuple[int, int] | None]:
    """The images of this name and their labels, all 0 if there are none, with height and width if known."""
    pixels = _pixels(path, name, arrays[name])
    classes = torch.zeros(len(pixels), dtype=torch.int64)
    if labels in arrays:
        classes = _classes(path, labels, arrays[labels], len(pixels))
    shape = arrays[name].shape[1:]
    return Images(pixels, classes), (shape[0], shape[1]) if len(shape) == 2 else None


def _pixels(path: Path, name: str, array: NDArray[Any]) -> Tensor:
    """The images as rows of pixels, float32 in [0, 1]."""
    if array.ndim not in (2, 3):
        raise _wrong(path, f"{name} must be (n, pixels) or (n, height, width)", str(array.shape))
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        raise _wrong(path, f"{name} must be uint8 or floats in [0, 1]", str(array.dtype))
    pixels = int(np.prod(array.shape[1:]))
    if not MIN_PIXELS <= pixels <= MAX_PIXELS:
        raise _wrong(path, f"{name} must have {MIN_PIXELS} to {MAX_PIXELS:,} pixels an image", f"{pixels:,}")
    if array.dtype == np.uint8:
        return torch.from_numpy(array.reshape(len(array), pixels)).to(torch.float32).div_(255)
    if not np.isfinite(array).all():
        raise _wrong(path, f"{name} must be finite", "nan or inf")
    low, high = (float(end(array, initial=0.5)) for end in (np.min, np.max))
    if low < 0 or high > 1:
        raise _wrong(path, f"{name} must lie in [0, 1]", f"{low:g} to {high:g}")
    return torch.from_numpy(np.ascontiguousarray(array.reshape(len(array), pixels), dtype=np.float32))


def _classes(path: Path, name: str, array: NDArray[Any], images: int) -> Tensor:
    """The labels, (images,) int64."""
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise _wrong(path, f"{name} must be whole numbers, (n,)", f"{array.dtype} {array.shape}")
    if len(array) != images:
        raise _wrong(path, f"{name} must be as many as the images, {images}", str(len(array)))
    classes = len(np.unique(array))
    if classes > MAX_CLASSES:
        raise _wrong(path, f"{name} must have at most {MAX_CLASSES} classes, or be left out", str(classes))
    return torch.from_numpy(array.astype(np.int64))


def _wrong(path: Path, rule: str, value: str) -> UsageError:
    return UsageError(f"{path}: {rule}, but got {value}")
