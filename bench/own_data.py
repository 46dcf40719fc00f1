"""A file of one's own images, a NumPy archive, as a split; nothing in it is ever executed."""

from collections.abc import Collection, Mapping
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bench import npz
from bench.data import Images
from bench.errors import UsageError
from bench.parts import ShapedSplit, cut
from bench.printable import printable

LAYOUTS = (
    {"images"},
    {"images", "labels"},
    {"train", "test"},
    {"train", "test", "train_labels", "test_labels"},
)
TEST = 6
"""Without test images of their own the last one in so many is for the test."""
MOST_BYTES = 2**30
"""Unpacked: more than a million images of 28 by 28 bytes."""
LEAST_PIXELS = 4
MOST_PIXELS = 128 * 128
MOST_CLASSES = 100
"""The probe's time grows with the square of their number."""


def load_own(path: Path) -> ShapedSplit:
    """The file's images in their order; UsageError that says what is wrong with it.

    It holds `images`, of which the last sixth is for the test, or `train` and `test`: (n, pixels) or
    (n, height, width), uint8 or floats in [0, 1]; and, if the classes are known, `labels`, or `train_labels` and
    `test_labels`: whole numbers, (n,). The last twelfth of the training images is for validation.
    """
    arrays = _arrays(path)
    if "images" in arrays:
        whole, shape = _images(path, arrays, "images", "labels")
        kept = len(whole) - len(whole) // TEST
        return cut(whole[:kept], whole[kept:], shape, str(path))
    train, shape = _images(path, arrays, "train", "train_labels")
    test, test_shape = _images(path, arrays, "test", "test_labels")
    if (shape, train.images.shape[1]) != (test_shape, test.images.shape[1]):
        shapes = [" × ".join(map(str, arrays[name].shape[1:])) for name in ("train", "test")]
        raise _wrong(path, "train and test must be images of one shape", " and ".join(shapes))
    return cut(train, test, shape, str(path))


def check_name(path: Path) -> None:
    """UsageError for a name that no archive of NumPy's has: by the name a plan knows the file."""
    if path.suffix != ".npz" or not path.name.isprintable():
        raise UsageError(f"--data must be a NumPy archive whose name ends in .npz but got {str(path)!r}")


def _arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    """The arrays by name, one of the layouts."""
    check_name(path)
    try:
        size = max(path.stat().st_size, npz.packed_bytes(path))
        if size > MOST_BYTES:
            raise _wrong(path, f"the arrays must be at most {MOST_BYTES:,} bytes", f"{size:,}")
        npz.check_headers(path)
        arrays = npz.read(path)
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
    if not LEAST_PIXELS <= pixels <= MOST_PIXELS:
        raise _wrong(
            path, f"{name} must have {LEAST_PIXELS} to {MOST_PIXELS:,} pixels an image", f"{pixels:,}"
        )
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
    if classes > MOST_CLASSES:
        raise _wrong(path, f"{name} must have at most {MOST_CLASSES} classes, or be left out", str(classes))
    return torch.from_numpy(array.astype(np.int64))


def _wrong(path: Path, rule: str, value: str) -> UsageError:
    return UsageError(f"{path}: {rule}, but got {value}")
