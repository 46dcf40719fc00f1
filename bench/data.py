"""MNIST as tensors: 55,000 training, 5,000 validation and 10,000 test images, verified on every load."""

import os
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import torch
from platformdirs import user_cache_path
from torch import Tensor

from bench.errors import BenchError, UsageError
from bench.mnist_files import DIGESTS, FileState, missing_files, raw_folder, states
from bench.mnist_sources import fetch
from bench.vision import torchvision_mnist

VALIDATION = 5_000
"""The last images of the training file."""


@dataclass(frozen=True)
class Images:
    """Images as rows of pixels, (n, pixels) float32 in [0, 1], and their classes, (n,) int64."""

    images: Tensor
    labels: Tensor
    """All the same where classes are unknown."""

    def __getitem__(self, rows: slice) -> "Images":
        """These images; the memory is shared."""
        return Images(self.images[rows], self.labels[rows])

    def __len__(self) -> int:
        """How many images."""
        return len(self.labels)


@dataclass(frozen=True)
class Split:
    """A data set in its three parts; `digest` is a SHA-256 over the raw files that they come from."""

    train: Images
    valid: Images
    test: Images
    digest: str


def load_mnist(data_dir: Path | None = None, *, download: bool = True) -> Split:
    """The whole of MNIST from a data folder, fetched first if it is not there and `download`.

    Raises BenchError that names each altered file (it is never trained on), or says what to put where if
    files are missing and cannot be fetched.
    """
    folder = data_folder(data_dir)
    found = _unaltered(folder)
    if download and any(file.state == "missing" for file in found):
        fetch(folder)
        found = _unaltered(folder)
    lacking = [str(file.path) for file in found if file.state == "missing"]
    if lacking:
        raise BenchError(f"missing: {', '.join(lacking)}; run `aebench data` to fetch them")
    full, test = _read(folder, "train"), _read(folder, "t10k")
    digest = sha256("".join(DIGESTS.values()).encode()).hexdigest()
    return Split(full[:-VALIDATION], full[-VALIDATION:], test, digest)


def subset(split: Split, train: int, valid: int, test: int) -> Split:
    """The first images of each part; UsageError where it has fewer."""
    wanted = {"train": train, "valid": valid, "test": test}
    for name, count in wanted.items():
        there = len(getattr(split, name))
        if count > there:
            raise UsageError(f"{name}_images must be at most {there} but got {count}")
    return replace(split, **{name: getattr(split, name)[:count] for name, count in wanted.items()})


def describe(data_dir: Path | None = None) -> list[FileState]:
    """The four raw files of the data folder and the state of each; fetches nothing."""
    return states(data_folder(data_dir))


def missing(data_dir: Path | None = None) -> list[Path]:
    """Those of the four raw files that are not in the data folder; reads none of the others."""
    return missing_files(data_folder(data_dir))


def data_folder(data_dir: Path | None = None) -> Path:
    """The folder asked for, else `AEBENCH_DATA`, else this platform's cache folder for aebench."""
    if data_dir is not None:
        return data_dir
    named = os.environ.get("AEBENCH_DATA")
    return Path(named) if named else user_cache_path("aebench")


def _read(folder: Path, prefix: str) -> Images:
    """One pair of raw files, read by torchvision."""
    mnist, raw = torchvision_mnist(), raw_folder(folder)
    pixels = mnist.read_image_file(str(raw / f"{prefix}-images-idx3-ubyte"))
    labels = mnist.read_label_file(str(raw / f"{prefix}-labels-idx1-ubyte"))
    return Images(pixels.flatten(1).to(torch.float32).div_(255), labels)


def _unaltered(folder: Path) -> list[FileState]:
    """The four files as they were found; BenchError that names those with any content but the real one."""
    found = states(folder)
    altered = [str(file.path) for file in found if file.state == "altered"]
    if altered:
        raise BenchError(
            f"not the real MNIST, truncated or altered: {', '.join(altered)}; "
            "delete it and run `aebench data`"
        )
    return found
