"""MNIST's four raw files: what they must contain, and whether they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from types import MappingProxyType
from typing import Literal

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
