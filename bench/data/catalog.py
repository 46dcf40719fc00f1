"""The data sets that go by a name: torchvision's class of each, and the raw files that it is read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bench.io.text import require_known


@dataclass(frozen=True)
class Dataset:
    """A data set of MNIST's family."""

    name: str
    kind: str
    """torchvision's class, after which it also names the folder of the raw files."""
    prefixes: tuple[str, str] = ("train", "t10k")
    """What the names of the training files and of the test files begin with."""
    split: str | None = None
    """Which of the data sets that torchvision's class knows, where it knows several."""
    transposed: bool = False
    """Whether the files hold every image with rows and columns exchanged."""

    def raw_folder(self, folder: Path) -> Path:
        """Where torchvision keeps the raw files in a data folder."""
        return folder / self.kind / "raw"

    def pair(self, folder: Path, prefix: str) -> tuple[Path, Path]:
        """The raw file of the images and that of their labels."""
        raw = self.raw_folder(folder)
        return raw / f"{prefix}-images-idx3-ubyte", raw / f"{prefix}-labels-idx1-ubyte"

    def files(self, folder: Path) -> list[Path]:
        """The four raw files, whether they are there or not."""
        return [path for prefix in self.prefixes for path in self.pair(folder, prefix)]

    def missing(self, folder: Path) -> list[Path]:
        """Those of the four that are not there."""
        return [path for path in self.files(folder) if not path.is_file()]


def _emnist(split: str) -> Dataset:
    prefixes = (f"emnist-{split}-train", f"emnist-{split}-test")
    return Dataset(f"emnist-{split}", "EMNIST", prefixes, split, transposed=True)


OTHERS: Mapping[str, Dataset] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            Dataset("fashion-mnist", "FashionMNIST"),
            Dataset("kmnist", "KMNIST"),
            _emnist("digits"),
            _emnist("letters"),
            _emnist("balanced"),
        )
    }
)
"""By name, all but MNIST, whose files are verified: see mnist_files.py."""
NAMES = ("mnist", *OTHERS)


def check_known(name: str) -> None:
    """UsageError for a name that is none of `NAMES`."""
    require_known("dataset", name, NAMES)
