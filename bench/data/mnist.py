"""MNIST as a split: 55,000 training, 5,000 validation and 10,000 test images, checked by their digests."""

from hashlib import sha256
from pathlib import Path

import torch

from bench.data.mnist_download import DIGESTS, FileState, fetch, missing_files, raw_folder, states
from bench.data.split import Images, Split, data_folder
from bench.data.torchvision_mnist import torchvision_mnist
from bench.io.errors import BenchError

VALIDATION = 5_000
"""The last images of the training file."""


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


def describe(data_dir: Path | None = None) -> list[FileState]:
    """The four raw files of the data folder and the state of each; fetches nothing."""
    return states(data_folder(data_dir))


def missing(data_dir: Path | None = None) -> list[Path]:
    """Those of the four raw files that are not in the data folder; reads none of the others."""
    return missing_files(data_folder(data_dir))


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
