"""Whatever stands in a file of data or of a model, it is read as what it says or refused in one line."""

import gzip
import io
import pickle
import struct
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from damaged_copies import ROW as ROW
from damaged_copies import damaged, read_or_refused
from fault_matrix import Row
from idx_files import FASHION, write_idx
from python2_pickles import python2_pickle

from bench.data import datasets, npz_images
from bench.data.catalog import MNIST
from bench.data.mnist_package import read_arrays, unzipped
from bench.data.split import Split
from bench.io.errors import BenchError

IDX, ARCHIVES, ARRAYS, PICKLES, PACKED, RAW = 3_000, 6_000, 6_000, 20_000, 10_000, 2_000
"""Bad inputs: raw files, archives, arrays within sound archives, pickles, gzip files, MNIST's files."""

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (130, 2, 3), dtype=np.uint8)
PARTS = ((np.float32(IMAGES[:2]), np.arange(2)), (np.float32(IMAGES[:1]), np.arange(1)))


@pytest.mark.long
def test_raw_file_is_read_as_it_lies_or_refused(fashion: Path, row: Row) -> None:
    row.inject(IDX)
    random = Random(0)
    names = FASHION[2:]
    sound = {name: (fashion / name).read_bytes() for name in names}
    for _ in range(IDX):
        name = random.choice(names)
        head = random.choice((4, 8, 16, len(sound[name])))
        content = damaged(random, sound[name][:head]) + sound[name][head:]
        (fashion / name).write_bytes(content)
        split = read_or_refused(lambda: datasets.load_dataset("fashion-mnist", fashion))
        if split:
            part = split.test.images * 255 if "images" in name else split.test.labels
            assert part.byte().numpy().tobytes() == content[-part.numel() :]
            assert len(content) - part.numel() == (16 if "images" in name else 8)
        (fashion / name).write_bytes(sound[name])
    row.survive(IDX)


@pytest.mark.long
@pytest.mark.parametrize("inside", [False, True], ids=["archive", "array"])
def test_archive_of_ones_own_is_read_as_numpy_does_or_refused(tmp_path: Path, inside: bool, row: Row) -> None:
    row.inject(ARRAYS if inside else ARCHIVES)
    random, path = Random(1), tmp_path / "my.npz"
    np.savez_compressed(path, images=IMAGES)
    archive = path.read_bytes()
    array = zipfile.ZipFile(io.BytesIO(archive)).read("images.npy")
    for _ in range(ARRAYS if inside else ARCHIVES):
        if inside:
            head = random.choice((12, 128, len(array)))
            with zipfile.ZipFile(path, "w") as file:
                file.writestr("images.npy", damaged(random, array[:head]) + array[head:])
        else:
            path.write_bytes(damaged(random, archive))
        split = read_or_refused(lambda: npz_images.load_archive(path), named=path)
        if split:
            expected = np.load(path)["images"].reshape(-1, split.test.images.shape[1])
            found = torch.cat([split.train.images, split.valid.images, split.test.images])
            assert np.array_equal(found * 255 if expected.dtype == np.uint8 else found, expected)
    row.survive(ARRAYS if inside else ARCHIVES)


@pytest.mark.long
def test_pickle_gives_arrays_of_its_own_bytes_or_is_refused(row: Row) -> None:
    row.inject(PICKLES)
    random, sound = Random(2), python2_pickle(PARTS)
    for _ in range(PICKLES):
        content = damaged(random, sound)
        try:
            found = read_arrays(content)
        except pickle.UnpicklingError:
            continue
        for array in _arrays(found):
            assert array.dtype in (np.float32, np.int64)
            assert array.tobytes() in content
    row.survive(PICKLES)


@pytest.mark.long
def test_packed_file_gives_what_was_packed_or_is_refused(row: Row) -> None:
    row.inject(PACKED)
    random, content = Random(3), IMAGES.tobytes()
    packed = gzip.compress(content)
    for _ in range(PACKED):
        bad = damaged(random, packed)
        assert read_or_refused(lambda bad=bad: unzipped(bad)) in (None, content)
    row.survive(PACKED)


@pytest.mark.long
def test_file_in_place_of_mnists_is_always_seen_to_be_another(tmp_path: Path, row: Row) -> None:
    row.inject(RAW)
    random, raw = Random(5), MNIST.raw(tmp_path)
    raw.mkdir(parents=True)
    content = struct.pack(">2i", 0x801, 20) + bytes(20)
    for _ in range(RAW):
        (raw / "t10k-labels-idx1-ubyte").write_bytes(damaged(random, content))
        assert MNIST.states(tmp_path)[-1].state == "altered"
    row.survive(RAW)


def test_header_that_promises_the_earth_takes_no_memory(tmp_path: Path) -> None:
    array = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": (10**13,)}
    np.lib.format.write_array_header_1_0(array, header)
    path = tmp_path / "my.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("images.npy", array.getvalue() + bytes(100))
    with pytest.raises(BenchError, match="images declares 10,000,000,000,000 bytes but has 100"):
        npz_images.load_archive(path)


@pytest.fixture
def fashion(split: Split, tmp_path: Path) -> Path:
    """Small files, for they are read thousands of times."""
    for name, part, count in (("train", split.train, 130), ("t10k", split.test, 20)):
        pixels = (part.images[:count, :60] * 255).byte().numpy().reshape(count, 6, 10)
        write_idx(tmp_path / "data/FashionMNIST/raw", name, pixels, part.labels[:count].byte().numpy())
    return tmp_path / "data"


def _arrays(value: object) -> list[np.ndarray]:
    return [one for part in value for one in _arrays(part)] if isinstance(value, tuple) else [value]
