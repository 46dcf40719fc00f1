"""Data sets by name, read from their raw files as torchvision lays them out, and fetched by torchvision."""

import contextlib
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from bench.data.catalog import OTHERS, Dataset
from bench.data.split import Images, ShapedSplit, cut, data_folder
from bench.data.torchvision_mnist import SECONDS, check_idx, timeout, torchvision_mnist
from bench.io.errors import BenchError
from bench.io.files import claim


def load(name: str, data_dir: Path | None = None) -> ShapedSplit:
    """The whole of one of `OTHERS`; BenchError that names the files where some are missing or damaged."""
    dataset, folder = OTHERS[name], data_folder(data_dir)
    missing = dataset.missing(folder)
    if missing:
        raise BenchError(f"missing: {', '.join(map(str, missing))}; run `aebench data --dataset {name}`")
    (training, shape), (test, test_shape) = (_read(dataset, folder, prefix) for prefix in dataset.prefixes)
    if shape != test_shape:
        raise BenchError(f"{name} has training images of {shape} pixels and test images of {test_shape}")
    return cut(training, test, shape, str(dataset.raw_folder(folder)))


def fetch(name: str, data_dir: Path | None = None) -> None:
    """Let torchvision download the data set, and keep those of its files that are missing.

    Raises BenchError where that fails, with what to do by hand.
    """
    dataset, folder = OTHERS[name], data_folder(data_dir)
    raw = dataset.raw_folder(folder)
    claim(folder)
    claim(raw)
    with TemporaryDirectory(dir=folder, prefix=".fetch-") as temporary:
        try:
            _download(dataset, Path(temporary))
            # One archive may hold several of the data sets.
            for other in (one for one in OTHERS.values() if one.kind == dataset.kind):
                for path in other.missing(folder):
                    (other.raw_folder(Path(temporary)) / path.name).replace(path)
        except Exception as error:  # whatever ails the download, the way out is the same
            reason = str(error).strip().splitlines()[-1] if str(error).strip() else repr(error)
            files = ", ".join(path.name for path in dataset.missing(folder))
            raise BenchError(
                f"{name} is not in {folder} and could not be fetched ({reason}). Put the unpacked files "
                f"{files} into {raw}, or choose another folder with --data-dir or AEBENCH_DATA"
            ) from error


def _download(dataset: Dataset, folder: Path) -> None:
    """torchvision checks what it downloads by its MD5."""
    loader = getattr(torchvision_mnist(), dataset.kind)
    arguments = {"split": dataset.split} if dataset.split else {}
    with (
        timeout(SECONDS),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        loader(folder, **arguments, download=True)


def _read(dataset: Dataset, folder: Path, prefix: str) -> tuple[Images, tuple[int, int]]:
    """One pair of raw files, read by torchvision, with the images' height and width."""
    mnist, (images, labels) = torchvision_mnist(), dataset.pair(folder, prefix)
    try:
        check_idx(images, 3)
        check_idx(labels, 1)
        pixels, classes = mnist.read_image_file(str(images)), mnist.read_label_file(str(labels))
    except Exception as error:  # torchvision asserts, casts and indexes its way through a file
        raise BenchError(
            f"not IDX files of images and labels, or truncated: {images}, {labels}; "
            f"delete them and run `aebench data --dataset {dataset.name}`"
        ) from error
    if len(pixels) != len(classes):
        raise BenchError(f"{images} has {len(pixels)} images but {labels} has {len(classes)} labels")
    if dataset.transposed:
        pixels = pixels.mT
    height, width = pixels.shape[1:]
    return Images(pixels.flatten(1).to(torch.float32).div_(255), classes), (height, width)
