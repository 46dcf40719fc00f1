"""Only the real files are ever trained on; what is wrong is named."""

import gzip
import hashlib
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from bench.data import mnist as mnist_module
from bench.data import mnist_download
from bench.data.mnist_download import fetch, unzipped, wheel_arrays, write_raw_files
from bench.data.split import Split, data_folder, subset
from bench.data.torchvision_mnist import torchvision_mnist
from bench.io.errors import BenchError, UsageError

COUNTS = {"train": 30, "t10k": 12}


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with small files in MNIST's format, taken to be the real ones."""
    raw = mnist_download.raw_folder(tmp_path)
    raw.mkdir(parents=True)
    for prefix, count in COUNTS.items():
        pixels, labels = _content(prefix)
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">4i", 2051, count, 28, 28) + pixels.tobytes()
        )
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + labels.tobytes())
    digests = {name: hashlib.sha256((raw / name).read_bytes()).hexdigest() for name in mnist_download.DIGESTS}
    for module in (mnist_download, mnist_module):
        monkeypatch.setattr(module, "DIGESTS", digests)
    monkeypatch.setattr(mnist_module, "VALIDATION", 10)
    return tmp_path


def test_images_and_labels_come_as_they_lie_in_the_files(mnist: Path) -> None:
    split = mnist_module.load_mnist(mnist)
    pixels, labels = _content("train")
    assert np.array_equal(
        split.train.images.numpy(), np.float32(pixels[:20].reshape(20, 784) / np.float32(255))
    )
    assert np.array_equal(split.valid.labels.numpy(), labels[20:])
    assert np.array_equal(split.test.labels.numpy(), _content("t10k")[1])
    assert (len(split.train), len(split.valid), len(split.test)) == (20, 10, 12)


@pytest.mark.parametrize("name", list(mnist_download.DIGESTS))
@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_damaged_file_is_named_and_not_loaded(mnist: Path, name: str, damage: str) -> None:
    path = mnist_download.raw_folder(mnist) / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content if damage == "altered" else content[:-1])
    with pytest.raises(BenchError, match=f"not the real MNIST, truncated or altered: .*{name}"):
        mnist_module.load_mnist(mnist)


def test_files_are_read_through_once_a_load_and_on_every_load(
    mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(file: BinaryIO, digest: str) -> object:
        read.append(Path(file.name).name)
        return hashlib.file_digest(file, digest)  # type: ignore[arg-type]

    monkeypatch.setattr(mnist_download, "file_digest", counted)
    assert mnist_module.missing(mnist) == []
    assert read == []
    for loads in (1, 2):
        mnist_module.load_mnist(mnist)
        assert sorted(read) == sorted([*mnist_download.DIGESTS] * loads)


def test_missing_file_is_named_where_nothing_is_fetched(mnist: Path) -> None:
    path = mnist_download.raw_folder(mnist) / "t10k-labels-idx1-ubyte"
    path.unlink()
    assert [file.state for file in mnist_module.describe(mnist)] == ["ok", "ok", "ok", "missing"]
    assert mnist_module.missing(mnist) == [path]
    with pytest.raises(BenchError, match=r"missing: .*t10k-labels-idx1-ubyte"):
        mnist_module.load_mnist(mnist, download=False)


def test_without_any_source_the_error_says_what_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in ("from_mirrors", "from_package"):
        monkeypatch.setattr(mnist_download, source, _unreachable)
    with pytest.raises(BenchError) as raised:
        mnist_module.load_mnist(tmp_path / "new")
    for expected in (
        *mnist_download.DIGESTS,
        str(tmp_path / "new" / "MNIST" / "raw"),
        "--data-dir",
        "no route",
    ):
        assert expected in str(raised.value)


def test_second_source_serves_where_the_first_fails(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {path.name: path.read_bytes() for path in mnist_download.raw_folder(mnist).iterdir()}
    monkeypatch.setattr(mnist_download, "from_mirrors", _unreachable)
    monkeypatch.setattr(mnist_download, "from_package", lambda folder: _write(folder, content))
    fetch(mnist / "other")
    assert {file.state for file in mnist_module.describe(mnist / "other")} == {"ok"}
    assert [path.name for path in (mnist / "other").iterdir()] == ["MNIST"]


def test_source_with_other_content_is_refused(mnist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    false = {path.name: path.read_bytes() + b"x" for path in mnist_download.raw_folder(mnist).iterdir()}
    monkeypatch.setattr(mnist_download, "from_mirrors", lambda folder: _write(folder, false))
    monkeypatch.setattr(mnist_download, "from_package", _unreachable)
    with pytest.raises(BenchError, match="unexpected content in"):
        fetch(mnist / "other")
    assert {file.state for file in mnist_module.describe(mnist / "other")} == {"missing"}


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
    raw = mnist_download.raw_folder(mnist)
    there = {path.name: path.read_bytes() for path in raw.iterdir()}
    write_raw_files(parts, raw)
    assert {path.name: path.read_bytes() for path in raw.iterdir()} == there


def test_another_wheel_is_refused() -> None:
    with pytest.raises(BenchError, match="is not the expected wheel"):
        wheel_arrays(b"PK another wheel")


def test_package_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_download, "MOST_BYTES", 1000)
    assert len(unzipped(gzip.compress(bytes(1000)))) == 1000
    with pytest.raises(BenchError, match="must unpack to 1 to 1,000 bytes but holds more"):
        unzipped(gzip.compress(bytes(1001)))


def test_subset_takes_the_first_and_refuses_too_many(split: Split) -> None:
    part = subset(split, 50, 20, 10)
    assert (len(part.train), len(part.valid), len(part.test)) == (50, 20, 10)
    assert part.train.labels.equal(split.train.labels[:50])
    with pytest.raises(UsageError, match="valid_images must be at most 100 but got 101"):
        subset(split, 50, 101, 10)


def test_data_folder_is_the_one_asked_for_then_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEBENCH_DATA", "/somewhere")
    assert data_folder() == Path("/somewhere")
    assert data_folder(Path("/else")) == Path("/else")
    monkeypatch.delenv("AEBENCH_DATA")
    assert data_folder().name == "aebench"


def test_torchvisions_mnist_imports_beside_this_torch() -> None:
    module = torchvision_mnist()
    assert module.MNIST.__name__ == "MNIST"
    assert torchvision_mnist() is module


def _content(prefix: str) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(COUNTS[prefix])
    count = COUNTS[prefix]
    pixels = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return pixels, generator.integers(0, 10, count, dtype=np.uint8)


def _write(folder: Path, content: dict[str, bytes]) -> None:
    raw = mnist_download.raw_folder(folder)
    raw.mkdir(parents=True)
    for name, value in content.items():
        (raw / name).write_bytes(value)


def _unreachable(folder: Path) -> None:
    raise OSError(f"no route to host for {folder}")
