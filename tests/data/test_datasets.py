"""Data sets by name are read as they lie in their raw files, and fetched by torchvision."""

import gzip
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from hashlib import md5, sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
from idx_files import FASHION, idx_content, write_idx

from bench.cli.data import with_data
from bench.data import catalog, datasets, torchvision_mnist
from bench.data.catalog import DATASETS, Dataset, Source
from bench.data.split import Images, Split
from bench.io.errors import BenchError, UsageError
from bench.plan import Plan

pytestmark = pytest.mark.usefixtures("no_data")
DOWNLOAD = torchvision_mnist.download
PAIR = ("train", "test")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of the files in `mirror/`, on this machine."""
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("no_proxy", "*")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "mirror")) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_raw_files_are_read_as_they_lie(fashion: Path, split: Split) -> None:
    loaded = datasets.load_dataset("fashion-mnist", fashion)
    (training, labels), (test, _) = idx_content(split)
    assert (len(loaded.train), len(loaded.valid), len(loaded.test)) == (550, 50, 200)
    rows = np.float32(training.reshape(600, 784)) / np.float32(255)
    assert np.array_equal(loaded.train.images.numpy(), rows[:550])
    assert np.array_equal(loaded.valid.images.numpy(), rows[550:])
    assert np.array_equal(loaded.valid.labels.numpy(), labels[550:])
    assert np.array_equal(loaded.test.images.numpy() * 255, test.reshape(200, 784))
    assert loaded.shape == (28, 28)


def test_torchvision_itself_finds_the_files_where_they_are_looked_for(fashion: Path, tmp_path: Path) -> None:
    mnist = torchvision_mnist.torchvision_mnist()
    assert len(mnist.FashionMNIST(fashion)) == 600
    kinds = {"mnist": (mnist.MNIST, {}), "kmnist": (mnist.KMNIST, {}),
             "emnist-letters": (mnist.EMNIST, {"split": "letters"})}  # fmt: skip
    for name, (kind, arguments) in kinds.items():
        for images in DATASETS[name].paths(tmp_path)[::2]:
            prefix = images.name.removesuffix("-images-idx3-ubyte")
            write_idx(images.parent, prefix, np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
        for train in (True, False):
            assert len(kind(tmp_path, train=train, **arguments)) == 3


def test_emnist_stands_upright(tmp_path: Path, split: Split) -> None:
    for name, (images, labels) in zip(("train", "test"), idx_content(split), strict=True):
        write_idx(tmp_path / "EMNIST/raw", f"emnist-digits-{name}", images.transpose(0, 2, 1), labels)
    upright = datasets.load_dataset("emnist-digits", tmp_path)
    rounded = (split.train.images * 255).round() / 255
    assert torch.allclose(upright.train.images, rounded[:550], atol=1e-6)


def test_missing_files_are_named_with_their_folder(fashion: Path) -> None:
    for name in FASHION[1:3]:
        (fashion / name).unlink()
    with pytest.raises(BenchError) as raised:
        datasets.fetch_dataset("fashion-mnist", fashion)
    assert str(raised.value) == (
        f"fashion-mnist is not in {fashion} and could not be fetched (torchvision's mirrors: no route to host). "
        f"Put the unpacked files train-labels-idx1-ubyte, t10k-images-idx3-ubyte into {fashion}/FashionMNIST/raw, "
        "or choose another folder with --data-dir or AEBENCH_DATA"
    )
    assert sorted(path.name for path in fashion.iterdir()) == ["FashionMNIST"]


def test_fetching_keeps_what_is_there_and_adds_what_is_not(
    fashion: Path, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = fashion / FASHION[0], fashion / FASHION[1]
    before = gone.read_bytes()
    gone.unlink()

    def download(folder: Path, *_: object) -> None:
        for name, (images, labels) in zip(("train", "t10k"), idx_content(split), strict=True):
            write_idx(folder / "FashionMNIST/raw", name, 255 - images, labels)

    monkeypatch.setattr(torchvision_mnist, "download", download)
    there = kept.read_bytes()
    datasets.fetch_dataset("fashion-mnist", fashion)
    assert (kept.read_bytes(), gone.read_bytes()) == (there, before)


def test_torchvision_fetches_one_data_set_of_a_class(
    fashion: Path, mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = []
    for name in FASHION:
        packed = gzip.compress((fashion / name).read_bytes())
        (tmp_path / "mirror" / f"{Path(name).name}.gz").write_bytes(packed)
        digests.append((f"{Path(name).name}.gz", md5(packed).hexdigest()))
    loader = torchvision_mnist.torchvision_mnist().FashionMNIST
    monkeypatch.setattr(loader, "mirrors", [mirror])
    monkeypatch.setattr(loader, "resources", digests)
    monkeypatch.setattr(torchvision_mnist, "download", DOWNLOAD)
    datasets.fetch_dataset("fashion-mnist", tmp_path / "new")
    assert (
        datasets.load_dataset("fashion-mnist", tmp_path / "new").digest
        == datasets.load_dataset("fashion-mnist", fashion).digest
    )
    assert _files(tmp_path / "new") == sorted(FASHION)


def test_torchvision_fetches_the_data_sets_that_share_an_archive(
    split: Split, mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archived = tmp_path / "mirror" / "gzip.zip"
    parts = [
        f"emnist-{kind}-{part}" for kind in ("digits", "letters", "balanced", "byclass") for part in PAIR
    ]
    for number, prefix in enumerate(parts):
        write_idx(tmp_path / "files", prefix, *idx_content(split)[number % 2])
    with zipfile.ZipFile(archived, "w") as archive:
        for path in (tmp_path / "files").iterdir():
            archive.writestr(f"gzip/{path.name}.gz", gzip.compress(path.read_bytes()))
    loader = torchvision_mnist.torchvision_mnist().EMNIST
    monkeypatch.setattr(loader, "url", f"{mirror}gzip.zip")
    monkeypatch.setattr(loader, "md5", md5(archived.read_bytes()).hexdigest())
    monkeypatch.setattr(torchvision_mnist, "download", DOWNLOAD)
    datasets.fetch_dataset("emnist-letters", tmp_path / "new")
    there = _files(tmp_path / "new")
    assert len(there) == 12
    assert not any("byclass" in name for name in there)
    assert len(datasets.load_dataset("emnist-balanced", tmp_path / "new").test) == 200


def test_entry_may_bring_a_source_digests_and_a_reader_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (144, 3, 4), dtype=np.uint8)
    real = images.tobytes()
    brought = [b"another", real]

    def get(dataset: Dataset, folder: Path) -> None:
        (path,) = dataset.paths(folder)
        path.parent.mkdir(parents=True)
        path.write_bytes(brought.pop(0))

    def read(dataset: Dataset, folder: Path) -> tuple[Images, Images, tuple[int, int]]:
        (path,) = dataset.paths(folder)
        rows = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8).reshape(144, 12) / 255
        whole = Images(rows, torch.zeros(144, dtype=torch.int64))
        return whole[:120], whole[120:], (3, 4)

    sources = (Source("the first", get), Source("the second", get))
    tiny = Dataset(
        "tiny", "Tiny", "tiny", {"all.bin": sha256(real).hexdigest()}, sources, read, pixels=12, first=True
    )
    monkeypatch.setattr(catalog, "DATASETS", {**DATASETS, "tiny": tiny})
    plan = replace(Plan(), dataset="tiny", train_images=20)
    with pytest.raises(
        UsageError, match="widths must start at 12, the pixels of an image of tiny, but got 784"
    ):
        with_data(plan, None, None)
    plan, split = with_data(plan, None, None, widths_given=False)
    assert capsys.readouterr().out.startswith("fetching Tiny into ")
    assert brought == []
    assert (plan.widths[0], plan.valid_images, split.shape) == (12, 10, (3, 4))
    assert np.array_equal(split.train.images.numpy() * 255, images[:20].reshape(20, 12))
    (path,) = tiny.paths(tmp_path / "data")
    path.write_bytes(b"another")
    with pytest.raises(BenchError) as raised:
        datasets.load_dataset("tiny")
    assert str(raised.value) == (
        f"not the real Tiny, truncated or altered: {path}; delete it and run `aebench data --dataset tiny`"
    )


@pytest.mark.parametrize(
    "damage",
    [b"", b"\x00\x00\x08", b"\x00\x00\x08\x03" + bytes(12), b"\x1f\x8b" * 40],
    ids=["empty", "short", "no-images", "packed"],
)
def test_damaged_raw_file_is_one_clear_line(fashion: Path, damage: bytes) -> None:
    path = fashion / FASHION[0]
    path.write_bytes(damage)
    with pytest.raises(BenchError) as raised:
        datasets.load_dataset("fashion-mnist", fashion)
    assert str(raised.value) == (
        f"not IDX files of images and labels, or truncated: {path}, {fashion / FASHION[1]}; "
        "delete them and run `aebench data --dataset fashion-mnist`"
    )


def test_files_that_do_not_belong_together_are_refused(fashion: Path) -> None:
    write_idx(fashion / "FashionMNIST/raw", "t10k", np.zeros((30, 8, 8), np.uint8), np.zeros(30, np.uint8))
    with pytest.raises(BenchError, match=r"training images of \(28, 28\) pixels and test images of \(8, 8\)"):
        datasets.load_dataset("fashion-mnist", fashion)
    (fashion / FASHION[3]).write_bytes((fashion / FASHION[1]).read_bytes())
    with pytest.raises(BenchError, match=r"t10k-images-idx3-ubyte has 30 images but .* has 600 labels"):
        datasets.load_dataset("fashion-mnist", fashion)


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
